// std::list splice, merge, unique and sort, std::deque growing and shrinking at both ends across block
// borders, stable references. Provokes pointer-chasing loops and alias analysis between nodes.
#include <deque>
#include <list>

#include "check.h"

using List = std::list<int>;

static void show(const char *label, const List &l) {
  printf("%s %d:", label, (int)l.size());
  for (int x : l) printf(" %d", x);
  puts("");
}

static int josephus(int n, int k) {
  List circle;
  for (int i = 1; i <= n; i++) circle.push_back(i);
  auto at = circle.begin();
  while (circle.size() > 1) {
    for (int i = 1; i < k; i++)
      if (++at == circle.end()) at = circle.begin();
    at = circle.erase(at);
    if (at == circle.end()) at = circle.begin();
  }
  return circle.front();
}

int main() noexcept {
  List a, b;
  for (int i = 0; i < 6; i++) a.push_back(hide(i * i % 7)), b.push_front(hide(i * 3));
  int &kept = *std::next(b.begin(), 2);
  show("a", a);
  a.splice(std::next(a.begin(), 2), b, std::next(b.begin(), 1), std::next(b.begin(), 4));
  show("spliced", a);
  kept += 100;  // the node has moved, the reference is still good
  show("changed", a);
  a.splice(a.begin(), a, std::prev(a.end()));
  show("rotated", a);
  a.sort();
  b.sort([](int x, int y) { return x > y; });
  show("descending", b);
  b.reverse();
  b.merge(a, [](int x, int y) { return x / 2 < y / 2; });
  show("merged", b);
  b.unique([](int x, int y) { return x == y || x + 1 == y; });
  show("unique", b);
  report("removed", (long long)b.remove_if([](int x) { return x % 3 == hide(0); }));
  show("left", b);
  for (int n = 1; n <= 3; n++) report("josephus", josephus(hide(n), hide(2)));
  expect("josephus", josephus(hide(41), hide(3)), 31);

  std::deque<int> d;
  int &first = d.emplace_back(hide(1000));
  unsigned state = hide(5u);
  long sum = 0;
  for (int i = 0; i < 400; i++) {
    state = state * 1664525u + 1013904223u;
    switch (state >> 29) {
      case 0:
      case 1:
      case 2:
        d.push_front(i);
        break;
      case 3:
        if (d.front() != 1000) sum += d.front(), d.pop_front();
        break;
      case 4:
        if (d.back() != 1000) sum -= d.back(), d.pop_back();
        break;
      default:
        d.push_back(-i);
    }
  }
  size_t place = 0;
  while (&d[place] != &first) place++;
  printf("deque size %d, first at %d, sum %ld\n", (int)d.size(), (int)place, sum);
  d.insert(d.begin() + hide(20), 7, hide(9));
  d.erase(d.begin() + hide(3), d.begin() + hide(15));
  for (size_t i = 0; i < d.size(); i++) sum = (sum * 31 + d[i]) % 1000003;
  report("weighted", sum);
  report("distance", d.end() - d.begin());
}
