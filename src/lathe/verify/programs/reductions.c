// Reductions: sums, products, minima with their positions, xor, and, or, any/all, dot products and sums of
// absolute differences over elements narrower than the sum. The vectoriser rewrites them; lengths leave every
// remainder.
#include "check.h"

static int64_t sum_s8(const int8_t *v, int n) {
  int64_t sum = 0;
  for (int i = 0; i < n; i++) sum += v[i];
  return sum;
}

static uint16_t sum_wrapping(const int8_t *v, int n) {
  uint16_t sum = 65000;
  for (int i = 0; i < n; i++) sum = (uint16_t)(sum + (uint8_t)v[i]);
  return sum;
}

static int32_t dot(const int16_t *a, const int16_t *b, int n) {
  int32_t sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static uint32_t absolute_differences(const uint8_t *a, const uint8_t *b, int n) {
  uint32_t sum = 0;
  for (int i = 0; i < n; i++) sum += (uint32_t)abs(a[i] - b[i]);
  return sum;
}

static void extremes(const int16_t *v, int n, int out[6]) {
  int least = 0, greatest = 0, at_least = -1, at_greatest = -1;
  for (int i = 0; i < n; i++) {
    if (at_least < 0 || v[i] < least) least = v[i], at_least = i;
    if (at_greatest < 0 || v[i] >= greatest) greatest = v[i], at_greatest = i;
  }
  unsigned umin = 99999;
  for (int i = 0; i < n; i++) umin = (uint16_t)v[i] < umin ? (uint16_t)v[i] : umin;
  int result[6] = {least, at_least, greatest, at_greatest, (int)umin, 0};
  for (int i = 0; i < n; i++) result[5] += v[i] > v[0];
  memcpy(out, result, sizeof result);
}

static uint32_t bits(const int16_t *v, int n) {
  uint16_t all = 0xffff, any = 0, odd = 0;
  uint32_t product = 1, alternating = 0;
  for (int i = 0; i < n; i++) {
    all &= (uint16_t)(v[i] | 0x0f0f);
    any |= (uint16_t)(v[i] & 0x3c3c);
    odd ^= (uint16_t)v[i];
    product *= (uint32_t)v[i] | 1;
    alternating = (uint32_t)v[i] - alternating;
  }
  return all * 3u + any * 5u + odd * 7u + product * 11u + alternating * 13u;
}

int main(void) {
  int16_t a[40], b[40];
  int8_t c[40];
  uint8_t d[40], e[40];
  uint32_t seed = hide(12345u);
  for (int i = 0; i < 40; i++) {
    seed = seed * 1664525 + 1013904223;
    a[i] = (int16_t)(seed >> 16), b[i] = (int16_t)((int16_t)(seed >> 8) / 40), c[i] = (int8_t)(seed >> 24);
    d[i] = (uint8_t)(seed >> 20), e[i] = (uint8_t)(seed >> 12);
  }
  a[7] = INT16_MIN, a[20] = INT16_MIN, a[4] = INT16_MAX, a[13] = INT16_MAX, a[30] = a[0];
  for (int n = -1; n <= 40; n += n < 9 ? 1 : n < 30 ? 4 : 5) {
    int x[6], m = hide(n);
    extremes(a, m, x);
    printf("%d: %lld %u %d %u, %d at %d, %d at %d, %d %d, %u\n", n, (long long)sum_s8(c, m),
           (unsigned)sum_wrapping(c, m), (int)dot(a, b, m), (unsigned)absolute_differences(d, e, m), x[0],
           x[1], x[2], x[3], x[4], x[5], (unsigned)bits(a, m));
  }
  return 0;
}
