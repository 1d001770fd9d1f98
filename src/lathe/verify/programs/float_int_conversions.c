/* Conversions between integers of all widths and float or double at the edges of range and of precision,
   where they round to even; truncation to int and back is not the identity. */
#include "check.h"

static const int64_t integers[] = {0,
                                   1,
                                   -1,
                                   16777215,
                                   16777216,
                                   16777217,
                                   -16777217,
                                   INT32_MAX,
                                   INT32_MIN,
                                   (1LL << 53) - 1,
                                   (1LL << 53) + 1,
                                   (1LL << 53) + 3,
                                   -(1LL << 53) - 1,
                                   INT64_MAX,
                                   INT64_MAX - 512,
                                   INT64_MIN,
                                   INT64_MIN + 1};

static void from_integer(int64_t value) {
  report_double("long", (double)value);
  double sum = (float)value;
  sum += (double)(uint64_t)value + (float)(uint64_t)value;
  sum += (double)(int32_t)((uint64_t)value << 8 >> 8 & 0x7fffffff) + (float)(uint32_t)value;
  sum += (float)(int16_t)((value & 0x7fff) - 0x4000) + (double)(uint8_t)value +
         (float)(signed char)(value % 100);
  report_double("others", sum);
}

static int64_t from_double(double x) {
  int64_t sum = (int64_t)x;
  if (x > -1 && x < 18446744073709551616.0) sum ^= (int64_t)((uint64_t)x * 3);
  if (x > -2147483649.0 && x < 2147483648.0) sum += (int32_t)x * 5LL;
  if (x > -1 && x < 4294967296.0) sum += (uint32_t)x * 7LL;
  if (x > -32769 && x < 32768) sum += (int16_t)x * 11;
  if (x > -1 && x < 256) sum += (uint8_t)x * 13;
  return sum;
}

static int is_whole(double x) { return (double)(int64_t)x == x; }
static int survives(int32_t x) { return (int32_t)(float)(x & ~127) == x; }
static double fraction(double x) { return x - (double)(int32_t)x; }

int main(void) {
  for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) from_integer(hide(integers[i]));
  const double doubles[] = {0.0,
                            -0.0,
                            0.5,
                            0.99999999999999989,
                            1.5,
                            -0.99,
                            -1.5,
                            127.99,
                            255.5,
                            32767.9,
                            -32768.9,
                            2147483647.5,
                            -2147483648.5,
                            4294967295.5,
                            4294967296.0,
                            9e15,
                            4503599627370497.5,
                            9223372036854774784.0,
                            -9223372036854775808.0};
  uint64_t hash = 0;
  for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
    double x = hide(doubles[i]);
    hash = hash * 1000003 + (uint64_t)from_double(x) * 2 + (uint64_t)is_whole(x);
    report("converted", (long long)hash);
    if (i < 12) hash += fraction(x) < 0 ? 17 : fraction(x) > 0.5 ? 5 : 3;
  }
  report("unsigned", (long long)(uint64_t)hide(1.8446744073709550e19));
  report("survives", survives(hide(16777217 * 64)) * 100 + survives(hide(1 << 30)) * 10 + survives(hide(3)));
  report_double("float to double", (double)hide(0.1f) - 0.1);
  report_double("double to float", (float)hide(0.1) + (float)hide(1e-46) + (float)hide(16777217.0));
  report_double("overflow", (float)hide(3.5e38));
  report_double("largest", (float)hide(3.4028235677973362e38));
  return 0;
}
