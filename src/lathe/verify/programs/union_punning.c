/* Type punning through unions and memcpy between int, float, double and arrays: SROA and GVN must turn it
   into bit casts and shifts of the right width. */
#include "check.h"

typedef union {
  uint64_t whole;
  double real;
  struct {
    uint32_t low, high;
  } half;
  uint16_t quarter[4];
  float single[2];
  unsigned char byte[8];
} Word;

static double next_up(double value) {
  Word w = {.real = value};
  if (value == 0) return 4.9406564584124654e-324;
  w.whole += value > 0 ? 1 : -1;
  return w.real;
}

static int exponent(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (int)(bits >> 23 & 255) - 127;
}

static float with_sign(float value, int negative) {
  union {
    float f;
    uint32_t u;
  } pun = {value};
  pun.u = negative ? pun.u | 0x80000000u : pun.u & 0x7fffffffu;
  return pun.f;
}

static uint64_t swap_halves(uint64_t value) {
  Word w = {value}, out;
  out.half.low = w.half.high;
  out.half.high = w.half.low;
  return out.whole;
}

static uint64_t rotate_quarters(uint64_t value, int by) {
  Word w = {value}, out;
  for (int i = 0; i < 4; i++) out.quarter[(i + by) & 3] = w.quarter[i];
  return out.whole;
}

int main(void) {
  const double reals[] = {0.0, 1.0, -1.0, 1.9999999999999998, 1e-310, -2.2250738585072014e-308, 1e308};
  const float floats[] = {1, 0.5f, 1.9999999f, 2, -3.5f, 1e-3f, 1e30f, 0};
  for (int i = 0; i < 7; i++) report_double("next up", next_up(hide(reals[i])));
  for (int i = 0; i < 8; i++) {
    float f = hide(floats[i]);
    report("exponent", exponent(f));
    report_double("signed", with_sign(f, i & 1) + 2.0 * with_sign(-f, i & 2));
  }
  uint64_t value = hide(0x0123456789abcdefu);
  expect("halves", (long long)swap_halves(value), (long long)0x89abcdef01234567u);
  expect("quarters by 1", (long long)rotate_quarters(value, hide(1)), (long long)0x456789abcdef0123u);
  expect("quarters by 3", (long long)rotate_quarters(value, hide(3)), (long long)0xcdef0123456789abu);
  Word w = {value};
  w.byte[hide(5)] = 0x3f, w.single[0] = hide(1.5f);
  expect("byte and float over it", (long long)w.whole, 0x01233f673fc00000);
  expect("quarter of it", w.quarter[2] + w.quarter[1], 0x3f67 + 0x3fc0);
  return 0;
}
