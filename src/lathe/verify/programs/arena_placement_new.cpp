// A bump arena with placement new, explicit destructor calls and objects that change type in the same
// storage. Provokes type-based alias analysis, alignment assumptions and store-to-load forwarding across
// lifetimes.
#include <new>
#include <utility>

#include "check.h"

class Arena {
 public:
  void *take(size_t size, size_t align) {
    size_t at = (used_ + align - 1) & ~(align - 1);
    if (at + size > sizeof bytes_) throw std::bad_alloc();
    used_ = at + size;
    return bytes_ + at;
  }
  template <class T, class... A>
  T *make(A &&...a) {
    return new (take(sizeof(T), alignof(T))) T(std::forward<A>(a)...);
  }
  size_t used() const { return used_; }
  void rewind(size_t to) { used_ = to; }

 private:
  alignas(32) unsigned char bytes_[256];
  size_t used_ = 0;
};

struct Shape {
  virtual int area() const = 0;
  virtual ~Shape() = default;
};
static int destroyed;
struct Square final : Shape {
  int side;
  explicit Square(int s) : side(s) {}
  ~Square() override { destroyed += 1; }
  int area() const override { return side * side; }
};
struct Box final : Shape {
  int w, h;
  Box(int a, int b) : w(a), h(b) {}
  ~Box() override { destroyed += 100; }
  int area() const override { return w * h; }
};
struct alignas(32) Wide {
  unsigned char c[32];
};

static int recycle(int rounds) {  // one storage, alternating dynamic types
  alignas(16) unsigned char room[32];
  static_assert(sizeof(Square) <= 32 && sizeof(Box) <= 32);
  int total = 0;
  for (int i = 0; i < rounds; i++) {
    Shape *s = i % 3 == 1 ? static_cast<Shape *>(new (room) Box(i, i + 1)) : new (room) Square(i);
    total = total * 3 + s->area();
    s->~Shape();
    int *raw = new (room) int[2]{i, total};
    total += raw[0] - (raw[1] & 1);
    float *real = new (room) float((float)i * 0.5f);
    total += *real >= 1.5f;
  }
  return total;
}

int main() noexcept {
  Arena arena;
  for (int round = 0; round < 3; round++) {
    char *c = arena.make<char>((char)hide('a'));
    double *d = arena.make<double>(hide(round * 0.25));
    short *s = arena.make<short>((short)hide(round - 1));
    Shape *shape =
        round == 1 ? static_cast<Shape *>(arena.make<Box>(hide(4), 6)) : arena.make<Square>(hide(5));
    report("used", (long long)arena.used());
    report("sum", *c + *s * 1000 + shape->area());
    report_double("double", *d + 1);
    shape->~Shape();
    if (round == 1) arena.rewind(0);
  }
  int wide = 0;
  try {
    for (;; wide++) arena.make<Wide>()->c[31] = (unsigned char)wide;
  } catch (const std::bad_alloc &) {
    report("full", (long long)arena.used());
  }
  report("wide", wide);
  for (int rounds = 0; rounds <= 5; rounds++) report("recycled", recycle(hide(rounds)));
  report("destroyed", destroyed);
}
