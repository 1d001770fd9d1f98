// std::atomic under contention and alone: fetch_add, compare_exchange loops, exchange, a spin lock, a
// lock-free stack, release/acquire publication. Provokes atomic expansion and reordering around fences.
#include <atomic>
#include <thread>

#include "check.h"

struct Link {
  int value;
  Link *next;
};
static std::atomic<int> counter, minimum{1 << 20}, maximum{-1};
static std::atomic<unsigned long> product{1};
static std::atomic<unsigned char> narrow;
static std::atomic<Link *> top;
static std::atomic_flag spin = ATOMIC_FLAG_INIT;
static std::atomic<bool> ready;
static int message[4], guarded;

template <class Better>
static int improve(std::atomic<int> &best, int v, Better better) {
  int seen = best.load(std::memory_order_relaxed), changed = 0;
  while (better(v, seen) && !(changed = best.compare_exchange_weak(seen, v))) continue;
  return changed;
}
static void contend(Link *links, int from, int to) {
  for (int i = from; i < to; i++) {
    counter.fetch_add(i, std::memory_order_relaxed);
    narrow.fetch_add(3);
    improve(maximum, i * 37 % 101, [](int a, int b) { return a > b; });
    improve(minimum, i * 37 % 101 + 5, [](int a, int b) { return a < b; });
    unsigned long old = product.load();
    while (!product.compare_exchange_strong(old, old * (2 * (unsigned long)i + 1))) continue;
    links[i].value = i;
    links[i].next = top.load(std::memory_order_relaxed);
    while (!top.compare_exchange_weak(links[i].next, &links[i], std::memory_order_release)) continue;
    while (spin.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    guarded += i & 1 ? 2 : 5;
    spin.clear(std::memory_order_release);
  }
}

int main() noexcept {
  static Link links[90];
  std::thread a(contend, links, hide(0), 45), b(contend, links, 45, hide(90));
  std::thread reader([] {
    while (!ready.load(std::memory_order_acquire)) std::this_thread::yield();
    for (int m : message) guarded += m * 1000;  // the other two have been joined
  });
  a.join();
  b.join();
  for (int i = 0; i < 4; i++) message[i] = hide(i + 6);
  ready.store(true, std::memory_order_release);
  reader.join();
  expect("counter", counter, 4005);
  report("narrow", narrow);
  report("extremes", maximum * 1000 + minimum);
  report("product", (long long)product);
  report("guarded", guarded);
  int length = 0, sum = 0;
  for (Link *l = top; l; l = l->next) length++, sum += l->value * l->value;
  report("stack", length * 1000000 + sum);

  int expected = hide(4);
  std::atomic<int> x = hide(5);
  report("refused", x.compare_exchange_strong(expected, 9) * 100 + expected);
  report("taken", x.compare_exchange_strong(expected, 9) * 100 + expected * 10 + x);
  report("and", x.fetch_and(hide(12)) * 100 + x);
  report("or", x.fetch_or(hide(3)) * 100 + x);
  report("xor", x.fetch_xor(hide(6)) * 100 + x);
  report("sub", x.fetch_sub(hide(20)) * 100 - x);
  report("exchange", x.exchange(hide(2)) * 100 + x);
  report("post", x++ * 100);
  report("pre", --x * 100 + (x -= 3));
  std::atomic<short> wraps = (short)hide(32767);
  report("wraps", ++wraps);
  Link pair[3] = {};
  std::atomic<Link *> at = pair;
  report("pointer", ((at += hide(2)) - pair) * 10 + (at.fetch_sub(1) - pair));
}
