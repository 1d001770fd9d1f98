// Population count, leading and trailing zeros, byte swap and parity: as builtins and as the loops and
// formulas that loop-idiom and instcombine recognise; both spellings must agree, zero and the sign bit
// included.
#include "check.h"

static int count_by_loop(uint64_t x) {
  int count = 0;
  for (; x; x &= x - 1) count++;
  return count;
}

static int count_by_sums(uint32_t x) {
  x -= x >> 1 & 0x55555555;
  x = (x & 0x33333333) + (x >> 2 & 0x33333333);
  x = (x + (x >> 4)) & 0x0f0f0f0f;
  return (int)(x * 0x01010101u >> 24);
}

static int length_by_loop(uint32_t x) {
  int length = 0;
  while (x != 0) x >>= 1, length++;
  return length;
}

static int trailing_by_loop(uint32_t x) {
  int zeros = 0;
  if (x == 0) return 32;
  while (!(x & 1)) x >>= 1, zeros++;
  return zeros;
}

static uint32_t swap_by_shifts(uint32_t x) {
  return x << 24 | (x & 0xff00) << 8 | (x >> 8 & 0xff00) | x >> 24;
}

static uint64_t swap_by_bytes(uint64_t x) {
  unsigned char bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(x >> 8 * i);
  uint64_t result = 0;
  for (int i = 0; i < 8; i++) result = result << 8 | bytes[i];
  return result;
}

static int parity_by_folding(uint32_t x) {
  x ^= x >> 16;
  x ^= x >> 8;
  x ^= x >> 4;
  return 0x6996 >> (x & 15) & 1;
}

int main(void) {
  const uint32_t samples[] = {0,       1,          2,          3,          0x80,       0xff00,
                              0x10000, 0x7fffffff, 0x80000000, 0xaaaaaaaa, 0xdeadbeef, 0xffffffff};
  for (int i = 0; i < 12; i++) {
    uint32_t x = hide(samples[i]);
    printf("%08x: %d %d %d %d %d", (unsigned)x, count_by_loop(x), count_by_sums(x), length_by_loop(x),
           trailing_by_loop(x), parity_by_folding(x));
    printf(" %08x %016llx\n", (unsigned)swap_by_shifts(x),
           (unsigned long long)swap_by_bytes(x * 0x100000007u));
    int differences =
        (__builtin_popcount(x) != count_by_sums(x)) + (__builtin_popcount(x) != count_by_loop(x)) +
        ((x ? 32 - __builtin_clz(x) : 0) != length_by_loop(x)) +
        ((x ? __builtin_ctz(x) : 32) != trailing_by_loop(x)) + (__builtin_parity(x) != parity_by_folding(x)) +
        (__builtin_bswap32(x) != swap_by_shifts(x));
    uint64_t wide = (uint64_t)x << 31 | x;
    differences += (__builtin_popcountll(wide) != count_by_loop(wide)) +
                   (__builtin_bswap64(wide) != swap_by_bytes(wide)) +
                   (__builtin_ffsll((long long)wide) != (x ? trailing_by_loop(x) + 1 : 0));
    if (differences) expect("differences", differences, 0);
  }
  expect("clz of 1", __builtin_clzll(hide((uint64_t)1)), 63);
  expect("ctz of the top", __builtin_ctzll(hide((uint64_t)1 << 63)), 63);
  expect("bswap16", __builtin_bswap16(hide((uint16_t)0x1234)), 0x3412);
  expect("clrsb", __builtin_clrsb(hide(-256)), 23);
  return 0;
}
