// Neighbouring loops that could be fused and loops that could be distributed: legal where no value flows
// backwards, illegal where the second loop reads what later rounds of the first one write.
#include "check.h"

enum { kSize = 24 };

static void fusable(const int *a, int *b, int *c, int n) {
  for (int i = 0; i < n; i++) b[i] = a[i] * 3;
  for (int i = 0; i < n; i++) c[i] = b[i] - a[i];
}

static void not_fusable(int *a, int *b, int n) {
  for (int i = 0; i < n; i++) a[i] = a[i] * 2 + 1;
  for (int i = 0; i < n; i++) b[i] = a[n - 1 - i] + (i + 1 < n ? a[i + 1] : 0);
}

static int different_bounds(const int *a, int n, int m) {
  int sum = 0, product = 1;
  for (int i = 0; i < n; i++) sum += a[i];
  for (int i = 0; i < m; i++) product = (product * (a[i] & 7) + 1) % 9973;
  for (int i = 0; i < n; i++) sum -= product % (i + 1);
  return sum * 4 + product % 4;
}

// One recurrence and two independent streams in one loop.
static void distributable(int *a, int *b, int *c, int n) {
  for (int i = 1; i < n; i++) {
    a[i] = a[i - 1] / 2 + i;
    b[i] = c[i] * 5;
    c[i - 1] = b[i] - i;
  }
}

// The statements depend on one another in a circle.
static void not_distributable(int *a, int *b, int n) {
  for (int i = 1; i < n; i++) {
    a[i] = b[i - 1] + 1;
    b[i] = a[i] * 2 % 1000;
  }
}

static void clear_and_fill(int *a, unsigned char *bytes, int n) {
  for (int i = 0; i < n; i++) {
    a[i] = 0;  // becomes memset, the other one too
    bytes[i] = 0xa5;
  }
  for (int i = n / 2; i < n; i++) a[i] = i;
}

int main(void) {
  const int sizes[] = {-3, 1, 2, 7, 16, 24};
  for (int k = 0; k < 6; k++) {
    int n = hide(sizes[k]), a[kSize], b[kSize], c[kSize], start[kSize];
    unsigned char bytes[kSize] = {0};
    for (int i = 0; i < kSize; i++)
      a[i] = start[i] = (hide(i) * 211 + 77) % 129 - 60, b[i] = 2 * i, c[i] = 50 - i;
    fusable(a, b, c, n);
    report_bytes("fusable b", b, sizeof b);
    report_bytes("fusable c", c, sizeof c);
    not_fusable(a, b, n);
    report_bytes("not fusable", b, sizeof b);
    report("different bounds",
           different_bounds(start, n, hide(5)) * 10 + different_bounds(start, hide(3), n) % 10);
    distributable(a, b, c, n);
    for (int i = 0; i < kSize; i++) c[i] += a[i] * 1000 + b[i] * 31;
    report_bytes("distributable", c, sizeof c);
    not_distributable(a, b, n);
    for (int i = 0; i < kSize; i++) b[i] += a[i] * 3001;
    report_bytes("not distributable", b, sizeof b);
    clear_and_fill(a, bytes, n);
    report_bytes("cleared", a, sizeof a);
    expect("bytes", bytes[0] + bytes[kSize - 1], (n > 0) * 0xa5 + (n == kSize) * 0xa5);
  }
  return 0;
}
