// Tables and functions evaluated at compile time, compared entry by entry with the same code at run time.
// Provokes constant folding, table lookup conversion and loop deletion: both ways must agree.
#include <array>

#include "check.h"

constexpr uint32_t crc_entry(uint32_t i) {
  for (int k = 0; k < 8; k++) i = i & 1 ? 0xedb88320u ^ i >> 1 : i >> 1;
  return i;
}
constexpr int collatz(unsigned n) {
  int steps = 0;
  while (n != 1) {
    n = n % 2 ? 3 * n + 1 : n / 2;
    steps++;
  }
  return steps;
}
constexpr int64_t isqrt(int64_t n) {
  int64_t low = 0, high = 3037000499;
  while (low < high) {
    int64_t mid = (low + high + 1) / 2;
    if (mid * mid <= n)
      low = mid;
    else
      high = mid - 1;
  }
  return low;
}
constexpr unsigned char reversed(unsigned char c) {
  unsigned char r = 0;
  for (int i = 0; i < 8; i++) r = (unsigned char)(r << 1 | (c >> i & 1));
  return r;
}
template <class T, int N, class F>
consteval std::array<T, N> tabulate(F f) {
  std::array<T, N> t{};
  for (int i = 0; i < N; i++) t[(size_t)i] = f(i);
  return t;
}
struct Sieve {
  std::array<unsigned char, 120> composite{};
  int count = 0;
  constexpr explicit Sieve(int limit) {
    for (int i = 2; i < limit; i++) {
      if (composite[(size_t)i]) continue;
      count++;
      for (int j = i * i; j < limit; j += i) composite[(size_t)j] = 1;
    }
  }
};

static constexpr auto crc_table = tabulate<uint32_t, 256>([](int i) { return crc_entry((uint32_t)i); });
static constexpr auto steps = tabulate<int, 100>([](int i) { return collatz((unsigned)i + 1); });
static constexpr auto roots =
    tabulate<int64_t, 64>([](int i) { return isqrt((int64_t)i * i * i - (i > 1)); });
static constexpr auto mirror = tabulate<unsigned char, 256>([](int i) { return reversed((unsigned char)i); });
static constexpr Sieve primes(120);
static_assert(crc_table[255] == 0x2d02ef8d && primes.count == 30 && steps[26] == 111);

int main() noexcept {
  int wrong = 0;
  for (int i = 0; i < 256; i++) {
    wrong += crc_table[(size_t)i] != crc_entry((uint32_t)hide(i));
    wrong += mirror[(size_t)i] != reversed((unsigned char)hide(i)) || mirror[mirror[(size_t)i]] != i;
  }
  for (int i = 0; i < 100; i++) wrong += steps[(size_t)i] != collatz((unsigned)hide(i) + 1);
  for (int64_t i = 0; i < 64; i++) wrong += roots[(size_t)i] != isqrt(hide(i) * i * i - (i > 1));
  expect("wrong", wrong, 0);
  for (int limit = 118; limit <= 120; limit++) report("primes", Sieve(hide(limit)).count);
  Sieve again(hide(120));
  expect("sieve", memcmp(&again.composite, &primes.composite, sizeof again.composite), 0);
  uint32_t crc = ~0u;
  for (const char *p = "123456789"; *p; p++) crc = crc_table[(crc ^ (uint32_t)*p) & 255] ^ crc >> 8;
  expect("crc", ~crc, 0xcbf43926);
  report_bytes("steps", steps.data(), sizeof steps);
  report_bytes("roots", roots.data(), sizeof roots);
  for (int64_t n : {0, 1, 3, 4, 99, 100}) report("isqrt", isqrt(hide(n)));
}
