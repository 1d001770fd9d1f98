/* Subnormals, underflow and overflow: values decomposed and rebuilt from their bits, scaled and halved down
   to zero and up to infinity; nothing may be flushed. */
#include <float.h>

#include "check.h"

typedef struct {
  int sign, exponent;
  uint64_t fraction;
} Parts;

static Parts split(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return (Parts){(int)(bits >> 63), (int)(bits >> 52 & 2047), bits & 0xfffffffffffff};
}

static double join(Parts p) {
  uint64_t bits = (uint64_t)p.sign << 63 | (uint64_t)p.exponent << 52 | p.fraction;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static double scale(double x, int by) {
  for (; by > 0; by--) x *= 2;
  for (; by < 0; by++) x /= 2;
  return x;
}

static int bits_to_zero(float x) {
  int n = 0;
  while (x != 0) x = x / 2, n++;
  return n;
}

static int doublings(double x) {
  int n = 0;
  while (x <= DBL_MAX) x += x, n++;
  return n;
}

static double spacing(double x) {
  Parts p = split(x);
  p.sign = 0;
  Parts next = p;
  if (++next.fraction >> 52) next.fraction = 0, next.exponent++;
  return join(next) - join(p);
}

static const char *kind(Parts p) {
  if (p.exponent == 2047) return p.fraction ? "nan" : "infinite";
  if (p.exponent == 0) return p.fraction ? "subnormal" : "zero";
  return "normal";
}

int main(void) {
  const double values[] = {
      0.0, -1.0, DBL_MIN, DBL_MIN / 2, DBL_TRUE_MIN, -3 * DBL_TRUE_MIN, DBL_MAX, 1.9999999999999998};
  for (int i = 0; i < 8; i++) {
    double x = hide(values[i]);
    Parts p = split(x);
    printf("%d %d %llx %s\n", p.sign, p.exponent, (unsigned long long)p.fraction, kind(p));
    report_double("joined", join(p));
    report_double("spacing", spacing(x));
  }
  for (int by = -1; by <= 1; by++) {
    report_double("down", scale(hide(1.5), -1073 + by));
    report_double("up", scale(hide(1.5), 1023 + by));
    report_double("there and back", scale(scale(hide(1.2345678901234567), -1045 + by), 1045));
  }
  expect("float bits", bits_to_zero(hide(1.0f)), 150);
  expect("from least", bits_to_zero(hide(1e-45f)), 1);
  expect("doublings", doublings(hide(1.0)), 1024);
  report_double("least squared", hide(DBL_MIN) * hide(DBL_EPSILON) * hide(0.5));
  report_double("round to even", hide(3 * DBL_TRUE_MIN) * 0.5 - hide(DBL_TRUE_MIN) * 0.5);
  report_double("difference", hide(DBL_MIN * 1.5) - hide(DBL_MIN));
  report_double("float subnormal", hide(FLT_MIN) * 0.75f - hide(FLT_TRUE_MIN));
  for (int exponent = 2046; exponent <= 2047; exponent++)
    for (uint64_t fraction = 0; fraction <= 1; fraction++)
      puts(kind((Parts){0, hide(exponent), hide(fraction)}));
  return 0;
}
