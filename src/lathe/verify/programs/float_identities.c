/* Folds that are wrong for NaN, infinities or the sign of zero (x+0, x-x, x*0, x/x, 0-x) beside those that
   are right (x-0, x*1, x/2): instcombine must know which. */
#pragma STDC FP_CONTRACT OFF
#include <math.h>

#include "check.h"

static double plus_zero(double x) { return x + 0.0; }
static double plus_minus_zero(double x) { return x + -0.0; }
static double minus_zero(double x) { return x - 0.0; }
static double zero_minus(double x) { return 0.0 - x; }
static double negate(double x) { return -x; }
static double minus_self(double x) { return x - x; }
static double times_zero(double x) { return x * 0.0; }
static double times_one(double x) { return x * 1.0; }
static double times_minus_one(double x) { return x * -1.0; }
static double over_self(double x) { return x / x; }
static double halved(double x) { return x / 2.0; }
static double tenth(double x) { return x / 10.0; }
static double by_tenth(double x) { return x * 0.1; }
static double twice_inverted(double x) { return 1.0 / (1.0 / x); }
static double round_trip(double x) { return (x + 1e16) - 1e16; }
static double there_and_back(double x) { return (x * 3.0) / 3.0; }
static double double_negation(double x) { return -(0.0 - x); }
static double select_sign(double x) { return x < 0 ? -x : x; }
static double select_zero(double x) { return x == 0 ? 0.0 : x; }
static double through_float(double x) { return (double)(float)x; }

static double (*const folds[])(double) = {
    plus_zero,  plus_minus_zero, minus_zero,      zero_minus,  negate,      minus_self,   times_zero,
    times_one,  times_minus_one, over_self,       halved,      tenth,       by_tenth,     twice_inverted,
    round_trip, there_and_back,  double_negation, select_sign, select_zero, through_float};

static uint64_t mix(uint64_t hash, double value) {
  uint64_t bits = 1;
  if (value == value) memcpy(&bits, &value, sizeof bits);
  return (hash ^ bits) * 0x9e3779b97f4a7c15u + (hash >> 29);
}

/* The same expressions as the optimiser sees them in place. */
static double inlined(double x, double y) {
  double sum = plus_zero(x) + plus_minus_zero(y), difference = negate(minus_self(x) - y);
  return sum * 2 - difference + zero_minus(times_one(y)) * halved(x) - (x - y) * (y - x);
}

int main(void) {
  const double values[] = {0.0,     -0.0,      1.0,      -3.0, 0.3,  5e-324, -2.5e-310,
                           1.7e308, -INFINITY, INFINITY, NAN,  7e15, 49.0};
  for (size_t f = 0; f < sizeof folds / sizeof *folds; f++) {
    uint64_t hash = f;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) hash = mix(hash, folds[f](hide(values[i])));
    report("fold", (long long)hash);
  }
  report_double("0 + -0", plus_zero(hide(-0.0)));
  report_double("0 - 0", zero_minus(hide(0.0)));
  report_double("-0 - 0", minus_zero(hide(-0.0)));
  report_double("-0 * 0", times_zero(hide(-2.0)));
  report_double("inf - inf", minus_self(hide((double)INFINITY)));
  report_double("49 / 10", tenth(hide(49.0)) - by_tenth(hide(49.0)));
  uint64_t hash = 0;
  for (int i = 0; i < 13; i++)
    for (int j = 0; j < 13; j++) hash = mix(hash, inlined(hide(values[i]), hide(values[j])));
  report("inlined", (long long)hash);
  return 0;
}
