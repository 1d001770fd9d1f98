// Formulas on the lowest set bit and the carry that runs through a word: isolate, clear, smear, next subset,
// next word of equal weight, powers of two. Targets for instcombine and for the BMI patterns of the backend.
#include "check.h"

static uint32_t isolate(uint32_t x) { return x & -x; }
static uint32_t clear(uint32_t x) { return x & (x - 1); }
static uint32_t up_to(uint32_t x) { return x ^ (x - 1); }
static uint32_t below(uint32_t x) { return ~x & (x - 1); }
static uint32_t set_zero(uint32_t x) { return x | (x + 1); }
static int is_power(uint32_t x) { return x != 0 && (x & (x - 1)) == 0; }

static uint32_t round_up(uint32_t x) {
  x--;
  x |= x >> 1;
  x |= x >> 2;
  x |= x >> 4;
  x |= x >> 8;
  x |= x >> 16;
  return x + 1;
}

// The next larger word with as many bits set (0 after the last).
static uint32_t next_of_weight(uint32_t x) {
  uint32_t lowest = x & -x, ripple = x + lowest;
  return ripple == 0 ? 0 : ripple | ((x ^ ripple) / lowest >> 2);
}

static uint32_t blend(uint32_t a, uint32_t b, uint32_t mask) { return a ^ ((a ^ b) & mask); }
static int average(uint32_t a, uint32_t b) { return (int)((a & b) + ((a ^ b) >> 1)); }
static int sign(int x) { return (x > 0) - (x < 0); }
static int has_zero_byte(uint32_t x) { return ((x - 0x01010101u) & ~x & 0x80808080u) != 0; }

int main(void) {
  const uint32_t samples[] = {0,    1,      2,          3,          4,          5,          12,
                              0x60, 0xff00, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
  for (int i = 0; i < 14; i++) {
    uint32_t x = hide(samples[i]);
    printf("%x: %x %x %x %x %x %d %x %d\n", (unsigned)x, (unsigned)isolate(x), (unsigned)clear(x),
           (unsigned)up_to(x), (unsigned)below(x), (unsigned)set_zero(x), is_power(x), (unsigned)round_up(x),
           sign((int)x));
  }
  int subsets = 0;
  uint32_t set = hide(0x8421u), subset = set, sum = 0;
  do {
    sum = sum * 17 + subset;
    subsets++;
    subset = (subset - 1) & set;
  } while (subset != set);
  expect("subsets", subsets, 16);
  report("sum of subsets", sum);
  int words = 0;
  uint32_t last = 0;
  for (uint32_t x = hide(7u); x < 1u << 10; x = next_of_weight(x)) last = x, words++;
  expect("words of weight 3", words, 120);
  expect("last", last, 0x380);
  expect("no next", next_of_weight(hide(0xc0000000u)), 0);
  report("blend", blend(hide(0x12345678u), hide(0x9abcdef0u), hide(0x00ffff0fu)));
  expect("average", average(hide(4294967295u), hide(4294967293u)), -2);
  const uint32_t texts[] = {0x01010101, 0x80808080, 0x41004142, 0x00414243, 0x41424300, 0xff01ff80};
  for (int i = 0; i < 6; i++) report("zero byte", has_zero_byte(hide(texts[i])));
  return 0;
}
