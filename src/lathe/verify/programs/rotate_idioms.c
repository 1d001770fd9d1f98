// Rotations in their usual spellings, at four widths, by constants and by variables: matched to funnel
// shifts, which must get the direction, the width and the amount zero right. Look-alikes that are no
// rotations stand beside them.
#include "check.h"

static uint8_t left8(uint8_t x, unsigned n) { return (uint8_t)(x << (n & 7) | x >> (-n & 7)); }
static uint16_t right16(uint16_t x, unsigned n) { return (uint16_t)(x >> (n & 15) | x << (-n & 15)); }
static uint32_t left32(uint32_t x, unsigned n) { return x << (n & 31) | x >> (-n & 31); }
static uint32_t right32(uint32_t x, unsigned n) { return n == 0 ? x : x >> n | x << (32 - n); }
static uint64_t left64(uint64_t x, unsigned n) { return x << (n & 63) | x >> (-n & 63); }

static uint32_t sum32(uint32_t x, unsigned n) {
  return (x << (n & 31)) + (x >> (-n & 31));
}  // twice x for n == 0
static uint32_t short32(uint32_t x, unsigned n) { return x << (n & 15) | x >> (-n & 15); }  // loses bits
static uint32_t signed32(int32_t x, unsigned n) {
  return (uint32_t)x << (n & 31) | (uint32_t)(x >> (-n & 31));
}
static uint64_t two_words(uint64_t x, uint64_t y) { return x << 13 | y >> 51; }

// One round of a quarter of ChaCha; its test vector is that of RFC 8439, section 2.1.1.
static void quarter(uint32_t s[4]) {
  s[0] += s[1], s[3] = left32(s[3] ^ s[0], 16);
  s[2] += s[3], s[1] = left32(s[1] ^ s[2], 12);
  s[0] += s[1], s[3] = left32(s[3] ^ s[0], 8);
  s[2] += s[3], s[1] = left32(s[1] ^ s[2], 7);
}

int main(void) {
  const unsigned amounts[] = {0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33};
  for (int i = 0; i < 12; i++) {
    unsigned n = hide(amounts[i]);
    uint32_t x = hide(0x80c40001u);
    printf("%u: %02x %04x %08x %08x", n, left8((uint8_t)(x + 0x90), n), right16((uint16_t)(x >> 8), n),
           (unsigned)left32(x, n), (unsigned)right32(x, n & 31));
    printf(" %016llx %08x %08x %08x\n", (unsigned long long)left64(x * 0x100000001u + 2, n),
           (unsigned)sum32(x, n), (unsigned)short32(x, n), (unsigned)signed32((int32_t)x, n));
  }
  report("two words", (long long)two_words(hide(0x0123456789abcdefu), hide(0xfedcba9876543210u)));
  uint32_t state[4] = {hide(0x11111111u), hide(0x01020304u), hide(0x9b8d6f43u), hide(0x01234567u)};
  quarter(state);
  expect("a", state[0], 0xea2a92f4);
  expect("b", state[1], 0xcb1cf8ce);
  expect("c", state[2], 0x4581472e);
  expect("d", state[3], 0x5881c4bb);
  uint32_t x = hide(0xdeadbeefu);
  for (unsigned i = 0; i < 32; i++) x = left32(right32(x, i), i + 1);
  expect("all the way round", x, 0xdeadbeef);
  return 0;
}
