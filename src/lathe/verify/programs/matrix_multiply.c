/* Matrix products of ints, floats and doubles, plain, transposed and blocked: loop interchange, unrolling and
   vectorising that must not reorder the floating-point sums. */
#pragma STDC FP_CONTRACT OFF
#include "check.h"

#define N 11

static void multiply(double out[N][N], double a[N][N], double b[N][N], int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = 0; k < n; k++) sum += a[i][k] * b[k][j];
      out[i][j] = sum;
    }
}

static void multiply_transposed(float *out, const float *a, const float *b, int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      out[i * n + j] = 0;
      for (int k = 0; k < n; k++) out[i * n + j] += a[i * n + k] * b[j * n + k];
    }
}

static void multiply_blocked(int *restrict out, const int *a, const int *b, int rows, int inner,
                             int columns) {
  memset(out, 0, sizeof *out * (size_t)(rows * columns));
  for (int block = 0; block < inner; block += 4) {
    int end = block + 4 < inner ? block + 4 : inner;
    for (int i = 0; i < rows; i++)
      for (int k = block; k < end; k++)
        for (int j = 0; j < columns; j++) out[i * columns + j] += a[i * inner + k] * b[k * columns + j];
  }
}

typedef struct {
  unsigned a, b, c, d;
} Two;

static Two times(Two x, Two y) {
  return (Two){x.a * y.a + x.b * y.c, x.a * y.b + x.b * y.d, x.c * y.a + x.d * y.c, x.c * y.b + x.d * y.d};
}

static unsigned lucas(unsigned n) {
  Two base = {1, 1, 1, 0}, result = {1, 0, 0, 1};
  for (; n; n >>= 1, base = times(base, base))
    if (n & 1) result = times(result, base);
  return result.a + result.d;
}

int main(void) {
  static double a[N][N], b[N][N], product[N][N];
  float fa[N * N], fb[N * N], fp[N * N];
  int ia[N * N], ib[N * N], ip[N * N];
  uint32_t seed = hide(31u);
  for (int i = 0; i < N * N; i++) {
    seed = seed * 1664525 + 1013904223;
    a[i / N][i % N] = (seed >> 8) / 7.0, b[i % N][i / N] = i / 3.0 - 20;
    fa[i] = (float)(seed >> 20) * 0.01f, fb[i] = (float)i * 0.3f - 9;
    ia[i] = (int)(seed >> 24) - 128, ib[i] = i * i % 97 - 40;
  }
  for (int n = 0; n <= N; n += n < 4 ? 1 : 7) {
    memset(product, 0, sizeof product), memset(fp, 0, sizeof fp), memset(ip, 0, sizeof ip);
    multiply(product, a, b, hide(n));
    report_bytes("double", product, sizeof product);
    multiply_transposed(fp, fa, fb, hide(n));
    report_bytes("float", fp, sizeof fp);
    multiply_blocked(ip, ia, ib, hide(n), hide(n > 4 ? 9 : n), hide(N - n));
    report_bytes("int", ip, sizeof ip);
  }
  for (unsigned n = 0; n <= 40; n += n < 4 ? 1 : 18) report("lucas", lucas(hide(n)));
  return 0;
}
