/* A fast Fourier transform over the integers modulo 998244353, iterative and in place, and the products of
   polynomials with it: bit reversal, strides that double and modular products. */
#include "check.h"

#define P 998244353u

static uint32_t times(uint32_t a, uint32_t b) { return (uint32_t)((uint64_t)a * b % P); }
static uint32_t plus(uint32_t a, uint32_t b) { return a + b >= P ? a + b - P : a + b; }
static uint32_t minus(uint32_t a, uint32_t b) { return a >= b ? a - b : a + P - b; }

static uint32_t power(uint32_t base, uint32_t n) {
  uint32_t result = 1;
  for (; n; n >>= 1, base = times(base, base))
    if (n & 1) result = times(result, base);
  return result;
}

static void transform(uint32_t *a, unsigned n, int inverse) {
  for (unsigned i = 1, j = 0; i < n; i++) {
    unsigned bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      uint32_t kept = a[i];
      a[i] = a[j];
      a[j] = kept;
    }
  }
  for (unsigned size = 2; size <= n; size *= 2) {
    uint32_t root = power(3, (P - 1) / size);
    if (inverse) root = power(root, P - 2);
    for (unsigned start = 0; start < n; start += size) {
      uint32_t factor = 1;
      for (unsigned k = start; k < start + size / 2; k++) {
        uint32_t even = a[k], odd = times(a[k + size / 2], factor);
        a[k] = plus(even, odd);
        a[k + size / 2] = minus(even, odd);
        factor = times(factor, root);
      }
    }
  }
  if (inverse)
    for (unsigned i = 0, scale = power(n, P - 2); i < n; i++) a[i] = times(a[i], scale);
}

int main(void) {
  uint32_t a[64], b[64], seed = hide(4u);
  for (unsigned n = 1; n <= 64; n *= 2) {
    uint32_t plain[64] = {0}, before[64];
    memset(a, 0, sizeof a), memset(b, 0, sizeof b);
    for (unsigned i = 0; i < (n + 1) / 2; i++) {
      a[i] = (seed = seed * 1664525 + 1013904223) % P;
      b[i] = i == 1 ? P - 1 : (seed = seed * 1664525 + 1013904223) % P;
    }
    memcpy(before, a, sizeof a);
    for (unsigned i = 0; i < (n + 1) / 2; i++)
      for (unsigned j = 0; j < (n + 1) / 2; j++) plain[i + j] = plus(plain[i + j], times(a[i], b[j]));
    transform(a, hide(n), 0);
    report_bytes("spectrum", a, n * sizeof *a);
    transform(a, n, hide(1));
    expect("back again", memcmp(a, before, sizeof a), 0);
    transform(a, n, 0), transform(b, n, hide(0));
    for (unsigned i = 0; i < n; i++) a[i] = times(a[i], b[i]);
    transform(a, hide(n), 1);
    expect("product", memcmp(a, plain, n * sizeof *a), 0);
    report("middle", a[n / 2]);
  }
  expect("fermat", power(hide(5u), hide(P - 1)), 1);
  report("edges",
         plus(hide(P - 1), 1) + minus(hide(0u), 1) % 1000 + minus(hide(7u), 7) + plus(hide(P - 2), 1) % 1000);
  return 0;
}
