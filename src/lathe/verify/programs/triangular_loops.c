// Loops whose bounds depend on outer counters: triangles, diagonals, bands and their closed forms; scalar
// evolution has second and third order recurrences to replace the loops by.
#include "check.h"

static unsigned cells(int n) {
  unsigned count = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) count++;
  return count;
}

static unsigned tetrahedron(unsigned n) {
  unsigned count = 0;
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = i; j < n; j++)
      for (unsigned k = i; k <= j; k++) count += k - i + 1;
  return count;
}

static void pascal(uint64_t rows[34][34], int n) {
  for (int i = 0; i < n; i++) {
    rows[i][0] = rows[i][i] = 1;
    for (int j = 1; j < i; j++) rows[i][j] = rows[i - 1][j - 1] + rows[i - 1][j];
  }
}

static uint32_t diagonals(const uint8_t *m, int n) {
  uint32_t hash = 7;
  for (int d = 0; d < 2 * n - 1; d++)
    for (int i = d < n ? 0 : d - n + 1; i <= d && i < n; i++) hash = hash * 33 + m[i * n + d - i];
  return hash;
}

static int band(const uint8_t *m, int n, int width) {
  int sum = 0;
  for (int i = 0; i < n; i++) {
    int low = i - width < 0 ? 0 : i - width, high = i + width >= n ? n - 1 : i + width;
    for (int j = low; j <= high; j++) sum = sum * 3 % 65521 + m[i * n + j];
  }
  return sum;
}

// Solves a lower triangular system over the integers modulo 251 (its diagonal is one).
static void forward_substitution(const uint8_t *m, int *x, int n) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < i; j++) x[i] = (x[i] + 251 * 251 - m[i * n + j] * x[j]) % 251;
  }
}

static int64_t power_sum(int n, int exponent) {
  int64_t sum = 0;
  for (int64_t i = 1; i <= n; i++) {
    int64_t term = 1;
    for (int j = 0; j < exponent; j++) term *= i;
    sum += term;
  }
  return sum;
}

int main(void) {
  for (int n = -1; n <= 9; n += n < 2 ? 1 : 7) {
    expect("cells", cells(hide(n)), n < 0 ? 0 : n * (n + 1) / 2);
    report("tetrahedron", tetrahedron(n < 0 ? 0 : hide((unsigned)n)));
  }
  static uint64_t rows[34][34];
  pascal(rows, hide(34));
  expect("33 over 16", (long long)rows[33][16], 1166803110);
  report_bytes("pascal", rows, sizeof rows);
  uint8_t m[64];
  for (int i = 0; i < 64; i++) m[i] = (uint8_t)(hide(i) * 97 % 250);
  for (int n = 0; n <= 8; n += n < 2 ? 1 : 3) {
    printf("%d: %u %d %d %d\n", n, (unsigned)diagonals(m, hide(n)), band(m, hide(n), hide(0)),
           band(m, hide(n), hide(2)), band(m, hide(n), hide(9)));
    int x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    forward_substitution(m, x, hide(n));
    report_bytes("solution", x, sizeof x);
  }
  for (int exponent = 0; exponent <= 4; exponent++) report("power sum", power_sum(hide(100), hide(exponent)));
  expect("cubes", power_sum(hide(100), hide(3)), 5050 * 5050);
  return 0;
}
