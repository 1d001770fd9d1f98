// std::vector of objects that own memory: growth, insertion in the middle (also of its own elements), erase,
// resize and shrink, with counts of live objects. Provokes memcpy/memmove idioms on relocation loops.
#include <new>
#include <utility>
#include <vector>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

static int live, moves, copies;

struct Item {
  int *cell;
  Item(int v = -1) : cell(new int(v)) { live++; }
  Item(const Item &o) : cell(new int(*o.cell)) { live++, copies++; }
  Item(Item &&o) noexcept : cell(std::exchange(o.cell, new int(-99))) { live++, moves++; }
  Item &operator=(Item o) noexcept {
    std::swap(cell, o.cell);
    return *this;
  }
  ~Item() {
    *cell = -7;
    delete cell;
    live--;
  }
};

static void show(const char *label, const std::vector<Item> &v) {
  printf("%s", label);
  for (const Item &i : v) printf(" %d", *i.cell);
  printf(" (live %d%s%s)\n", live, moves ? " moved" : "", copies ? " copied" : "");
  moves = copies = 0;
}

static void run() noexcept {
  {
    std::vector<Item> v;
    for (int i = 0; i < 5; i++) v.emplace_back(hide(i * 10));
    show("built", v);
    v.reserve(16);
    show("reserved", v);
    v.insert(v.begin() + hide(2), v[3]);  // a copy of its own element
    show("own element", v);
    v.insert(v.begin(), (size_t)hide(2), Item(7));
    show("twice in front", v);
    v.erase(v.begin() + hide(1), v.begin() + hide(4));
    show("range erased", v);
    for (int at = 4; at >= 0; at -= 2) v.erase(v.begin() + hide(at));
    show("single erased", v);
    v.resize((size_t)hide(5));
    show("grown", v);
    v.resize((size_t)hide(3), Item(3));
    show("shrunk", v);
    std::vector<Item> w(v.begin(), v.end());
    w.insert(w.end() - hide(1), v.begin(), v.begin() + hide(2));
    show("spliced", w);
    v.swap(w);
    v.assign((size_t)hide(2), Item(6));
    show("assigned", v);
    w = std::move(v);
    show("moved", w);
    while (!w.empty() && *w.back().cell == hide(6)) {
      w.pop_back();
    }
    show("emptied", w);
  }
  expect("live at the end", live, 0);
  std::vector<std::vector<int>> triangle;
  for (int n = 0; n < 12; n++) {
    std::vector<int> row(1, hide(1));
    for (int k = 1; k <= n; k++) {
      const std::vector<int> &above = triangle.back();
      row.push_back(above[(size_t)k - 1] + (k < n ? above[(size_t)k] : 0));
    }
    triangle.push_back(std::move(row));
  }
  for (int k = 0; k <= 11; k += 5) report("binomial", triangle[11][(size_t)hide(k)]);
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
