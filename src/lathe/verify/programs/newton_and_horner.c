/* Newton's method, Horner's rule, bisection and Runge-Kutta steps: loops whose end depends
   on floating-point comparisons. */
#pragma STDC FP_CONTRACT OFF
#include "check.h"

typedef double (*Function)(double);

static double horner(const double *c, int degree, double x) {
  double y = c[degree];
  for (int i = degree - 1; i >= 0; i--) y = y * x + c[i];
  return y;
}

static double slope(const double *c, int degree, double x) {
  double y = 0;
  for (int i = degree; i > 0; i--) y = y * x + c[i] * i;
  return y;
}

static double newton(const double *c, int degree, double x, int *steps) {
  for (*steps = 0; *steps < 60; ++*steps) {
    double y = horner(c, degree, x), d = slope(c, degree, x);
    if (d == 0) return -999;
    double next = x - y / d;
    if (next == x) break;
    x = next;
  }
  return x;
}

static float root(float x, int *steps) {
  float guess = x > 1 ? x : 1, better;
  *steps = 0;
  while ((better = (guess + x / guess) / 2) < guess) guess = better, ++*steps;
  return guess;
}

static double bisect(Function f, double low, double high, double within) {
  if (!(f(low) < 0 && f(high) >= 0)) return -1;
  while (high - low > within) {
    double middle = low + (high - low) / 2;
    *(f(middle) < 0 ? &low : &high) = middle;
  }
  return high;
}

static double runge_kutta(double y, double step, int n) {
  for (int i = 0; i < n; i++) {
    double k1 = y * (2 - y), y2 = y + step / 2 * k1, k2 = y2 * (2 - y2), y3 = y + step / 2 * k2,
           k3 = y3 * (2 - y3);
    double y4 = y + step * k3;
    y += step / 6 * (k1 + 2 * (k2 + k3) + y4 * (2 - y4));
  }
  return y;
}

static double cubic(double x) { return x * x * x - 2; }

int main(void) {
  const double c[] = {hide(-6.0), hide(11.0), hide(-6.0), hide(1.0)}, flat[] = {1, 0, hide(3.0)};
  for (int degree = 0; degree <= 3; degree++) {
    report_double("horner", horner(c, hide(degree), hide(1.7)));
    report_double("slope", slope(c, hide(degree), hide(-0.3)));
  }
  int steps;
  for (int start = 0; start <= 4; start += 2) {
    report_double("newton", newton(c, 3, hide(start + 0.1), &steps));
    report("steps", steps);
  }
  report_double("flat", newton(flat, 2, hide(0.0), &steps));
  report_double("no root", newton(flat, 2, hide(1.0), &steps));
  expect("all steps", steps, 60);
  const float squares[] = {0.5f, 1, 2, 49, 0.25f, 3e38f};
  for (int i = 0; i < 6; i++) {
    report_double("root", root(hide(squares[i]), &steps));
    report("root steps", steps);
  }
  report_double("cube root", bisect(cubic, hide(0.0), hide(2.0), hide(0x1p-40)));
  report_double("at once", bisect(cubic, hide(1.0), hide(2.0), hide(1.0)));
  report_double("not between",
                bisect(cubic, hide(2.0), hide(3.0), 1) + bisect(cubic, hide(0.0), hide(1.0), 1));
  for (int n = 0; n <= 20; n += 10)
    report_double("runge-kutta", runge_kutta(hide(0.1), hide(0.125), hide(n)));
  return 0;
}
