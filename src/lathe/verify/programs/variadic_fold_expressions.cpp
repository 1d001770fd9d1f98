// Variadic templates and fold expressions of all four kinds, recursive packs, index sequences and a home-made
// tuple. Provokes flattening of nested aggregates, reassociation and short-circuit folding.
#include <utility>

#include "check.h"

template <class... T>
struct Tuple {};
template <class H, class... T>
struct Tuple<H, T...> {
  H head;
  Tuple<T...> tail;
  explicit Tuple(H h, T... t) : head(h), tail(t...) {}
};
template <class... T>
Tuple(T...) -> Tuple<T...>;
template <int N, class H, class... T>
static auto &get(Tuple<H, T...> &t) {
  if constexpr (N == 0)
    return t.head;
  else
    return get<N - 1>(t.tail);
}
template <class... T, int... I>
static long weigh(Tuple<T...> &t, std::integer_sequence<int, I...>) {
  return (0 + ... + static_cast<long>(get<I>(t) * (I + 1)));
}

static int calls;
static bool probe(int x, int bound) {
  calls++;
  return x < bound;
}
template <class... T>
static bool all_below(int bound, T... x) {
  return (... && probe(x, bound));
}
template <class... T>
static bool any_below(int bound, T... x) {
  return (probe(x, bound) || ...);
}
template <class... T>
static long left_minus(T... x) {
  return (... - x);
}
template <class... T>
static long right_minus(T... x) {
  return (x - ...);
}
template <class... T>
static unsigned shifted(unsigned start, T... x) {
  return (start << ... << x);
}
template <class... T>
static int count_max(int best, T... x) {
  int times = 1;
  ((x > best ? (best = x, times = 1) : x == best ? ++times : 0), ...);
  return best * 10 + times;
}
static int alternate() { return 0; }
template <class... T>
static int alternate(int h, T... t) {
  return h - alternate(t...);
}
template <int... N>
static int table(int i) {
  static const int entries[] = {N..., (N * N)..., (N + ... + 0)};
  return entries[i];
}

int main() noexcept {
  Tuple t(hide(3), hide(2.75), (unsigned char)hide(250), hide(-1L));
  report("weigh", weigh(t, std::make_integer_sequence<int, 4>()));
  get<2>(t)++;
  get<1>(t) *= 2;
  report("reversed", weigh(t, std::integer_sequence<int, 3, 1, 2>()));
  for (int bound = -2; bound <= 2; bound++) {
    calls = 0;
    bool all = all_below(hide(bound), hide(-2), hide(1), hide(0));
    bool any = any_below(hide(bound), hide(0), hide(-1), hide(2));
    printf("bound %d: %d %d after %d\n", bound, all, any, calls);
  }
  expect("left", left_minus(hide(20), hide(7), hide(4)), 9);
  expect("right", right_minus(hide(20), hide(7), hide(4)), 17);
  report("shifted", shifted(hide(3u), hide(1), hide(0), hide(4)));
  for (int x = -2; x <= 0; x++) report("max", count_max(hide(-1), hide(x), hide(-1), hide(x - 1)));
  report("alternate", alternate(hide(9), hide(5), hide(3), hide(1)));
  for (int i = 0; i < 7; i++) report("table", table<4, 7, -2>(hide(i)));
}
