// The builtins that add, subtract and multiply with a flag for overflow, over results of other types than the
// operands, and carry chains written with them; each flag is taken and not taken.
#include "check.h"

static int64_t checked_sum(const int32_t *values, int count, int *overflowed_at) {
  int32_t sum = 0;
  *overflowed_at = -1;
  for (int i = 0; i < count; i++)
    if (__builtin_add_overflow(sum, values[i], &sum) && *overflowed_at < 0) *overflowed_at = i;
  return sum;
}

// Decimal digits into 32 bits, or -1 where they do not fit.
static int64_t parse(const char *text) {
  uint32_t value = 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return -2;
    if (__builtin_mul_overflow(value, 10u, &value)) return -1;
    if (__builtin_add_overflow(value, (uint32_t)(*text - '0'), &value)) return -1;
  }
  return value;
}

static void add_long(uint64_t *a, const uint64_t *b, int words) {
  int carry = 0;
  for (int i = 0; i < words; i++) {
    int first = __builtin_add_overflow(a[i], b[i], &a[i]);
    carry = first | __builtin_add_overflow(a[i], (uint64_t)carry, &a[i]);
  }
  report("carry out", carry);
}

static uint64_t factorial_until_overflow(int *n) {
  uint64_t product = 1, next;
  for (*n = 1; !__builtin_mul_overflow(product, (uint64_t)*n, &next); ++*n) product = next;
  return product;
}

int main(void) {
  const int32_t edges[] = {INT32_MIN, -65536, -1, 0, 1, 32767, 65536, INT32_MAX};
  for (int i = 0; i < 8; i++) {
    unsigned flags = 0, results = 0;
    for (int j = 0; j < 8; j++) {
      int32_t a = hide(edges[i]), b = hide(edges[j]), s;
      uint32_t u;
      int8_t narrow;
      flags = flags * 5 + __builtin_sub_overflow(a, b, &s);
      results = results * 31 + (uint32_t)s;
      flags = flags * 5 + __builtin_mul_overflow(a, b, &s);
      results = results * 31 + (uint32_t)s;
      flags = flags * 5 + __builtin_add_overflow(a, b, &u);  // negative sums do not fit
      results = results * 31 + u;
      flags = flags * 5 + __builtin_sub_overflow((uint32_t)a, (uint32_t)b, &s);
      flags = flags * 5 + __builtin_add_overflow(a, b, &narrow);
      results = results * 31 + (uint32_t)s + (uint8_t)narrow;
    }
    printf("%d: %u %u\n", (int)edges[i], flags, results);
  }
  const char *texts[] = {"0", "7", "4294967295", "4294967296", "4294967300", "42949672950", "12a", "1/", ""};
  for (int i = 0; i < 9; i++) report(texts[i], parse(hide(texts[i])));
  int32_t values[] = {hide(INT32_MAX), hide(-1), hide(1), hide(1), hide(-1)};
  int at;
  report("sum", checked_sum(values, 5, &at));
  expect("overflow at", at, 3);
  expect("shorter", checked_sum(values, 3, &at), INT32_MAX);
  expect("no overflow", at, -1);
  uint64_t a[3] = {hide(UINT64_MAX), hide(UINT64_MAX), hide((uint64_t)6)}, b[3] = {1, 0, 0},
           c[3] = {0, 1, UINT64_MAX - 6};
  add_long(a, b, 3);
  expect("third word", (long long)a[2], 7);
  add_long(a, c, 3);
  add_long(a, a, 3);
  report_bytes("a", a, sizeof a);
  int n = hide(9);
  expect("20!", (long long)factorial_until_overflow(&n), 2432902008176640000);
  expect("first too large", n, 21);
  return 0;
}
