// Binary searches: lower and upper bounds, without branches, over a function and over a rotated array; every
// wanted value lies on, just below or just above an element, and lengths are around powers of two.
#include "check.h"

static int lower_bound(const int *v, int n, int x) {
  int low = 0, high = n;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (v[middle] < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int upper_bound(const int *v, int n, int x) {
  const int *base = v;
  while (n > 0) {
    int half = n >> 1;
    if (base[half] <= x) {
      base += half + 1;
      n -= half + 1;
    } else {
      n = half;
    }
  }
  return (int)(base - v);
}

static int without_branches(const int *v, int n, int x) {
  const int *base = v;
  while (n > 1) {
    int half = n / 2;
    base += base[half - 1] < x ? half : 0;
    n -= half;
  }
  return (int)(base - v) + (n > 0 && *base < x);
}

static int exact(const int *v, int low, int high, int x) {
  if (low > high) return -1;
  int middle = (int)(((unsigned)low + (unsigned)high) >> 1);
  if (v[middle] == x) return middle;
  return v[middle] < x ? exact(v, middle + 1, high, x) : exact(v, low, middle - 1, x);
}

static int rotation(const int *v, int n) {
  int low = 0, high = n - 1;
  while (low < high) {
    int middle = (low + high) / 2;
    *(v[middle] > v[high] ? &low : &high) = middle + (v[middle] > v[high]);
  }
  return low;
}

static uint32_t root(uint64_t square) {
  uint64_t low = 0, high = (uint64_t)1 << 32;
  while (high - low > 1) {
    uint64_t middle = (low + high) / 2;
    *(middle * middle <= square ? &low : &high) = middle;
  }
  return (uint32_t)low;
}

int main(void) {
  int v[17], turned[17];
  for (int i = 0; i < 17; i++) v[i] = hide(i) / 3 * 4 - 8;  // in threes
  for (int length = 0; length <= 17; length++) {
    uint64_t hash = 1;
    int n = hide(length);
    for (int x = -10; x <= 14; x++) {
      int low = lower_bound(v, n, hide(x)), high = upper_bound(v, n, hide(x)),
          found = exact(v, 0, n - 1, hide(x));
      int same = without_branches(v, n, hide(x));
      if (same != low) expect("without branches", same, low);
      hash = hash * 1000003 + (uint64_t)(low * 400 + high * 20 + found);
    }
    report("bounds", (long long)hash);
  }
  for (int turn = 0; turn < 17; turn += turn < 2 ? 1 : 7) {
    for (int i = 0; i < 17; i++) turned[(i + turn) % 17] = i * 2 + 1;
    expect("rotation", rotation(turned, hide(17)), turn);
  }
  const uint64_t squares[] = {0, 1, 3, 4, 15, 16, 17, 0xfffffffe00000000, 0xfffffffe00000001, UINT64_MAX};
  for (int i = 0; i < 10; i++) report("root", root(hide(squares[i])));
  return 0;
}
