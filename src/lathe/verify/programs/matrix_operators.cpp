// A matrix class with value semantics and operators: products, powers, determinant modulo a prime,
// transposition. Provokes loop interchange, unrolling by known sizes, LICM and scalar replacement of inner
// sums.
#include <utility>

#include "check.h"

constexpr unsigned kPrime = 10007;

template <int R, int C>
struct Matrix {
  unsigned m[R][C] = {};
  unsigned *operator[](int r) { return m[r]; }
  const unsigned *operator[](int r) const { return m[r]; }
  template <int D>
  Matrix<R, D> operator*(const Matrix<C, D> &o) const {
    Matrix<R, D> p;
    for (int r = 0; r < R; r++)
      for (int d = 0; d < D; d++) {
        unsigned sum = 0;
        for (int c = 0; c < C; c++) sum += m[r][c] * o.m[c][d] % kPrime;
        p.m[r][d] = sum % kPrime;
      }
    return p;
  }
  Matrix<C, R> transposed() const {
    Matrix<C, R> t;
    for (int r = 0; r < R; r++)
      for (int c = 0; c < C; c++) t.m[c][r] = m[r][c];
    return t;
  }
};

template <int N>
static Matrix<N, N> power(Matrix<N, N> base, unsigned e) {
  Matrix<N, N> result;
  for (int i = 0; i < N; i++) result[i][i] = 1;
  for (; e; e >>= 1, base = base * base)
    if (e & 1) result = result * base;
  return result;
}
static unsigned inverse(unsigned x) { return power(Matrix<1, 1>{{{x}}}, kPrime - 2)[0][0]; }

template <int N>
static unsigned determinant(Matrix<N, N> a, int &swaps) {
  unsigned det = 1;
  for (int k = 0; k < N; k++) {
    int pivot = k;
    while (pivot < N && a[pivot][k] == 0) pivot++;
    if (pivot == N) return 0;
    if (pivot != k) {
      for (int c = k; c < N; c++) std::swap(a[pivot][c], a[k][c]);
      det = kPrime - det;
      swaps++;
    }
    det = det * a[k][k] % kPrime;
    unsigned inv = inverse(a[k][k]);
    for (int r = k + 1; r < N; r++) {
      unsigned f = a[r][k] * inv % kPrime;
      for (int c = k; c < N; c++) a[r][c] = (a[r][c] + (kPrime - f) * a[k][c]) % kPrime;
    }
  }
  return det;
}

int main() noexcept {
  Matrix<2, 2> fib{{{hide(1u), 1}, {1, 0}}};
  for (unsigned e : {0u, 1u, 2u, 10u, 90u}) report("fibonacci", power(fib, hide(e))[0][1]);
  Matrix<3, 5> a;
  for (int i = 0; i < 15; i++) a[i / 5][i % 5] = (unsigned)hide(i * i * 31 + 7) % kPrime;
  Matrix<3, 3> g = a * a.transposed();
  Matrix<5, 5> h = a.transposed() * a;
  report_bytes("g", g.m, sizeof g.m);
  report_bytes("h", h.m, sizeof h.m);
  int swaps = 0;
  report("rank 3", determinant(g, swaps));
  expect("singular", determinant(h, swaps), 0);
  g[0][0] = g[1][0] = 0;
  report("pivoting", determinant(g, swaps));
  report("swaps", swaps);
}
