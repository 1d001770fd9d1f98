/* Sorting networks and branch-free selection: compare-exchanges that become min and max, also in vectors,
   checked by the zero-one principle. */
#include "check.h"

static void exchange(int *a, int *b) {
  int low = *a < *b ? *a : *b, high = *a < *b ? *b : *a;
  *a = low;
  *b = high;
}

static void sort4(int *v) {
  exchange(v, v + 1), exchange(v + 2, v + 3);
  exchange(v, v + 2), exchange(v + 1, v + 3);
  exchange(v + 1, v + 2);
}

static void bitonic(int *v, int n) {
  for (int size = 2; size <= n; size *= 2)
    for (int step = size / 2; step > 0; step /= 2)
      for (int i = 0; i < n; i++) {
        int other = i ^ step;
        if (other <= i) continue;
        if (i & size)
          exchange(&v[other], &v[i]);
        else
          exchange(&v[i], &v[other]);
      }
}

static void odd_even(unsigned char *v, int n) {
  for (int round = 0; round < n; round++)
    for (int i = round & 1; i + 1 < n; i += 2) {
      unsigned char a = v[i], b = v[i + 1];
      v[i] = a < b ? a : b;
      v[i + 1] = a < b ? b : a;
    }
}

static int median3(int a, int b, int c) {
  exchange(&a, &b);
  return c > b ? b : c < a ? a : c;
}

static double median5(double a, double b, double c, double d, double e) {
  double v[] = {a, b, c, d, e};
  for (int i = 0; i < 3; i++)
    for (int j = i + 1; j < 5; j++)
      if (v[j] < v[i]) {
        double kept = v[i];
        v[i] = v[j];
        v[j] = kept;
      }
  return v[2];
}

static int is_sorted(const int *v, int n) {
  for (int i = 1; i < n; i++)
    if (v[i - 1] > v[i]) return i;
  return 0;
}

int main(void) {
  int wrong = 0, hash = 0;
  for (int bits = 0; bits < hide(256); bits++) {
    int v[8], four[4];
    for (int i = 0; i < 8; i++) v[i] = bits >> i & 1;
    memcpy(four, v, sizeof four);
    sort4(four);
    bitonic(v, 8);
    wrong += is_sorted(v, 8) + is_sorted(four, 4), hash = (hash * 7 + v[3] * 2 + four[1]) % 100003;
  }
  expect("wrong", wrong, 0), report("hash", hash);
  uint32_t seed = hide(21u);
  for (int n = 1; n <= 32; n *= 2) {
    int v[32];
    unsigned char bytes[33];
    for (int i = 0; i < n; i++)
      v[i] = (int)(seed = seed * 1664525 + 1013904223), bytes[i] = (unsigned char)(seed >> 24);
    bytes[n] = hide((unsigned char)128);
    report("unsorted", is_sorted(v, n));
    bitonic(v, hide(n));
    odd_even(bytes, hide(n + 1));
    report_bytes("ints", v, sizeof *v * (size_t)n);
    report_bytes("bytes", bytes, (size_t)n + 1);
    if (n >= 4) report_double("median", median5(v[1], v[0], bytes[1], v[2], bytes[0]));
  }
  for (int i = 0; i < 27; i += 2)
    report("median", median3(hide(i / 9), hide(i / 3 % 3), hide(i % 3)) * 100 + i);
  return 0;
}
