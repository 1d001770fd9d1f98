// Throw and catch by value, by reference and by base: handler selection, lifetime of the exception object,
// and changes seen (or not) by an outer handler after a rethrow. Provokes invoke/landing pad simplification.
#include "check.h"

namespace {
int alive;

struct Fault {
  int code;
  explicit Fault(int c) : code(c) { alive++; }
  Fault(const Fault &o) : code(o.code) { alive++; }
  virtual ~Fault() { alive--; }
  virtual int weight() const { return code; }
};
struct Range : Fault {
  int bound;
  Range(int c, int b) : Fault(c), bound(b) {}
  int weight() const override { return code * 100 + bound; }
};
struct Fatal final : Range {
  using Range::Range;
  int weight() const override { return -Range::weight(); }
};

int checked(int x) {
  if (x < -4) throw x;
  if (x < 0) throw Fatal(-x, 7);
  if (x >= 8) throw Range(x, 8);
  if (x == 5) throw Fault(5);
  if (x == 6) throw "six";
  return x * x;
}

int by_reference(int x) {
  try {
    return checked(x);
  } catch (const Fatal &f) {
    return 10000 + f.weight();
  } catch (Fault &f) {
    return 20000 + f.weight();
  } catch (int i) {
    return 30000 + i;
  } catch (const char *s) {
    return 40000 + s[0];
  }
}

int by_value(int x) {  // slices: the base's weight() runs
  try {
    return checked(x);
  } catch (Range r) {
    return 50000 + r.weight();
  } catch (Fault f) {
    return 60000 + f.weight();
  } catch (...) {
    return 70000;
  }
}

int through_two(int x, bool reference) {
  try {
    try {
      return checked(x);
    } catch (Range &r) {
      if (reference) r.bound += 3;
      Range copy = r;
      copy.bound += 50;
      r.code += copy.bound == 61 ? 1 : 2;
      throw;
    }
  } catch (Fault f) {
    return f.weight() * 2;
  } catch (...) {
    return -1;
  }
}
}  // namespace

int main() {
  for (int x = -6; x <= 9; x++) {
    int a = by_reference(hide(x)), b = by_value(hide(x));
    int c = through_two(hide(x), false), d = through_two(hide(x), true);
    printf("%d: %d %d %d %d, alive %d\n", x, a, b, c, d, alive);
  }
  expect("alive", alive, 0);
}
