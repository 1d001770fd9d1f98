// Numeric algorithms and combinatorics: accumulate, inner_product, partial sums, gcd/lcm, permutations in
// order, subset enumeration. Provokes reduction vectorisation, loop interchange and recurrence detection.
#include <algorithm>
#include <numeric>

#include "check.h"

static int inversions(const int *p, int n) {
  int count = 0;
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) count += p[i] > p[j];
  return count;
}

static int queens(int n) {
  int rows[6], found = 0;
  std::iota(rows, rows + n, 0);
  do {
    bool safe = true;
    for (int i = 0; i < n && safe; i++)
      for (int j = i + 1; j < n; j++)
        if (rows[j] - rows[i] == j - i || rows[i] - rows[j] == j - i) safe = false;
    found += safe;
  } while (std::next_permutation(rows, rows + n));
  return found;
}

int main() noexcept {
  unsigned a[37], b[37], sums[37];
  std::iota(a, a + 37, hide(5u));
  std::generate(b, b + 37, [x = hide(1u)]() mutable { return x = x * 69069u + 5u; });
  for (int n : {0, 1, 7, 8, 9, 36, 37}) {
    int m = hide(n);
    report("sum", std::accumulate(a, a + m, 0u));
    report("xor", std::accumulate(b, b + m, 7u, [](unsigned x, unsigned y) { return x ^ (y >> 3); }));
    report("dot", std::inner_product(a, a + m, b, 0u));
    report("differing", std::inner_product(b, b + m, a, 0, std::plus<>(),
                                           [](unsigned x, unsigned y) { return (int)((x ^ y) & 1); }));
  }
  std::partial_sum(b, b + 37, sums);
  std::adjacent_difference(sums, sums + hide(37), sums);
  expect("restored", std::equal(b, b + 37, sums), 1);
  std::exclusive_scan(a, a + 37, sums, hide(3u));
  report("scanned", sums[36]);
  std::transform(a, a + 37, b, a, [](unsigned x, unsigned y) { return x * y + (x > y ? 1 : 0); });
  report_bytes("transformed", a, sizeof a);
  auto [low, high] = std::minmax_element(a, a + 37);
  report("extremes", (low - a) * 100 + (high - a));
  report("gcd", std::gcd(hide(84), hide(-36)) * 1000 + std::lcm(hide(4), hide(6)));
  report("midpoint", std::midpoint(hide(-7), hide(2)) * 100 + std::midpoint(hide(2), hide(-7)));

  int p[] = {hide(2), 1, 3, 1, 0}, seen = 0, weighted = 0;
  std::sort(p, p + 5);
  do {
    weighted = (weighted * 7 + inversions(p, 5) + p[seen % 5]) % 10007;
    seen++;
  } while (std::next_permutation(p, p + 5));
  expect("multiset permutations", seen, 60);
  report("weighted", weighted);
  report("wrapped", std::is_sorted(p, p + 5));
  std::prev_permutation(p, p + 5);
  report("last", p[0] * 10000 + p[1] * 1000 + p[2] * 100 + p[3] * 10 + p[4]);
  static const int known[] = {1, 1, 0, 0, 2, 10, 4};
  for (int n = 1; n <= 6; n++) expect("queens", queens(hide(n)), known[n]);
  int best = 0, exact = 0;
  const int sizes[] = {hide(3), hide(34), hide(4), hide(12), hide(5), hide(2)};
  for (unsigned set = 0; set < 64; set++) {
    int total = 0;
    for (int i = 0; i < 6; i++) total += set >> i & 1 ? sizes[i] : 0;
    if (total <= 30 && total > best) best = total;
    exact += total == 9;
  }
  expect("subset", best * 10 + exact, 262);
}
