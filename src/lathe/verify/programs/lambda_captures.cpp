// Closures which capture by value, by reference, by move and with initialisers, some mutable, some returned
// or copied half way. Provokes SROA of closure objects and argument promotion of their `this`.
#include <utility>

#include "check.h"

struct Owner {
  int *cell;
  explicit Owner(int v) : cell(new int(v)) {}
  Owner(Owner &&o) noexcept : cell(std::exchange(o.cell, nullptr)) {}
  Owner(const Owner &o) : cell(new int(*o.cell + 100)) {}  // visibly a copy
  ~Owner() { delete cell; }
};

static auto counter(int from, int by) {
  return [from, by, calls = 0]() mutable {
    calls++;
    return from += calls >= 3 ? 2 * by : by;
  };
}
static auto adder(int a) {
  return [=](int b) { return [=](int c) { return a * 100 + b * 10 + c; }; };
}

struct Meter {
  int level = 1;
  auto by_pointer() {
    return [this](int n) { return level += n; };
  }
  auto by_copy() {
    return [*this](int n) mutable { return level += n; };
  }
};

template <class F>
static int apply(F &&f, int n) {
  int last = 0;
  for (int i = 0; i < n; i++) last = f(i);
  return last;
}

int main() noexcept {
  auto c = counter(hide(10), hide(3));
  c();
  auto d = c;  // copies the state after one call
  for (int i = 0; i < 3; i++) {
    report("original", c());
    if (i) report("copy", d());
  }
  int total = 0, limit = hide(4);
  auto accumulate = [&total, limit](int n) { return total += n < limit ? n : n == limit ? 50 : -1; };
  for (int n = 3; n <= 7; n++) report("last", apply(accumulate, hide(n)));
  limit = 0;  // the closure has its own
  report("unchanged", accumulate(hide(3)));
  report("total", total);
  for (int b = 0; b < 3; b++) report("curried", adder(hide(b + 1))(hide(b + 2))(hide(9)));

  Owner owner(hide(7));
  auto reads = [&owner] { return owner.cell ? *owner.cell : -1; };
  auto copied = [owner] { return *owner.cell; };
  report("before", reads());
  auto moved = [o = std::move(owner), extra = hide(2)]() mutable { return *o.cell += extra; };
  report("after", reads());
  report("copied", copied());
  auto second = std::move(moved);
  report("moved", second());
  report("moved", second());
  auto third = second;
  report("copy of moved", third());

  Meter m;
  auto shared = m.by_pointer();
  auto frozen = m.by_copy();
  for (int n = 1; n <= 3; n++) {
    report("shared", shared(hide(n)));
    report("frozen", frozen(hide(n * 10)));
  }
  report("meter", m.level);
  int (*plain)(int) = [](int x) { return x > 5 ? x - 5 : 5 - x; };
  for (int x = 4; x <= 6; x++) report("plain", plain(hide(x)));
}
