// Minimum, maximum, absolute value, clamping and medians, as comparisons and selects in many shapes: swapped
// operands, strict or not, of mixed widths, from which the optimiser forms min/max/abs and reorders them.
#include "check.h"

static int min_of(int a, int b) { return a < b ? a : b; }
static int max_of(int a, int b) { return b <= a ? a : b; }
static unsigned umax(unsigned a, unsigned b) { return a < b ? b : a; }
static int clamp(int x, int low, int high) { return x < low ? low : x > high ? high : x; }
static int clamp_constant(int x) { return x > 100 ? 100 : x < -100 ? -100 : x; }
static int crossed(int x) { return min_of(max_of(x, 9), 4); }  // always 4
static unsigned magnitude(int x) { return x < 0 ? 0u - (unsigned)x : (unsigned)x; }
static int negative_magnitude(int x) { return x > 0 ? -x : x; }
static unsigned distance(unsigned a, unsigned b) { return a > b ? a - b : b - a; }
static int almost(int a, int b) { return a < b ? b : a + 1; }  // no maximum
static int off_by_one(int x) { return x < 10 ? x : 9; }        // a minimum all the same
static int sign_mixed(int a, int b) { return (unsigned)a < (unsigned)b ? a : b; }

static int median(int a, int b, int c) { return max_of(min_of(a, b), min_of(max_of(a, b), c)); }

static void three_way(int a, int b, int out[3]) {
  if (a > b) {
    int swap = a;
    a = b;
    b = swap;
  }
  out[0] = a, out[1] = b, out[2] = (a > b) - (a < b);
}

int main(void) {
  const int edges[] = {INT32_MIN, INT32_MIN + 1, -101, -100,     -99, -1, 0, 1, 4, 9, 10, 11,
                       99,        100,           101,  INT32_MAX};
  enum { kCount = sizeof edges / sizeof *edges };
  for (int i = 0; i < kCount; i++) {
    int x = hide(edges[i]);
    unsigned mix = 0;
    for (int j = 0; j < kCount; j++) {
      int y = hide(edges[j]), sorted[3];
      mix = mix * 31 + (unsigned)min_of(x, y) * 3 + (unsigned)max_of(x, y);
      mix = mix * 31 + umax((unsigned)x, (unsigned)y) * 5 + distance((unsigned)x, (unsigned)y);
      mix = mix * 31 + (x < INT32_MAX ? (unsigned)almost(x, y) : 0) + (unsigned)sign_mixed(x, y) * 7;
      mix = mix * 31 + (unsigned)median(x, y, hide(0)) + (unsigned)median(hide(2), x, y) * 11;
      if (x <= y) mix = mix * 31 + (unsigned)clamp(hide(5), x, y);
      three_way(x, y, sorted);
      mix = mix * 31 + (unsigned)sorted[0] + (unsigned)sorted[1] * 3 + (unsigned)sorted[2] * 9;
    }
    printf("%d: %u %d %u %d %d %d\n", x, mix, clamp_constant(x), magnitude(x), negative_magnitude(x),
           crossed(x), off_by_one(x));
  }
  int8_t byte = (int8_t)hide(-128);
  expect("abs of a byte", abs(byte), 128);
  expect("abs of a long", labs(hide(-5000000000)), 5000000000);
  expect("clamp wide",
         (long long)(hide((uint64_t)1 << 40) > UINT32_MAX ? UINT32_MAX : hide((uint64_t)1 << 40)),
         UINT32_MAX);
  return 0;
}
