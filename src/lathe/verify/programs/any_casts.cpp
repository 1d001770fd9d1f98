// std::any: right and wrong casts, references into the value, emplacement, swaps of small and large contents.
// Provokes inlining of manager functions and comparisons of type identity.
#include <any>
#include <new>
#include <utility>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

static int live;

template <int N>
struct Load {
  int v[N];
  explicit Load(int x) {
    live++;
    for (int i = 0; i < N; i++) v[i] = x + i * i;
  }
  Load(const Load &o) {
    live++;
    for (int i = 0; i < N; i++) v[i] = o.v[i] + 1;
  }
  ~Load() { live--; }
  int area() const {
    int s = 0;
    for (int x : v) s = s * 3 + x;
    return s;
  }
};
struct Unit {
  int area() const { return 1; }
};

template <class T>
static int ask(const std::any &a) {
  const T *p = std::any_cast<T>(&a);
  return p ? p->area() : -1;
}

static void run() noexcept {
  {
    std::any a;
    report("empty", a.has_value());
    a = Load<5>(hide(1));
    report("asked", ask<Load<5>>(a) * 10 + ask<Load<4>>(a));
    std::any b = a, c = Unit();
    std::swap(b, c);
    report("swapped", ask<Load<5>>(c) + ask<Unit>(b));
    a.emplace<Load<1>>(hide(6));
    report("live", live);
    report("emplaced", ask<Load<1>>(a));
    try {
      report("never", std::any_cast<int>(c));
    } catch (const std::bad_any_cast &) {
      report("bad cast", c.type() == typeid(Load<5>));
    }
    std::any row[] = {hide(5), hide(5L), 2.5, static_cast<const char *>("five"), std::any()};
    for (std::any &x : row) {
      if (int *i = std::any_cast<int>(&x)) *i += hide(1);
      int kind = x.type() == typeid(int) ? std::any_cast<int &>(x)++ : x.type() == typeid(long) ? 20 : 30;
      kind += x.type() == typeid(void) ? 100 : 0;
      if (const char **s = std::any_cast<const char *>(&x)) kind += (*s)[hide(2)];
      if (hide(kind) > 30) x.reset();
      report("kind", kind * 10 + x.has_value());
    }
    report("first", std::any_cast<int>(std::move(row[0])));
  }
  expect("live", live, 0);
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
