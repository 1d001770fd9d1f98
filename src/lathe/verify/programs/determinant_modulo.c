/* Determinants, inverses and systems of equations modulo a prime, and exactly by Bareiss: elimination with
   row swaps, signs and modular inverses. */
#include "check.h"

enum { N = 7, P = 1000003 };

static int64_t modulo(int64_t a) { return (a % P + P) % P; }

static int64_t inverse(int64_t a) {
  int64_t r = P, next = a, t = 0, t_next = 1;
  while (next) {
    int64_t q = r / next, kept = r - q * next;
    r = next, next = kept;
    kept = t - q * t_next;
    t = t_next, t_next = kept;
  }
  return r == 1 ? modulo(t) : 0;
}

/* The determinant of the left square; all columns take part in the elimination. */
static int64_t eliminate(int64_t *m, int n, int columns) {
  int64_t det = 1;
  for (int c = 0; c < n; c++) {
    int pivot = c;
    while (pivot < n && m[pivot * columns + c] == 0) pivot++;
    if (pivot == n) return 0;
    if (pivot != c) {
      for (int k = 0; k < columns; k++) {
        int64_t kept = m[c * columns + k];
        m[c * columns + k] = m[pivot * columns + k];
        m[pivot * columns + k] = kept;
      }
      det = P - det;
    }
    det = det * m[c * columns + c] % P;
    int64_t scale = inverse(m[c * columns + c]);
    for (int k = c; k < columns; k++) m[c * columns + k] = m[c * columns + k] * scale % P;
    for (int row = 0; row < n; row++) {
      int64_t factor = m[row * columns + c];
      if (row == c || factor == 0) continue;
      for (int k = c; k < columns; k++)
        m[row * columns + k] = modulo(m[row * columns + k] - factor * m[c * columns + k]);
    }
  }
  return det;
}

static int64_t bareiss(int64_t m[N][N], int n) {
  int64_t last = 1;
  int sign = 1;
  for (int k = 0; k < n - 1; k++) {
    for (int row = k + 1; m[k][k] == 0; row++) {
      if (row == n) return 0;
      for (int c = 0; c < n; c++) {
        int64_t kept = m[k][c];
        m[k][c] = m[row][c];
        m[row][c] = kept;
      }
      sign = -sign;
    }
    for (int i = k + 1; i < n; i++)
      for (int j = k + 1; j < n; j++) m[i][j] = (m[i][j] * m[k][k] - m[i][k] * m[k][j]) / last;
    last = m[k][k];
  }
  return sign * m[n - 1][n - 1];
}

int main(void) {
  uint32_t seed = hide(14u);
  for (int round = 0; round < 12; round++) {
    int n = hide(1 + round % N), columns = 2 * n;
    int64_t whole[N][N], wide[N * N * 2];
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        seed = seed * 1664525 + 1013904223;
        whole[i][j] = round == 5 ? i * j : i + j < round % 4 ? 0 : (int)(seed >> 26) - 32;
        wide[i * columns + j] = modulo(whole[i][j]);
        wide[i * columns + n + j] = i == j;
      }
    int64_t det = eliminate(wide, n, columns);
    report("determinant", det);
    expect("bareiss", modulo(bareiss(whole, n)), det);
    report_bytes("inverse", wide, sizeof *wide * (size_t)(n * columns));
  }
  expect("inverse", inverse(hide((int64_t)P - 1)) + inverse(hide((int64_t)2)) + inverse(hide((int64_t)0)),
         P - 1 + (P + 1) / 2);
  return 0;
}
