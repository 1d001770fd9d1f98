// Partial specialisations, non-type parameters and template template parameters: a small map whose storage,
// hashing and overflow rule are policies. Provokes constant propagation of parameters and dead branch
// removal.
#include "check.h"

template <class T>
struct Kind {
  static constexpr int value = 0;
};
template <class T>
struct Kind<T *> {
  static constexpr int value = 10 + Kind<T>::value;
};
template <class T, int N>
struct Kind<T[N]> {
  static constexpr int value = 100 * N + Kind<T>::value;
};
template <class R, class... A>
struct Kind<R(A...)> {
  static constexpr int value = 1000 * (int)sizeof...(A) + (Kind<A>::value + ... + Kind<R>::value);
};
template <template <class> class Box, class T>
struct Kind<Box<T>> {
  static constexpr int value = 7 + Kind<T>::value;
};
template <class T>
struct Wrap {};

template <unsigned Mask>
struct Mix {
  static unsigned hash(unsigned k) { return ((k ^ k >> 4) * 5) & Mask; }
};
template <unsigned Mask>
struct Plain {
  static unsigned hash(unsigned k) { return k & Mask; }
};
enum class Full { Drop, Overwrite };
template <class V, unsigned Slots, template <unsigned> class Hash = Plain, Full rule = Full::Drop>
class Map {
  static_assert((Slots & (Slots - 1)) == 0);

 public:
  bool put(unsigned key, V value) {
    unsigned h = Hash<Slots - 1>::hash(key);
    for (unsigned i = 0; i < Slots; i++) {
      unsigned at = (h + i) & (Slots - 1);
      if (used_[at] && keys_[at] != key) continue;
      store(at, key, value);
      return true;
    }
    if constexpr (rule == Full::Overwrite) store(h, key, value);
    return rule == Full::Overwrite;
  }
  V get(unsigned key, V none) const {
    unsigned h = Hash<Slots - 1>::hash(key), i = 0;
    while (i < Slots && used_[(h + i) & (Slots - 1)] && keys_[(h + i) & (Slots - 1)] != key) i++;
    unsigned at = (h + i) & (Slots - 1);
    return i < Slots && used_[at] ? values_[at] : none;
  }

 private:
  void store(unsigned at, unsigned key, V value) { used_[at] = true, keys_[at] = key, values_[at] = value; }
  bool used_[Slots] = {};
  unsigned keys_[Slots] = {};
  V values_[Slots] = {};
};

template <class M>
static void exercise(const char *label) {
  M map;
  unsigned state = hide(7u), stored = 0;
  for (int i = 0; i < 11; i++) {
    state = (state * 29 + 11) & 63;
    stored = stored * 2 + map.put(state, (short)(i * 3 - 9));
  }
  long sum = 0;
  for (unsigned key = 0; key < 64; key++) sum = sum * 3 % 1000003 + map.get(hide(key), -20) + 20;
  printf("%s stored %u sum %ld\n", label, stored, sum);
}

int main() noexcept {
  report("kinds", hide(Kind<int **>::value) + Kind<Wrap<int>(int *, char **)>::value);
  report("array", hide(Kind<Wrap<int *>[4]>::value));
  exercise<Map<short, 8>>("plain drop");
  exercise<Map<int, 8, Mix>>("mixed drop");
  exercise<Map<long, 8, Plain, Full::Overwrite>>("plain overwrite");
  exercise<Map<short, 1, Mix, Full::Overwrite>>("single");
}
