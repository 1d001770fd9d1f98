// Calls whose target can be known: final classes, objects just built, calls in constructors and destructors
// (which see the class under construction), deletion through a base. Provokes devirtualisation from vtable
// stores.
#include "check.h"

namespace {
char trace[96];
int length;

struct Base {
  int x;
  explicit Base(int v) : x(v) { x += tag(); }
  virtual ~Base() { trace[length++] = (char)('A' + tag() + (x & 1)); }
  virtual int tag() const { return 1; }
  virtual int step(int n) { return x += n; }
  int twice(int n) {
    int first = step(n);
    return first + step(-n / 2);
  }
};
struct Middle : Base {
  explicit Middle(int v) : Base(v) { x += 10 * tag(); }
  ~Middle() override { trace[length++] = (char)('K' + tag()); }
  int tag() const override { return 2; }
  int step(int n) override { return x < 40 ? Base::step(2 * n) : x; }
};
struct Last final : Middle {
  int calls = 0;
  explicit Last(int v) : Middle(v) { x += 100 * tag(); }
  ~Last() override { trace[length++] = (char)('U' + tag() + (calls > 4)); }
  int tag() const override { return 3; }
  int step(int n) override {
    calls++;
    return Middle::step(n) - calls;
  }
};
struct Cautious : Base {
  using Base::Base;
  int tag() const final { return x > 20 ? 5 : 4; }
  int step(int n) final { return Base::step(n > 3 ? 3 : n); }
};

int drive(Base &b, int n) {
  int moved = b.twice(n);
  return moved * 10 + b.tag();
}
int exact(Last &l, int n) { return l.twice(n) * 10 + l.tag(); }  // final: direct calls allowed
int local(int v) {
  Middle m(v);
  Base &b = m;
  int driven = drive(b, v);
  return driven + m.step(1);
}
Base *create(int kind, int v) {
  switch (kind) {
    case 0:
      return new Base(v);
    case 1:
      return new Middle(v);
    case 2:
      return new Last(v);
    default:
      return new Cautious(v);
  }
}
}  // namespace

int main() noexcept {
  for (int kind = 0; kind < 4; kind++) {
    for (int v = 2; v <= 18; v += 8) {
      Base *b = create(hide(kind), hide(v));
      int first = drive(*b, hide(4)), second = drive(*b, hide(7));
      printf("kind %d: %d %d %d\n", kind, first, second, b->x);
      delete b;
    }
  }
  for (int v = -17; v <= 20; v += v < 0 ? 34 : 1) report("local", local(hide(v)));
  {
    Last last(hide(-290));
    for (int n = 0; n < 3; n++) report("exact", exact(last, hide(n)));
    report("qualified", last.Base::step(hide(5)));
    report("qualified", last.Middle::step(hide(5)));
  }
  printf("trace %s\n", trace);
}
