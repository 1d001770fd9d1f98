// Two-dimensional arrays: transposition in and out of place, by tiles, rotation, products in all six loop
// orders and a spiral; interchange, unroll-and-jam and SLP must keep rows and columns apart.
#include "check.h"

enum { kRows = 7, kColumns = 5 };

static void transpose(const int32_t from[kRows][kColumns], int32_t to[kColumns][kRows]) {
  for (int i = 0; i < kRows; i++)
    for (int j = 0; j < kColumns; j++) to[j][i] = from[i][j];
}

static void transpose_in_place(int32_t *m, int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) {
      int32_t held = m[i * n + j];
      m[i * n + j] = m[j * n + i];
      m[j * n + i] = held;
    }
}

static void transpose_by_tiles(const int32_t *from, int32_t *to, int n, int tile) {
  for (int i0 = 0; i0 < n; i0 += tile)
    for (int j0 = 0; j0 < n; j0 += tile)
      for (int i = i0; i < n && i < i0 + tile; i++)
        for (int j = j0; j < n && j < j0 + tile; j++) to[j * n + i] = from[i * n + j] + tile;
}

static void multiply(const int32_t *a, const int32_t *b, int32_t *c, int n, int order) {
  static const unsigned char kOrders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  int at[3];
  memset(c, 0, (size_t)(n * n) * sizeof *c);
  for (int x = 0; x < n; x++)
    for (int y = 0; y < n; y++)
      for (int z = 0; z < n; z++) {
        at[kOrders[order][0]] = x, at[kOrders[order][1]] = y, at[kOrders[order][2]] = z;
        c[at[0] * n + at[1]] += a[at[0] * n + at[2]] * b[at[2] * n + at[1]];
      }
}

static uint32_t spiral(const int32_t m[kRows][kColumns], int rows, int columns) {
  uint32_t hash = 0;
  int top = 0, left = 0, bottom = rows - 1, right = columns - 1;
  while (top <= bottom && left <= right) {
    for (int j = left; j <= right; j++) hash = hash * 31 + (uint32_t)m[top][j];
    for (int i = ++top; i <= bottom; i++) hash = hash * 31 + (uint32_t)m[i][right];
    right--;
    for (int j = right; top <= bottom && j >= left; j--) hash = hash * 31 + (uint32_t)m[bottom][j];
    bottom--;
    for (int i = bottom; left <= right && i >= top; i--) hash = hash * 31 + (uint32_t)m[i][left];
    left++;
  }
  return hash;
}

int main(void) {
  int32_t m[kRows][kColumns], t[kColumns][kRows], squares[3][36];
  for (int i = 0; i < kRows; i++)
    for (int j = 0; j < kColumns; j++) m[i][j] = hide(i) * 10 + j;
  transpose((const int32_t (*)[kColumns])m, t);
  for (int j = 0; j < kColumns; j++) printf("%d %d %d\n", (int)t[j][0], (int)t[j][3], (int)t[j][kRows - 1]);
  for (int n = 0; n <= 6; n += 2 + n % 2) {
    for (int i = 0; i < 36; i++) squares[0][i] = hide(i) * i % 23 - 9, squares[1][i] = squares[2][i] = -1;
    transpose_by_tiles(squares[0], squares[1], hide(n), hide(4));
    transpose_in_place(squares[0], hide(n));
    report_bytes("in place", squares[0], sizeof squares[0]);
    report_bytes("by tiles", squares[1], sizeof squares[1]);
    for (int order = 0; order < 6; order += 1 + n / 3) {
      multiply(squares[0], squares[1], squares[2], hide(n), hide(order));
      report_bytes("product", squares[2], sizeof squares[2]);
    }
  }
  for (int rows = 1; rows <= kRows; rows += 3)
    for (int columns = 0; columns <= kColumns; columns += columns ? 2 : 1)
      report("spiral", spiral((const int32_t (*)[kColumns])m, hide(rows), hide(columns)));
  return 0;
}
