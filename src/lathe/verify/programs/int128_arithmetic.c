// Arithmetic of 128 bits, which the backend splits into halves: carries, borrows, products, shifts across the
// middle, comparisons of both signs and divisions by the run-time library.
#include "check.h"

typedef unsigned __int128 u128;
typedef __int128 i128;

static u128 make(uint64_t high, uint64_t low) { return (u128)high << 64 | low; }

static void show(const char *label, u128 value) {
  printf("%s %016llx%016llx\n", label, (unsigned long long)(value >> 64), (unsigned long long)value);
}

// The product of four halves, by hand: must agree with the product of 64 x 64 bits.
static u128 schoolbook(uint64_t a, uint64_t b) {
  uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
  uint64_t low = al * bl, mid = ah * bl + (low >> 32), cross = al * bh + (uint32_t)mid;
  return make(ah * bh + (mid >> 32) + (cross >> 32), cross << 32 | (uint32_t)low);
}

static unsigned order(u128 a, u128 b) {
  return (unsigned)(a < b) | (unsigned)(a <= b) << 1 | (unsigned)((i128)a < (i128)b) << 2 |
         (unsigned)((i128)a >= (i128)b) << 3 | (unsigned)(a == b) << 4;
}

static u128 factorial(unsigned n) { return n < 2 ? 1 : n * factorial(n - 1); }

int main(void) {
  uint64_t ones = hide(UINT64_MAX), top = hide((uint64_t)1 << 63);
  show("carry", make(0, ones) + hide(1));
  show("borrow", make(1, 0) - (unsigned)hide(1));
  show("negate", -make(top, 0));
  show("square", (u128)ones * ones);
  show("mixed", (u128)((i128)(int64_t)ones * (int64_t)top));
  expect("schoolbook", schoolbook(ones, top + 12345) == (u128)ones * (top + 12345), 1);
  show("schoolbook", schoolbook(0x123456789abcdef0u + top, ones - 7));
  for (unsigned shift = 62; shift < 67; shift++) {
    unsigned by = hide(shift);
    printf("shift %u", by);
    show(" left", make(3, top | 5) << by);
    show("  logical", make(top | 9, 6) >> by);
    show("  arithmetic", (u128)((i128)make(top | 9, 6) >> by));
  }
  uint64_t highs[] = {0, 1, top - 1, top, ones};
  unsigned orders[5] = {0};
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++)
      orders[i] = orders[i] * 37 + order(make(hide(highs[i]), 7), make(hide(highs[j]), 6 + (unsigned)j % 3));
  for (int i = 0; i < 5; i++) report("orders", orders[i]);
  u128 f = factorial(hide(34u));
  show("34!", f);
  expect("34! % 1000000007", (long long)(f % (unsigned)hide(1000000007)), 943272305);
  expect("34! / 33!", (long long)(f / factorial(hide(33u))), 34);
  i128 minus = -(i128)factorial(hide(33u));
  expect("signed quotient", (long long)(minus / (i128)factorial(hide(32u))), -33);
  show("signed remainder", (u128)(minus % (i128)make(0, top + 3)));
  show("unsigned remainder", (u128)minus % make(hide(3), top));
  return 0;
}
