/* Fractions reduced by the greatest common divisor: sums, products, order, rounding, harmonic
   sums and a linear system solved exactly; signs of division. */
#include "check.h"

typedef struct {
  int64_t top, bottom;
} Ratio;

static int64_t gcd(int64_t a, int64_t b) {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static Ratio make(int64_t top, int64_t bottom) {
  int64_t common = gcd(top, bottom);
  if (bottom < 0) common = -common;
  return (Ratio){top / common, bottom / common};
}

static Ratio add(Ratio a, Ratio b) { return make(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom); }
static Ratio negate(Ratio a) { return (Ratio){-a.top, a.bottom}; }
static Ratio multiply(Ratio a, Ratio b) { return make(a.top * b.top, a.bottom * b.bottom); }
static Ratio divide(Ratio a, Ratio b) { return make(a.top * b.bottom, a.bottom * b.top); }

static int compare(Ratio a, Ratio b) {
  int64_t left = a.top * b.bottom, right = b.top * a.bottom;
  return (left > right) - (left < right);
}

static int64_t floor_of(Ratio a) { return a.top / a.bottom - (a.top % a.bottom < 0); }

static int64_t round_of(Ratio a) { return floor_of(add(a, (Ratio){1, 2})); }

static int solve(Ratio m[3][4]) {
  for (int i = 0; i < 3; i++) {
    int pivot = i;
    while (pivot < 3 && m[pivot][i].top == 0) pivot++;
    if (pivot == 3) return 0;
    for (int k = 0; k < 4; k++) {
      Ratio kept = m[i][k];
      m[i][k] = m[pivot][k];
      m[pivot][k] = kept;
    }
    for (int row = 0; row < 3; row++) {
      Ratio factor = negate(divide(m[row][i], m[i][i]));
      for (int k = 0; k < 4 && row != i; k++) m[row][k] = add(m[row][k], multiply(factor, m[i][k]));
    }
  }
  return 1;
}

static void show(const char *label, Ratio a) {
  printf("%s %lld/%lld\n", label, (long long)a.top, (long long)a.bottom);
}

int main(void) {
  Ratio harmonic = {0, 1}, steps[] = {{7, 2}, {-7, 2}, {5, 2}, {-1, 3}, {6, 3}, {-6, 3}, {0, 5}};
  for (int n = 1; n <= 16; n++) {
    harmonic = add(harmonic, make(hide(n % 4 ? 1 : -1), n));
    if (n % 4 == 0) show("harmonic", harmonic);
  }
  for (int i = 0; i < 7; i++) {
    Ratio a = make(hide(steps[i].top), hide(-steps[i].bottom));
    show("made", a);
    report("floor and round", floor_of(a) * 100 + round_of(a));
    report("order", compare(a, steps[3]) * 10 + compare(negate(steps[0]), a));
  }
  for (int zero = 0; zero < 2; zero++) {
    int64_t in[] = {hide(0), 2, -1, 1, 3, 1, 1, 4, zero ? 3 : 1, zero ? 3 : -5, zero ? 0 : 2, hide(7)};
    Ratio m[3][4];
    for (int i = 0; i < 12; i++) m[i / 4][i % 4] = make(in[i], 1);
    report("solved", solve(m));
    for (int i = 0; i < 3 && !zero; i++) show("unknown", divide(m[i][3], m[i][i]));
  }
  return 0;
}
