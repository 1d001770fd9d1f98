/* Sums whose order matters: plain, backwards, pairwise, Kahan and Neumaier. Vectorisers and reassociate must
   keep the order of the source, and the compensation is not zero. */
#pragma STDC FP_CONTRACT OFF
#include "check.h"

#define N 67

static double forwards(const double *x, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += x[i];
  return sum;
}

static double backwards(const double *x, int n) {
  double sum = 0;
  while (n-- > 0) sum += x[n];
  return sum;
}

static double pairwise(const double *x, int n) {
  if (n <= 2) return n == 0 ? 0 : n == 1 ? x[0] : x[0] + x[1];
  return pairwise(x, n / 2) + pairwise(x + n / 2, n - n / 2);
}

static double kahan(const double *x, int n) {
  double sum = 0, lost = 0;
  for (int i = 0; i < n; i++) {
    double y = x[i] - lost, t = sum + y;
    lost = (t - sum) - y;
    sum = t;
  }
  return sum;
}

static double neumaier(const double *x, int n) {
  double sum = 0, lost = 0;
  for (int i = 0; i < n; i++) {
    double t = sum + x[i], size = sum < 0 ? -sum : sum, other = x[i] < 0 ? -x[i] : x[i];
    lost += size >= other ? (sum - t) + x[i] : (x[i] - t) + sum;
    sum = t;
  }
  return sum + lost;
}

static float floats(const double *x, int n) {
  float a = 0, b = 1;
  for (int i = 0; i < n; i++) {
    a += (float)x[i];
    b = b * 0.75f + a;
  }
  return a - b;
}

static double unrolled(const double *x, int n) {
  double a = 0, b = 0, c = 1;
  int i = 0;
  for (; i + 1 < n; i += 2) a += x[i], b += x[i + 1], c = c * 0.5 + a * b;
  if (i < n) a += x[i];
  return (a + b) + c;
}

int main(void) {
  double x[N];
  uint32_t seed = hide(12u);
  for (int i = 0; i < N; i++) {
    seed = seed * 1664525 + 1013904223;
    x[i] = ((double)seed - 2147483648.0) / (double)(1u << (seed >> 3 & 31));
    if (i % 9 == 4) x[i] *= 1e17;
  }
  double (*const sums[])(const double *, int) = {forwards, backwards, pairwise, kahan, neumaier, unrolled};
  const int sizes[] = {0, 1, 2, 3, 8, 17, N};
  for (int i = 0; i < 7; i++) {
    for (int s = 0; s < 6; s++) report_double("sum", sums[s](x, hide(sizes[i])));
    report_double("floats", floats(x, sizes[i]));
  }
  const double large[] = {hide(1.0), hide(1e100), 1.0, -1e100};
  report_double("lost", forwards(large, hide(4)));
  report_double("kahan lost", kahan(large, hide(4)));
  expect("neumaier", (long long)neumaier(large, hide(4)), 2);
  return 0;
}
