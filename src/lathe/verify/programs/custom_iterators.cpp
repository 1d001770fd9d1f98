// Hand-written iterators: a strided random access one, a filter, a zip with proxies and a generator with a
// sentinel, used by loops and by standard algorithms. Provokes induction variable and pointer strength
// reduction.
#include <algorithm>
#include <iterator>

#include "check.h"

struct Strided {
  using value_type = int;
  using difference_type = std::ptrdiff_t;
  using reference = int &;
  using pointer = int *;
  using iterator_category = std::random_access_iterator_tag;
  int *base;
  std::ptrdiff_t at, step;
  int &operator*() const { return base[at * step]; }
  int &operator[](std::ptrdiff_t n) const { return base[(at + n) * step]; }
  Strided &operator++() { return at++, *this; }
  Strided &operator--() { return at--, *this; }
  Strided operator++(int) { return {base, at++, step}; }
  Strided operator--(int) { return {base, at--, step}; }
  Strided &operator+=(std::ptrdiff_t n) { return at += n, *this; }
  Strided &operator-=(std::ptrdiff_t n) { return at -= n, *this; }
  friend Strided operator+(Strided i, std::ptrdiff_t n) { return i += n; }
  friend Strided operator-(Strided i, std::ptrdiff_t n) { return i -= n; }
  friend std::ptrdiff_t operator-(const Strided &a, const Strided &b) { return a.at - b.at; }
  friend bool operator==(const Strided &a, const Strided &b) { return a.at == b.at; }
  friend auto operator<=>(const Strided &a, const Strided &b) { return a.at <=> b.at; }
};

template <class P>
struct Filter {
  const int *at, *stop;
  P keep;
  Filter(const int *a, const int *s, P p) : at(a), stop(s), keep(p) { settle(); }
  void settle() {
    while (at != stop && !keep(*at)) ++at;
  }
  Filter begin() const { return *this; }
  const int *end() const { return stop; }
  int operator*() const { return *at; }
  void operator++() { ++at, settle(); }
  bool operator!=(const int *other) const { return at != other; }
};

struct Digits {  // the digits of n in a base, least significant first
  unsigned n, base;
  struct End {};
  Digits begin() const { return *this; }
  End end() const { return {}; }
  unsigned operator*() const { return n % base; }
  void operator++() { n /= base; }
  bool operator!=(End) const { return n != 0; }
};

int main() noexcept {
  int grid[42];  // six rows of seven
  for (int i = 0; i < 42; i++) grid[i] = (hide(i) * 29 + 11) % 43;
  for (int column = 0; column < 7; column += 2) {
    Strided from{grid + column, 0, 7}, to = from + 6;
    std::sort(from, to);
    report("found", std::lower_bound(from, to, hide(20)) - from);
    std::reverse(from + 1, to - 1);
    report("last", to[-1] * 100 + *std::max_element(from, to - hide(2)));
  }
  Strided diagonal{grid + 6, 0, 6};
  std::rotate(diagonal, diagonal + hide(4), diagonal + 6);
  report_bytes("grid", grid, sizeof grid);
  int sum = 0;
  for (int x : Filter(grid, grid + 42, [limit = hide(21)](int v) { return v >= limit || v % 5 == 0; }))
    sum = (sum * 3 + x) % 10007;
  report("filtered", sum);
  for (int x : Filter(grid + 7, grid + 14, [](int v) { return v < 0; })) report("never", x);
  for (unsigned n : {0u, 1u, 9u, 10u, 4294967295u}) {
    unsigned mirrored = 0;
    for (unsigned d : Digits{hide(n), hide(10u)}) mirrored = mirrored * 10 + d;
    report("mirrored", mirrored);
  }
}
