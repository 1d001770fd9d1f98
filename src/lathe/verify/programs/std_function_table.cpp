// std::function objects in arrays: small and large targets, reassignment, empty calls, functions stored
// within functions. Provokes inlining through type-erased managers and invokers.
#include <functional>
#include <new>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

static int live;

struct Large {
  long weights[6];
  Large() : weights{1, 2, 5, 10, 17, 26} { live++; }
  Large(const Large &o) {
    live++;
    for (int i = 0; i < 6; i++) weights[i] = o.weights[i];
  }
  ~Large() { live--; }
  long operator()(long x) {
    long sum = 0;
    for (int i = 0; i < 6; i++) sum += (weights[i] += x & 1) * (x >> i);
    return sum;
  }
};
struct Item {
  long base;
  long scaled(long x) const { return base * x; }
};

static long twice(long x) { return x * 2; }

using Op = std::function<long(long)>;

static Op compose(Op f, Op g) {
  return [f = std::move(f), g = std::move(g)](long x) { return f(g(x)); };
}
static long try_call(const Op &op, long x) {
  if (!op) return -1;
  return op(x);
}

static void run() noexcept {
  {
    long offset = hide(5L);
    Item item{hide(3L)};
    Op table[6] = {
        twice,   [offset](long x) { return x - offset; },   [&offset](long x) { return offset += x; },
        Large(), [item](long x) { return item.scaled(x); }, {}};
    for (long x = 4; x <= 6; x++)
      for (const Op &op : table) report("call", try_call(op, hide(x)));
    report("offset", offset);
    report("live", live);
    Op copy = table[3];  // with the state reached so far
    report("copied", copy(hide(3L)));
    report("original", table[3](hide(2L)));
    report("live", live);
    std::swap(table[0], table[3]);
    table[4] = compose(table[0], compose(table[1], table[2]));
    report("composed", table[4](hide(9L)));
    report("composed", table[4](hide(9L)));
    table[0] = nullptr;
    report("cleared", try_call(table[0], 1));
    report("kept", table[4](hide(1L)));
    int thrown = 0;
    try {
      table[5](hide(0L));
    } catch (const std::bad_function_call &) {
      thrown = 1;
    }
    expect("empty call throws", thrown, 1);
    std::function<long(const Item &, long)> member = &Item::scaled;
    report("member", member(item, hide(14L)));
    Op countdown = [&countdown, &table](long n) { return n <= 0 ? 0 : table[3](n) + countdown(n - 3); };
    for (long n = -1; n <= 6; n++) report("recursive", countdown(hide(n)));
    report("live", live);
  }
  expect("live at the end", live, 0);
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
