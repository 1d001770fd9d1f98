/* float beside double arithmetic, products and sums that an FMA would round once, and division by constants
   that has no exact reciprocal. */
#pragma STDC FP_CONTRACT OFF
#include "check.h"

static float in_float(float a, float b, float c) { return a * b + c; }
static float in_double(float a, float b, float c) { return (float)((double)a * b + c); }
static double product_error(double a, double b) { return a * b - a * b; }
static double discriminant(double a, double b, double c) { return b * b - 4 * a * c; }
static float average(float a, float b) { return (a + b) / 2; }
static float narrowed(double a) { return (float)(a * 3) * 3; }
static float double_constant(float a) { return (float)(a * 0.1); }
static float float_constant(float a) { return a * 0.1f; }
static float divided(float a) { return a / 3.0f + a / 8.0f - a / 10.0f; }
static double divided_double(double a) { return a / 7.0 + a / 16.0 - a / 1e-3; }

/* Veltkamp and Dekker: the exact error of a product, zero only when nothing was lost. */
static double exact_error(double a, double b) {
  double p = a * b, scaled_a = a * 134217729.0, scaled_b = b * 134217729.0;
  double high_a = scaled_a - (scaled_a - a), high_b = scaled_b - (scaled_b - b);
  double low_a = a - high_a, low_b = b - high_b;
  return ((high_a * high_b - p) + high_a * low_b + low_a * high_b) + low_a * low_b;
}

static int steps_until_equal(float start) {
  int steps = 0;
  for (float half = start; start + half != start; half *= 0.5f) steps++;
  return steps;
}

static double logistic(double x, double r, int n) {
  for (int i = 0; i < n; i++) x = r * x * (1 - x);
  return x;
}

static float logistic_float(float x, float r, int n) {
  while (n--) x = r * x * (1 - x);
  return x;
}

static int same_after(float x) {
  double wide = x;
  return (x * x == (float)(wide * wide)) * 100 + (x / 3 == (float)(wide / 3)) * 10 +
         (x * 0.1f == (float)(wide * 0.1));
}

int main(void) {
  float fa = hide(1.0001f), fb = hide(0.9999f), fc = hide(-1.0f);
  double a = hide(1.0000000001), b = hide(0.9999999999);
  report_double("float", in_float(fa, fb, fc));
  report_double("double", in_double(fa, fb, fc));
  report_double("no error", product_error(a, b));
  report_double("error", exact_error(a, b));
  report_double("exact", exact_error(hide(3.0), hide(0.5)));
  report_double("discriminant", discriminant(a, hide(2.0), b));
  report_double("average", average(hide(3e38f), hide(2e38f)));
  report_double("average", average(fa, fb));
  for (int i = 1; i <= 5; i++) {
    float x = hide((float)i * 0.7f);
    report_double("narrowed", narrowed(x));
    report_double("constants", double_constant(x) - float_constant(x));
    report_double("divided", divided(x));
    report_double("divided double", divided_double(hide(i * 1.1)));
    report("same", same_after(x));
  }
  report("float steps", steps_until_equal(hide(1.0f)) * 1000 + steps_until_equal(hide(3e-45f)));
  for (int n = 0; n <= 60; n += n < 2 ? 1 : 29) {
    report_double("logistic", logistic(hide(0.3), hide(3.9), hide(n)));
    report_double("logistic float", logistic_float(hide(0.3f), hide(3.9f), n));
  }
  return 0;
}
