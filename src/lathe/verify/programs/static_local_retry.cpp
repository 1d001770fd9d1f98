// Function-local statics: initialised on first use only, retried when the initialiser throws, one per
// instantiation, some left untouched. Provokes folding of guard variables and hoisting of guarded loads out
// of loops.
#include "check.h"

static int attempts, built, torn_down;

struct Service {
  int id;
  explicit Service(int fail_below) : id(attempts++) {
    if (id < fail_below) throw id * 10 + 1;
    built++;
  }
  ~Service() { torn_down++; }
};

static Service &service(int fail_below) {
  static Service s(fail_below);
  return s;
}

static int memo(int n) {  // a table filled on first use
  static const struct Table {
    int squares[16];
    Table() {
      for (int i = 0; i < 16; i++) squares[i] = (i - 3) * (i - 3) + hide(0);
      built += 100;
    }
  } table;
  return table.squares[n];
}

template <class T>
static T next() {
  static T value = static_cast<T>(hide(250));
  return value++;
}

static int loop(int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; i++) {
    if (i == 2) continue;
    static int first = i + rounds * 10;  // keeps what the very first pass saw
    int *cell = i % 2 ? &first : &sum;
    *cell += 3;
    sum += first;
  }
  return sum;
}

static int fibonacci(int n) {
  static int cache[40];
  if (n < 2) return n;
  if (cache[n] == 0) cache[n] = fibonacci(n - 1) + fibonacci(n - 2), attempts++;
  return cache[n];
}

static Service &unused() {
  static Service s(1000);
  return s;
}

int main() noexcept {
  static struct Check {
    ~Check() { report("torn down", torn_down); }
  } check;
  for (int i = 0; i < 5; i++) {
    try {
      report("service", service(hide(2)).id * 100 + built);
    } catch (int code) {
      report("failed", code);
    }
  }
  for (int n = 0; n < 16; n += 5) report("memo", memo(hide(n)) * 1000 + built);
  for (int i = 0; i < 7; i++) report("next", next<unsigned char>()), report("wide", next<short>());
  for (int rounds = 0; rounds <= 4; rounds++) report("loop", loop(hide(rounds)));
  attempts = 0;
  expect("fibonacci", fibonacci(hide(39)), 63245986);
  expect("fibonacci", fibonacci(hide(38)), 39088169);
  expect("computed once", attempts, 38);
  if (hide(0)) report("unused", unused().id);
}
