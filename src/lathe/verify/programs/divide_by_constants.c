// Divisions and remainders by constants become multiplications by magic numbers: every kind of divisor
// (small, large, odd, even, negative, near the limits) against dividends beside the multiples of it, signed
// and unsigned.
#include "check.h"

#define DIVIDERS(width, name, by)                                                     \
  static void name(uint##width##_t u, uint64_t *hash) {                               \
    int##width##_t s = (int##width##_t)u;                                             \
    *hash = (*hash ^ (uint64_t)(u / (uint##width##_t)(by))) * 1099511628211u;         \
    *hash = (*hash ^ (uint64_t)(u % (uint##width##_t)(by))) * 1099511628211u;         \
    *hash = (*hash ^ (uint64_t)(int64_t)(s / (int##width##_t)(by))) * 1099511628211u; \
    *hash = (*hash ^ (uint64_t)(int64_t)(s % (int##width##_t)(by))) * 1099511628211u; \
    *hash = (*hash ^ (uint64_t)(s % (int##width##_t)(by) == 0)) * 1099511628211u;     \
  }

DIVIDERS(8, byte_by_3, 3)
DIVIDERS(8, byte_by_minus_7, -7)
DIVIDERS(16, half_by_10, 10)
DIVIDERS(16, half_by_641, 641)
DIVIDERS(32, word_by_3, 3)
DIVIDERS(32, word_by_7, 7)
DIVIDERS(32, word_by_minus_5, -5)
DIVIDERS(32, word_by_1000000007, 1000000007)
DIVIDERS(32, word_by_limit, INT32_MAX)
DIVIDERS(64, long_by_10, 10)
DIVIDERS(64, long_by_minus_11, -11)
DIVIDERS(64, long_by_1000000000, 1000000000)

// Dividends k * by - 1, k * by and k * by + 1 for k around zero, and the ends of the type.
#define EXERCISE(width, name, by)                                                                     \
  do {                                                                                                \
    uint64_t hash = 14695981039346656037u;                                                            \
    for (int k = -6; k <= 6; k++)                                                                     \
      for (int delta = -1; delta <= 1; delta++)                                                       \
        name((uint##width##_t)((uint64_t)(int64_t)k * (uint64_t)(int64_t)hide(by) + (uint64_t)delta), \
             &hash);                                                                                  \
    for (int end = -2; end <= 2; end++)                                                               \
      name((uint##width##_t)(((uint64_t)1 << (width - 1)) + (uint64_t)hide(end)), &hash);             \
    report(#name, (long long)hash);                                                                   \
  } while (0)

int main(void) {
  EXERCISE(8, byte_by_3, 3);
  EXERCISE(8, byte_by_minus_7, -7);
  EXERCISE(16, half_by_10, 10);
  EXERCISE(16, half_by_641, 641);
  EXERCISE(32, word_by_3, 3);
  EXERCISE(32, word_by_7, 7);
  EXERCISE(32, word_by_minus_5, -5);
  EXERCISE(32, word_by_1000000007, 1000000007);
  EXERCISE(32, word_by_limit, INT32_MAX);
  EXERCISE(64, long_by_10, 10);
  EXERCISE(64, long_by_minus_11, -11);
  EXERCISE(64, long_by_1000000000, 1000000000);
  expect("-7 / 2 * 2 + -7 % 2", hide(-7) / 2 * 2 + hide(-7) % 2, -7);
  expect("UINT32_MAX / 10", hide(UINT32_MAX) / 10, 429496729);
  expect("INT64_MIN % 10", hide(INT64_MIN) % 10, -8);
  return 0;
}
