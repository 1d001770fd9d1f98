// The curiously recurring template: static polymorphism, operators and counters injected by a base class,
// mixins several layers deep. Provokes inlining of empty bases and of downcasts that must cost nothing.
#include "check.h"

namespace {
template <class D>
struct Comparable {
  friend bool operator>(const D &a, const D &b) { return b < a; }
  friend bool operator<=(const D &a, const D &b) { return !(b < a); }
  friend bool operator>=(const D &a, const D &b) { return !(a < b); }
};
template <class D>
struct Counted {
  static inline int alive = 0, peak = 0;
  Counted() {
    if (++alive > peak) peak = alive;
  }
  Counted(const Counted &) : Counted() {}
  ~Counted() { alive--; }
};
template <class D>
struct Shape {
  const D &self() const { return static_cast<const D &>(*this); }
  long cost(int n) const { return self().area() * n + self().corners(); }
  int corners() const { return 4; }  // the default; a derived class may hide it
};

struct Version : Comparable<Version>, Counted<Version> {
  int major, minor;
  Version(int a, int b) : major(a), minor(b) {}
  friend bool operator<(const Version &a, const Version &b) {
    return a.major != b.major ? a.major < b.major : a.minor < b.minor;
  }
};
struct Rect : Shape<Rect>, Counted<Rect> {
  int w, h;
  Rect(int a, int b) : w(a), h(b) {}
  long area() const { return (long)w * h; }
};
struct Triangle : Shape<Triangle> {
  int base, height;
  Triangle(int b, int h) : base(b), height(h) {}
  long area() const { return (long)base * height / 2; }
  int corners() const { return 3; }
};

struct Core {
  unsigned char put(unsigned char c) { return c; }
};
template <class Next>
struct Rotate : Next {
  unsigned char put(unsigned char c) { return Next::put((unsigned char)(c << 3 | c >> 5)); }
};
template <class Next>
struct Chain : Next {
  unsigned char last = 0x5a;
  unsigned char put(unsigned char c) { return last = Next::put(c ^ last); }
};
template <class Next, int Every>
struct Skip : Next {
  int seen = 0;
  unsigned char put(unsigned char c) { return ++seen % Every == 0 ? c : Next::put(c); }
};
}  // namespace

int main() noexcept {
  const Version base(hide(0), hide(0));
  for (int a = -1; a <= 1; a++)
    for (int b = -1; b <= 1; b++) {
      Version v(hide(a), hide(b));
      report("order", (v < base) + 2 * (v > base) + 4 * (v <= base) + 8 * (v >= base));
    }
  {
    Rect r(hide(3), hide(4)), copy = r;
    copy.w += 2;
    report("rect", r.cost(hide(10)) * 1000 + copy.cost(hide(2)));
    report("alive", Counted<Rect>::alive * 10 + Counted<Version>::alive);
  }
  report("triangle", Triangle(hide(7), hide(5)).cost(hide(2)));
  report("peak", Counted<Rect>::peak * 10 + Counted<Version>::peak + Counted<Rect>::alive);
  Skip<Chain<Rotate<Chain<Core>>>, 4> pipe;
  for (int i = 0; i < 9; i++) report("pipe", pipe.put((unsigned char)hide(i * 29)));
}
