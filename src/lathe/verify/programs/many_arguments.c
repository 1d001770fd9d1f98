/* Twenty arguments of mixed types, also through a pointer and with structs among them: dead argument
   elimination, argument promotion and stack slots of every width. */
#include "check.h"

typedef struct {
  int16_t x, y, z;
} Small;

typedef struct {
  double first;
  int64_t rest[3];
} Large;

#define ALL_TYPES                                                                                          \
  signed char a, unsigned char b, short c, unsigned short d, int e, unsigned f, long g, float h, double i, \
      float j, double k, double l, float m, Small n, double o, Large p, signed char q, double r, float s,  \
      int t

static NOINLINE double everything(ALL_TYPES) {
  double sum = a + 3.0 * b + 5.0 * c + 7.0 * d + 11.0 * e + 13.0 * f + 17.0 * (double)g;
  sum += 19.0 * h + 23.0 * i + 29.0 * j + 31.0 * k + 37.0 * l + 41.0 * m + 43.0 * (n.x - 2 * n.y + 3 * n.z);
  return sum + 47.0 * o + 53.0 * (p.first + (double)(p.rest[0] * p.rest[2])) + 59.0 * q + 61.0 * r +
         67.0 * s + 71.0 * t;
}

/* Most of its arguments are unused: it may be called with fewer, all the same. */
static NOINLINE double a_few(ALL_TYPES) {
  (void)a, (void)c, (void)d, (void)e, (void)f, (void)g, (void)i, (void)j, (void)k, (void)l, (void)m, (void)o;
  return b * 1000.0 + n.y * 100 + (double)p.rest[1] * 10 + r - h + q * s * t;
}

static NOINLINE double swapped(ALL_TYPES) {
  Small turned = {n.z, n.x, n.y};
  return everything(q, b, c, d, t, f, g, s, r, m, l, k, j, turned, i, p, a, o, h, e);
}

static NOINLINE int only_first(const int *first, int unused, int used) {
  (void)unused;
  return used > 0 ? *first + used : -1;
}

static NOINLINE int same_always(int a, int b, int c) { return a * 100 + b * 10 + c; }

int main(void) {
  double (*const functions[])(ALL_TYPES) = {everything, a_few, swapped};
  Small n = {hide((int16_t)300), hide((int16_t)-300), 9};
  Large p = {hide(0.5), {hide(4L), 1L << 20, -6}};
  double x = hide(1.25);
  for (int which = 0; which < 3; which++)
    for (int e = -3; e <= 3; e += 3)
      report_double("pointer", functions[hide(which)]((signed char)(e * 40), 200, -30000, 60000, e,
                                                      0xfffffff0u, 1L << 33, 2.5f, x, -1.5f, 3, 4, 5, n,
                                                      x * 3, p, (signed char)e, 7, 0.125f, e * 9));
  report_double("everything", everything(hide((signed char)-128), 255, -32768, 65535, INT32_MIN, hide(1u), -1,
                                         0, x, 1, x, 2, 3, n, x, p, 127, x, 4, hide(INT32_MAX)));
  report_double("a few", a_few(0, hide((unsigned char)77), 0, 0, 0, 0, 0, hide(0.5f), 0, 0, 0, 0, 0, n, 0, p,
                               -5, x, 2, hide(3)));
  report_double("swapped",
                swapped(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, n, 15, p, 17, 18, 19, hide(20)));
  int first = hide(5);
  for (int used = -1; used <= 1; used++)
    report("first", only_first(used > 0 ? &first : NULL, hide(3), hide(used)));
  report("same", same_always(4, hide(1), 7) + same_always(4, hide(2), 7));
  return 0;
}
