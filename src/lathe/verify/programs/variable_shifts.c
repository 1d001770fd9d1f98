// Shifts by variable amounts at every width: the sign of right shifts, the promotion of narrow operands,
// masks that bound the amount, pairs of shifts that cancel or clear bits, and double-word shifts put together
// from two words.
#include "check.h"

static uint64_t funnel(uint64_t high, uint64_t low, unsigned by) {
  return by == 0 ? high : by >= 64 ? low : high << by | low >> (64 - by);
}

static int32_t sign_extend(uint32_t value, unsigned bits) {
  return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

static uint32_t keep_low(uint32_t value, unsigned bits) { return value << (32 - bits) >> (32 - bits); }

static uint32_t keep_high(uint32_t value, unsigned bits) { return value >> (32 - bits) << (32 - bits); }

int main(void) {
  uint32_t word = hide(0x9e3779b9u);
  int32_t negative = hide((int32_t)-1640531527);
  uint64_t hash = 0;
  for (unsigned by = 0; by < 32; by++) {
    uint8_t byte = (uint8_t)((uint8_t)word << (by & 7));
    int16_t half = (int16_t)((int16_t)(int32_t)word >> (by & 15));
    hash = hash * 31 + (word << by) + (word >> (by & 31)) + byte;
    hash = hash * 31 + (uint64_t)(int64_t)(negative >> by) + (uint64_t)half;
    hash = hash * 31 + ((uint64_t)word << by) + (uint64_t)((int64_t)-3 * negative >> (by + 16));
  }
  report("hash", (long long)hash);
  for (unsigned bits = 1; bits <= 32; bits += bits < 4 ? 1 : 7) {
    unsigned n = hide(bits);
    printf("%u bits: %d %u %u\n", n, (int)sign_extend(word, n), (unsigned)keep_low(word, n),
           (unsigned)keep_high(word, n));
  }
  const unsigned amounts[] = {0, 1, 31, 32, 33, 63, 64};
  for (int i = 0; i < 7; i++)
    report("funnel",
           (long long)funnel(hide(0x0123456789abcdefu), hide(0xfedcba9876543210u), hide(amounts[i])));
  expect("1 << 31", (long long)(1u << hide(31)), 2147483648);
  expect("1 << 63 >> 63", (long long)((uint64_t)hide(1u) << hide(63) >> hide(63)), 1);
  expect("-1 >> 63", (int64_t)hide((int64_t)-1) >> hide(63), -1);
  expect("-128 >> 7", (int8_t)hide(-128) >> hide(7), -1);
  expect("-128 >> 6", (int8_t)hide(-128) >> hide(6), -2);
  expect("200 >> 7", (uint8_t)hide(200) >> hide(7), 1);
  return 0;
}
