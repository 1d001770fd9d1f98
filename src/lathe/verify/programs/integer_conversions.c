// Chains of conversions between 8, 16, 32 and 64 bits, signed and unsigned: instcombine merges trunc, sext
// and zext and must keep which extension it was and which of the widths was the narrowest.
#include "check.h"

static uint64_t seeds[] = {0x0,
                           0x1,
                           0x7e,
                           0x7f,
                           0x80,
                           0x81,
                           0xff,
                           0x100,
                           0x7fff,
                           0x8000,
                           0x8001,
                           0xffff,
                           0x10000,
                           0x7fffffff,
                           0x80000000,
                           0x80000001,
                           0xffffffff,
                           0x100000000,
                           0x7fffffffffffffff,
                           0x8000000000000000,
                           0xffffffffffffffff};

static int64_t signed_of_unsigned(uint64_t x) { return (int8_t)(uint16_t)x + (int16_t)(uint8_t)x; }

static int64_t unsigned_of_signed(uint64_t x) {
  return (int64_t)(uint32_t)(int8_t)x - (int64_t)(uint16_t)(int8_t)x + (int64_t)(uint8_t)(int32_t)x;
}

static int64_t widen_then_shift(uint64_t x) {
  int8_t narrow = (int8_t)x;
  uint16_t half = (uint16_t)x;
  return (int64_t)((uint64_t)narrow >> 60) + (int64_t)((uint32_t)narrow >> 28) + (half >> 12);
}

// The sign survives the round trip through a wider type, but not the one through a narrower type.
static unsigned survivors(uint64_t x) {
  int32_t word = (int32_t)(uint32_t)x;
  int64_t wide = (int64_t)x;
  return (unsigned)(word == (int8_t)word) | (unsigned)(word == (int16_t)word) << 1 |
         (unsigned)(wide == (int32_t)wide) << 2 | (unsigned)(x == (uint8_t)x) << 3 |
         (unsigned)(x == (uint16_t)x) << 4 | (unsigned)(x == (uint32_t)x) << 5 |
         (unsigned)((int8_t)x == (uint8_t)x) << 6 | (unsigned)((int64_t)(int32_t)x < 0) << 7 |
         (unsigned)!!x << 8;
}

int main(void) {
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
    uint64_t x = hide(seeds[i]);
    report("signed of unsigned", signed_of_unsigned(x));
    printf("  %lld %lld %03x\n", (long long)unsigned_of_signed(x), (long long)widen_then_shift(x),
           survivors(x));
  }
  expect("int8 of 200", (int8_t)hide(200), -56);
  expect("uint8 of -1", (uint8_t)hide(-1), 255);
  expect("uint32 of int16 -2", (uint32_t)(int16_t)hide(-2), 4294967294);
  expect("int64 of uint32", (int64_t)(uint32_t)hide(-1), 4294967295);
  expect("bool of 256", (_Bool)hide(256), 1);
  expect("bool of 0", (_Bool)hide(0), 0);
  return 0;
}
