// Greatest common divisors by remainders, by subtraction and by Stein's shifts, the extended algorithm with
// its coefficients, modular inverses and a solution of congruences.
#include "check.h"

static uint64_t by_remainders(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

static uint64_t by_subtraction(uint64_t a, uint64_t b) {
  if (a == 0 || b == 0) return a | b;
  while (a != b) {
    if (a > b)
      a -= b;
    else
      b -= a;
  }
  return a;
}

static uint64_t by_shifts(uint64_t a, uint64_t b) {
  if (a == 0) return b;
  if (b == 0) return a;
  int shift = 0;
  for (; ((a | b) & 1) == 0; shift++) a >>= 1, b >>= 1;
  while ((a & 1) == 0) a >>= 1;
  do {
    while ((b & 1) == 0) b >>= 1;
    if (a > b) {
      uint64_t held = a;
      a = b;
      b = held;
    }
    b -= a;
  } while (b != 0);
  return a << shift;
}

struct Bezout {
  int64_t gcd, x, y;
};

static struct Bezout extended(int64_t a, int64_t b) {
  if (b == 0) return (struct Bezout){a, 1, 0};
  struct Bezout next = extended(b, a % b);
  return (struct Bezout){next.gcd, next.y, next.x - a / b * next.y};
}

static int64_t inverse(int64_t a, int64_t modulus) {
  int64_t t = 0, next_t = 1, r = modulus, next_r = a % modulus;
  while (next_r != 0) {
    int64_t q = r / next_r, held = t - q * next_t;
    t = next_t, next_t = held;
    held = r - q * next_r;
    r = next_r, next_r = held;
  }
  return r > 1 ? 0 : t < 0 ? t + modulus : t;
}

int main(void) {
  const uint64_t pairs[][2] = {{0, 0},   {0, 9},  {9, 0},      {1, 1},       {12, 18},     {18, 12},
                               {64, 48}, {17, 5}, {1071, 462}, {6765, 4181}, {3 << 12, 96}};
  for (int i = 0; i < 11; i++) {
    uint64_t a = hide(pairs[i][0]), b = hide(pairs[i][1]), known = by_remainders(a, b);
    struct Bezout e = extended((int64_t)a, (int64_t)b), minus = extended(-(int64_t)a, (int64_t)b);
    printf("%llu: %lld %lld %lld\n", (unsigned long long)known, (long long)e.x, (long long)e.y,
           (long long)minus.y);
    expect("subtraction", (long long)by_subtraction(a, b), (long long)known);
    expect("shifts", (long long)by_shifts(a, b), (long long)known);
    expect("bezout", e.x * (int64_t)a + e.y * (int64_t)b, (long long)known);
  }
  expect("large", (long long)by_remainders(hide(12200160415121876738u), hide(7540113804746346429u)), 1);
  for (int64_t a = 0; a <= 12; a += a < 3 ? 1 : 3)
    report("inverse modulo 12", inverse(hide(a), hide((int64_t)12)));
  expect("inverse", inverse(hide((int64_t)3), hide((int64_t)1000000007)), 333333336);
  // x = 2 (mod 3), 3 (mod 5), 2 (mod 7)
  int64_t x = 2 * 35 * inverse(hide((int64_t)35), 3) + 3 * 21 * inverse(hide((int64_t)21), 5) +
              2 * 15 * inverse(hide((int64_t)15), 7);
  expect("Sun Tzu", x % 105, 23);
  return 0;
}
