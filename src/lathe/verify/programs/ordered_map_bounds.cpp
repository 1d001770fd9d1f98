// std::map and std::set: bounds at, below and above keys, hints, custom order, node extraction, a count of
// the comparisons' outcomes. Provokes tail recursion in tree walks and select formation in comparison chains.
#include <map>
#include <new>
#include <set>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

struct ByDigits {  // by sum of digits, then by value
  static int digits(int x) {
    int s = 0;
    for (; x > 0; x /= 10) s += x % 10;
    return s;
  }
  bool operator()(int a, int b) const {
    int p = digits(a), q = digits(b);
    return p != q ? p < q : a < b;
  }
};

static void run() noexcept {
  std::map<int, int, ByDigits> m;
  unsigned state = hide(3u);
  for (int i = 0; i < 30; i++) {
    state = state * 22695477u + 1u;
    int key = (int)(state >> 16 & 63);
    auto [at, fresh] = m.try_emplace(key, i);
    if (!fresh) at->second = at->second * 2 + 1;
  }
  for (const auto &[key, value] : m) printf("%d=%d ", key, value);
  puts("");
  for (int key = 16; key <= 20; key++) {
    auto low = m.lower_bound(hide(key)), high = m.upper_bound(hide(key));
    printf("bounds of %d: %d %d, %d between\n", key, low == m.end() ? -1 : low->first,
           high == m.end() ? -1 : high->first, (int)std::distance(low, high));
  }
  int erased = 0;
  for (auto it = m.begin(); it != m.end();) {
    if (it->second % 2 == 0)
      it = m.erase(it), erased++;
    else
      ++it;
  }
  report("erased", erased);
  report("erased by key", (long long)(m.erase(hide(63)) * 10 + m.erase(m.begin()->first)));
  auto node = m.extract(m.begin());
  node.key() = hide(99);
  node.mapped() = 12;
  auto placed = m.insert(std::move(node));
  report("reinserted", placed.inserted * 100 + (placed.position == std::prev(m.end())));
  std::multiset<int> bag;
  auto hint = bag.end();
  for (int x : {5, 3, 5, 8, 5, 1, 8}) hint = bag.insert(hint, hide(x));
  for (int x = 0; x <= 9; x += 1 + (x == 5)) report("count", (long long)bag.count(hide(x)));
  bag.erase(bag.find(hide(5)));
  auto [from, to] = bag.equal_range(hide(5));
  long weighted = 0;
  for (auto it = bag.rbegin(); it != bag.rend(); ++it) weighted = weighted * 10 + *it;
  report("reverse", weighted);
  report("range", std::distance(from, to) * 10 + std::distance(bag.begin(), from));
  std::set<std::pair<int, int>> pairs;
  for (int i = 0; i < 12; i++) pairs.emplace(hide(i % 3), hide(i % 4));
  auto it = pairs.lower_bound({hide(1), hide(2)});
  report("pairs", (long long)pairs.size() * 100 + it->first * 10 + it->second);
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
