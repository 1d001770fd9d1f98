// std::span views, tuples and pairs taken apart by structured bindings (also of own types), ties and
// lexicographic comparison. Provokes SROA of aggregates returned by value and pointer/length range checks.
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include "check.h"

struct Slice {
  int low, high;
  short flags[2];
};
struct Fraction {
  int n_, d_;
  template <size_t I>
  int get() const {
    if constexpr (I == 0)
      return n_ / d_;
    else if constexpr (I == 1)
      return n_ % d_;
    else
      return d_;
  }
};
template <>
struct std::tuple_size<Fraction> : std::integral_constant<size_t, 3> {};
template <size_t I>
struct std::tuple_element<I, Fraction> {
  using type = int;
};

static std::tuple<int, int, long> extremes(std::span<const int> s) {
  int low = 99, high = -99;
  long sum = 0;
  for (int x : s) low = x < low ? x : low, high = x > high ? x : high, sum += x;
  return {low, high, sum};
}
static int search(std::span<const int> s, int x) {  // first element not below x
  int skipped = 0;
  while (!s.empty()) {
    size_t half = s.size() / 2;
    if (s[half] < x) {
      skipped += (int)half + 1;
      s = s.subspan(half + 1);
    } else {
      s = s.first(half);
    }
  }
  return skipped;
}
template <size_t N>
static void reverse(std::span<int, N> s) {
  for (size_t i = 0, j = s.size(); i + 1 < j; i++) std::swap(s[i], s[--j]);
}

int main() noexcept {
  std::array<int, 11> a{};
  for (int i = 0; i < 11; i++) a[(size_t)i] = hide(i * i * 5 % 23 - 6);
  for (size_t n = 0; n <= 11; n += 1 + (n > 1) * 4 + (n > 6) * 2) {
    auto [low, high, sum] = extremes(std::span(a).last(hide(n)));
    printf("last %d: %d %d %ld\n", (int)n, low, high, sum);
  }
  reverse(std::span(a).subspan(hide(2u), hide(6u)));
  reverse(std::span(a).first<4>());
  reverse(std::span<int>(a).last(hide(1u)));
  report_bytes("reversed", a.data(), sizeof a);
  const int sorted[] = {-3, 0, 0, 4, 9, 9, 12};
  for (int x : {-4, -3, 0, 1, 9, 12, 13}) report("search", search(sorted, hide(x)));
  Slice slice{hide(3), hide(8), {1, 2}};
  auto &[low, high, flags] = slice;
  auto [copied, unused, other] = slice;
  std::tie(low, high) = std::pair(high, low - copied);
  flags[hide(1)] = (short)(other[0] + unused);
  report("slice", slice.low * 1000 + slice.high * 100 + slice.flags[1] * 10 + copied);
  for (int n = -7; n <= 7; n += 7) {
    auto [whole, rest, by] = Fraction{hide(n), hide(3)};
    report("fraction", whole * 100 + rest * 10 + by);
  }
  const std::tuple<int, char, double> rows[] = {
      {1, 'b', 0.5}, {1, 'b', hide(0.25)}, {1, 'a', 9}, {hide(0), 'z', 1}};
  for (const auto &x : rows) {
    int row = 0;
    for (const auto &y : rows) row = row * 4 + (x < y) * 2 + (x == y);
    report("row", row);
  }
  report("apply", std::apply([](auto... v) { return (0L + ... + (long)(v * 4)); }, rows[hide(1)]));
}
