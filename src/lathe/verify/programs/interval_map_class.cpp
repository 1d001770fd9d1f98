// A map from half-open intervals to values, splitting and joining neighbours on assignment, on std::map;
// compared with a plain array. Provokes code motion around iterator steps and comparison chains.
#include <map>
#include <new>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

class IntervalMap {
 public:
  explicit IntervalMap(int v) { starts_[-1000] = v; }
  void assign(int from, int to, int value) {  // [from, to)
    if (from >= to) return;
    auto end = split(to);
    auto begin = split(from);
    starts_.erase(std::next(begin), end);
    begin->second = value;
    join(end);
    join(begin);
  }
  template <class F>
  void update(int from, int to, F f) {
    if (from >= to) return;
    auto end = split(to);
    for (auto it = split(from); it != end; ++it) it->second = f(it->second);
    for (auto it = starts_.upper_bound(from - 1); it != starts_.end();) join(it++);
  }
  int at(int x) const { return std::prev(starts_.upper_bound(x))->second; }
  int pieces() const { return (int)starts_.size(); }
  void show() const {
    for (auto [start, value] : starts_)
      printf("[%d %d%s", start, value, start == starts_.rbegin()->first ? "\n" : "");
  }

 private:
  using Iterator = std::map<int, int>::iterator;
  Iterator split(int at) {
    auto it = std::prev(starts_.upper_bound(at));
    if (it->first == at) return it;
    return starts_.emplace_hint(std::next(it), at, it->second);
  }
  void join(Iterator it) {
    if (it != starts_.begin() && std::prev(it)->second == it->second) starts_.erase(it);
  }
  std::map<int, int> starts_;
};

static void run() noexcept {
  IntervalMap m(hide(0));
  int plain[64] = {}, differ = 0;
  const int script[][3] = {{10, 20, 5}, {20, 30, 5}, {15, 16, 7}, {15, 16, 5}, {5, 10, 6}, {12, 12, 9},
                           {13, 12, 9}, {0, 64, 3},  {63, 64, 4}, {0, 1, 4},   {1, 63, 4}, {30, 33, 8}};
  for (const auto &s : script) {
    m.assign(hide(s[0]), hide(s[1]), hide(s[2]));
    m.show();
    for (int i = s[0]; i < s[1]; i++) plain[i] = s[2];
    for (int i = 0; i < 64; i++) differ += m.at(hide(i)) != plain[i];
  }
  unsigned state = hide(5u), pieces = 0;
  for (int round = 0; round < 60; round++) {
    state = state * 22695477u + 1u;
    int from = (int)(state >> 26), to = from + (int)(state >> 20 & 15), value = (int)(state >> 16 & 3);
    if (to > 64) to = 64;
    if (round % 4 == 3) {
      m.update(hide(from), hide(to), [=](int v) { return v > value ? v - 1 : value; });
      for (int i = from; i < to; i++) plain[i] = plain[i] > value ? plain[i] - 1 : value;
    } else {
      m.assign(hide(from), hide(to), value);
      for (int i = from; i < to; i++) plain[i] = value;
    }
    pieces = pieces * 3 + (unsigned)m.pieces();
    for (int i = 0; i < 64; i++) differ += m.at(i) != plain[i];
  }
  report("pieces", pieces);
  report("outside", m.at(hide(-1)) * 10 + m.at(hide(64)));
  m.show();
  expect("differ", differ, 0);
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
