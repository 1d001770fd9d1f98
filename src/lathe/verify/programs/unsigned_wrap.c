// Unsigned arithmetic that wraps at 8, 16, 32 and 64 bits: no fold may reason as if x + 1 > x, a - b < a or
// 2 * x / 2 == x held for it, and narrow types wrap only when they are stored.
#include "check.h"

static unsigned claims8(uint8_t x, uint8_t y) {
  uint8_t sum = (uint8_t)(x + y), difference = (uint8_t)(x - y), twice = (uint8_t)(2 * x);
  unsigned bits = sum < x;
  bits = bits << 1 | (difference > x);
  bits = bits << 1 | (twice / 2 == x);
  bits = bits << 1 | (x + y > 255);  // in int: true exactly where the sum wraps
  bits = bits << 1 | (x - y < 0);
  bits = bits << 1 | ((uint8_t)(x + 1) > x);
  return bits << 1 | ((uint8_t)-x == x);
}

static uint32_t claims32(uint32_t x, uint32_t y) {
  return (x + y < x) | (uint32_t)(x - y > x) << 1 | (uint32_t)(x * 2 / 2 == x) << 2 |
         (uint32_t)(x + 1 > y) << 3 | (uint32_t)(x - 1 < y) << 4 | (uint32_t)(x * y / (y | 1) == x) << 5 |
         (uint32_t)(-x < y) << 6;
}

static uint64_t power(uint64_t base, unsigned exponent) {
  uint64_t result = 1;
  while (exponent--) result *= base;
  return result;
}

int main(void) {
  const uint8_t small[] = {0, 1, 2, 127, 128, 129, 254, 255};
  const uint32_t words[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
  for (int i = 0; i < 8; i++) {
    uint8_t row[8];
    for (int j = 0; j < 8; j++) row[j] = (uint8_t)claims8(hide(small[i]), hide(small[j]));
    report_bytes("bytes", row, sizeof row);
    for (int j = 0; j < 8; j++) row[j] = (uint8_t)claims32(hide(words[i]), hide(words[j]));
    report_bytes("words", row, sizeof row);
  }
  uint16_t up = hide((uint16_t)65530), down = hide((uint16_t)5);
  unsigned crossings = 0;
  for (int i = 0; i < 12; i++) {
    uint16_t before = up;
    up = (uint16_t)(up + 3);
    down = (uint16_t)(down - 2);
    crossings = crossings * 4 + (up < before) * 2u + (down > before);
  }
  report("crossings", crossings);
  expect("up", up, (65530 + 36) % 65536);
  expect("down", down, 65536 + 5 - 24);
  expect("3^41 mod 2^64", (long long)(power(hide((uint64_t)3), hide(41u)) & 0xffffffff), 2069870691);
  report("5^40 mod 2^64", (long long)power(hide((uint64_t)5), hide(40u)));
  report("7^0", (long long)power(hide((uint64_t)7), hide(0u)));
  return 0;
}
