/* Loads that overlap earlier stores of another width or offset: store-to-load forwarding must shift, merge
   and truncate, or load. */
#include "check.h"

static unsigned char memory[32];

#define ACCESS(bits)                                                                             \
  static void put##bits(int at, uint##bits##_t value) { memcpy(memory + at, &value, bits / 8); } \
  static uint##bits##_t get##bits(int at) {                                                      \
    uint##bits##_t value;                                                                        \
    memcpy(&value, memory + at, bits / 8);                                                       \
    return value;                                                                                \
  }
ACCESS(8)
ACCESS(16)
ACCESS(32)
ACCESS(64)

static uint64_t narrow_of_wide(uint64_t value) {
  put64(0, value);
  return get8(7) + (get16(3) << 8) + ((uint64_t)get32(2) << 24) + get8(0);
}

static uint64_t wide_of_narrow(uint32_t a, uint16_t b, uint8_t c, uint8_t d) {
  put32(8, a), put16(12, b), put8(14, c), put8(15, d);
  return get64(8);
}

static uint64_t patched(uint64_t value, uint16_t patch, int at) {
  put64(16, value);
  put16(19, patch);
  uint64_t fixed = get64(16);
  put16(16 + at, 0xffff);
  return fixed - get64(16);
}

static uint32_t straddling(uint32_t a, uint32_t b) {
  put32(0, a), put32(4, b);
  uint32_t middle = get32(2);
  put32(1, middle);
  return get32(3) ^ get32(0) ^ get16(5);
}

static int64_t sign_extended(int32_t value) {
  int8_t low, high;
  int16_t upper;
  put32(4, (uint32_t)value);
  memcpy(&low, memory + 4, 1), memcpy(&high, memory + 7, 1), memcpy(&upper, memory + 6, 2);
  return low * 100000000LL + high * 100000LL + upper;
}

static float float_of_halves(uint16_t low, uint16_t high) {
  float value;
  put16(24, low), put16(26, high);
  memcpy(&value, memory + 24, 4);
  return value;
}

static uint32_t maybe_cleared(uint64_t value, int clear) {
  put64(8, value);
  if (clear) memset(memory + 10, 0, 3);
  return get32(9);
}

int main(void) {
  uint64_t value = hide(0xfedcba9876543210u);
  report("narrow of wide", (long long)narrow_of_wide(value));
  expect("wide of narrow", (long long)wide_of_narrow(hide(0x44332211u), 0x6655, hide((uint8_t)0x77), 0x08),
         0x0877665544332211);
  for (int at = 0; at <= 6; at++)
    report("patched", (long long)patched(value, hide((uint16_t)0x1234), hide(at)));
  expect("straddling", straddling(hide(0x03020100u), 0x07060504), 0x06050504 ^ 0x04030200 ^ 0x0605);
  for (int shift = 0; shift < 32; shift += 7) report("sign", sign_extended((int32_t)(hide(0xffu) << shift)));
  report_double("float", float_of_halves(hide((uint16_t)0x5000), hide((uint16_t)0xc2c9)));
  expect("kept", maybe_cleared(value, hide(0)), 0x98765432);
  expect("cleared", maybe_cleared(value, hide(1)), 0x00000032);
  report_bytes("memory", memory, sizeof memory);
  return 0;
}
