/* long double as far as all targets agree (small whole and binary fractions, comparisons, calls), and complex
   arithmetic by hand through structs returned in two registers. */
#pragma STDC FP_CONTRACT OFF
#include "check.h"

typedef struct {
  double re, im;
} Complex;

static Complex multiply(Complex a, Complex b) {
  Complex product;
  product.re = a.re * b.re - a.im * b.im;
  product.im = a.re * b.im + a.im * b.re;
  return product;
}

static Complex divide(Complex a, Complex b) {
  double size = b.re * b.re + b.im * b.im;
  Complex quotient = multiply(a, (Complex){b.re, -b.im});
  return (Complex){quotient.re / size, quotient.im / size};
}

static Complex power(Complex base, unsigned n) {
  Complex result = {1, 0};
  for (; n; n /= 2) {
    if (n % 2) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

static int mandelbrot(Complex c, int limit) {
  Complex z = {0, 0};
  int n = 0;
  while (n < limit && z.re * z.re + z.im * z.im <= 4) {
    z = multiply(z, z);
    z = (Complex){z.re + c.re, z.im + c.im};
    n++;
  }
  return n;
}

static NOINLINE long double polynomial(long double x, const long double *factor, int n) {
  long double sum = 0;
  while (n-- > 0) sum = sum * x + factor[n];
  return sum;
}

static NOINLINE long double choose(int first, long double a, double between, long double b) {
  return first ? a - between : b + between;
}

static long double factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }
static int order(long double a, long double b) {
  return (a < b) + (a <= b) * 2 + (a == b) * 4 + !(a > b) * 8;
}

static void show(const char *label, Complex c) {
  report_double(label, c.re);
  report_double(label, c.im);
}

int main(void) {
  Complex a = {hide(1.5), hide(-2.0)}, b = {hide(0.25), hide(3.0)};
  show("product", multiply(a, b));
  show("quotient", divide(a, b));
  for (unsigned n = 0; n <= 5; n++) show("power", power(a, hide(n)));
  for (int y = -2; y <= 2; y++) {
    int row = 0;
    for (int x = -6; x <= 2; x++)
      row = row * 7 + mandelbrot((Complex){hide(x * 0.375), hide(y * 0.5)}, 20 + y);
    report("mandelbrot", row);
  }
  expect("edge", mandelbrot((Complex){hide(-2.0), 0}, hide(30)), 30);
  const long double factors[] = {hide(3.0L), -1, hide(0.5L), 2};
  for (int n = 0; n <= 4; n++) report_double("polynomial", (double)polynomial(hide(-1.5L), factors, hide(n)));
  for (int first = 0; first < 2; first++)
    report_double("chosen", (double)choose(hide(first), 7.5L, hide(0.25), -2));
  expect("factorial", (long long)factorial(hide(20)), 2432902008176640000);
  long double tiny = hide(1.0L) / (1LL << 60), one = hide(1.0L);
  report("orders", order(one, one) * 10000 + order(tiny, one) * 100 + order(one, -tiny));
  expect("exact", (long long)((one + tiny * (1 << 20)) * (1LL << 40)), (1LL << 40) + 1);
  expect(
      "64 bits",
      (long long)(unsigned long long)hide(0x1p63L) < 0 && (unsigned long long)hide(0x1p63L) - 1 == INT64_MAX,
      1);
  return 0;
}
