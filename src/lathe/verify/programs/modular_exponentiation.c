// Powers modulo a number: left to right, right to left, by Montgomery's reduction and by a product without
// overflow: divisions of 128 bits, conditional subtractions and loops over the bits of an exponent.
#include "check.h"

static uint64_t multiply(uint64_t a, uint64_t b, uint64_t m) {
  return (uint64_t)((unsigned __int128)a * b % m);
}

static uint64_t multiply_by_doubling(uint64_t a, uint64_t b, uint64_t m) {
  uint64_t result = 0;
  for (a %= m; b; b >>= 1) {
    if (b & 1) result = result >= m - a ? result - (m - a) : result + a;
    a = a >= m - a ? a - (m - a) : a + a;
  }
  return result;
}

static uint64_t right_to_left(uint64_t base, uint64_t exponent, uint64_t m) {
  uint64_t result = 1 % m;
  for (base %= m; exponent; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, base, m);
    base = multiply(base, base, m);
  }
  return result;
}

static uint64_t left_to_right(uint64_t base, uint64_t exponent, uint64_t m) {
  uint64_t result = 1 % m;
  for (int bit = 63; bit >= 0; bit--) {
    result = multiply_by_doubling(result, result, m);
    if (exponent >> bit & 1) result = multiply_by_doubling(base, result, m);
  }
  return result;
}

static uint32_t reduce(uint64_t x, uint32_t m, uint32_t inverse) {
  uint64_t t = (x + (uint64_t)((uint32_t)x * inverse) * m) >> 32;
  return (uint32_t)(t >= m ? t - m : t);
}

// For odd m below 2^31.
static uint32_t montgomery(uint32_t base, uint32_t exponent, uint32_t m) {
  uint32_t inverse = m;
  for (int i = 0; i < 4; i++) inverse *= 2 - m * inverse;
  inverse = -inverse;
  uint32_t one = (uint32_t)(((uint64_t)1 << 32) % m), result = one,
           power = (uint32_t)(((uint64_t)base << 32) % m);
  for (; exponent; exponent >>= 1) {
    if (exponent & 1) result = reduce((uint64_t)result * power, m, inverse);
    power = reduce((uint64_t)power * power, m, inverse);
  }
  return reduce(result, m, inverse);
}

int main(void) {
  expect("4^13 mod 497", (long long)right_to_left(hide((uint64_t)4), hide((uint64_t)13), hide((uint64_t)497)),
         445);
  const uint64_t cases[][3] = {{2, 0, 5},
                               {2, 0, 1},
                               {0, 5, 7},
                               {3, 200, 13},
                               {7, 1000000006, 1000000007},
                               {123456789, 987654321, 2147483647},
                               {2, 64, UINT64_MAX},
                               {UINT64_MAX, UINT64_MAX, UINT64_MAX - 58},
                               {10, 3, 1001}};
  for (int i = 0; i < 9; i++) {
    uint64_t base = hide(cases[i][0]), exponent = hide(cases[i][1]), m = hide(cases[i][2]),
             power = right_to_left(base, exponent, m);
    report("power", (long long)power);
    expect("left to right", left_to_right(base, exponent, m) == power, 1);
    if (m % 2 && m < 1u << 31)
      expect("montgomery", montgomery((uint32_t)base, (uint32_t)exponent, (uint32_t)m), (long long)power);
  }
  return 0;
}
