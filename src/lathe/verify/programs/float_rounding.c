/* floor, ceil, trunc, round, fabs, copysign, sqrt, fmin, fmax and the classification macros: calls that
   become instructions or folds. */
#include <float.h>
#include <math.h>

#include "check.h"

static uint64_t hash;

static void mix(double value) {
  uint64_t bits = 1;
  if (value == value) memcpy(&bits, &value, sizeof bits);
  hash = (hash ^ bits) * 0x9e3779b97f4a7c15u + (hash >> 31);
}

static void round_all(double x) {
  hash = 0;
  mix(floor(x)), mix(ceil(x)), mix(trunc(x)), mix(round(x)), mix(rint(x)), mix(fabs(x));
  float f = (float)x;
  mix(floorf(f)), mix(ceilf(f)), mix(truncf(f)), mix(roundf(f)), mix(fabsf(f));
  mix(-floor(-x) - ceil(x)), mix(floor(x) == x), mix(x - trunc(x)), mix((double)(float)floor((double)f));
  report("rounded", (long long)hash);
}

static void pair_all(double x, double y) {
  mix(copysign(x, y)), mix(copysign(fabs(x), -y)), mix(copysign(copysign(x, y), x)), mix(fabs(x) * fabs(x));
  if (x != y) mix(fmin(x, y)), mix(fmax(x, y)), mix(fmaxf((float)x, 3.5f)), mix(fmin(fmax(x, -2), 2.5));
}

static int classify(double x) {
  int kind = fpclassify(x) == FP_NAN         ? 1
             : fpclassify(x) == FP_ZERO      ? 2
             : fpclassify(x) == FP_SUBNORMAL ? 3
                                             : 4;
  return kind * 10000 + !!isnan(x) + !!isinf(x) * 10 + !!isfinite(x) * 100 + (signbit(x) && x == x) * 1000;
}

static int whole_root(int n) {
  int root = (int)sqrt((double)n);
  return root * root == n ? root : -root - 1;
}

static double hypotenuse(double a, double b) { return sqrt(a * a + b * b); }

int main(void) {
  const double values[] = {
      0.0,        -0.0,   0.49999999999999994, 0.5,    -0.5,    1.5,      2.5,       -2.5, 3.5,
      1e15 + 0.5, -1e300, 4503599627370495.5,  5e-324, DBL_MAX, INFINITY, -INFINITY, NAN,  -7.25};
  const int count = sizeof values / sizeof *values;
  for (int i = 0; i < count; i++) {
    double x = hide(values[i]);
    round_all(x);
    report("class", classify(x));
    hash = 1;
    for (int j = 0; j < count; j++) pair_all(x, hide(values[j]));
    if (i % 2) report("pairs", (long long)hash);
  }
  for (int n = 15; n <= 17; n++) report("root", whole_root(hide(n)));
  expect("large root", whole_root(hide(46340 * 46340)), 46340);
  report_double("root of 2", sqrt(hide(2.0)) + (double)sqrtf(hide(3.0f)));
  report_double("minus root", sqrt(hide(-0.0)));
  report_double("no root", sqrt(hide(-1.0)));
  expect("hypotenuse", hypotenuse(hide(3.0), hide(-4.0)) == 5.0, 1);
  return 0;
}
