/* All comparisons of floats and doubles, both ways round and negated, over NaN, infinities, zeros of both
   signs and subnormals: a negated order is not the opposite order. */
#include <float.h>
#include <math.h>

#include "check.h"

#define COMPARISONS(type)                                                                             \
  static unsigned type##_plain(type a, type b) {                                                      \
    return (unsigned)((a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 |        \
                      (a != b) << 5);                                                                 \
  }                                                                                                   \
  static unsigned type##_negated(type a, type b) {                                                    \
    return (unsigned)((!(a < b)) | !(a <= b) << 1 | !(a > b) << 2 | !(a >= b) << 3 | !(a == b) << 4); \
  }                                                                                                   \
  static unsigned type##_combined(type a, type b) {                                                   \
    unsigned ordered = a == a && b == b, either = a < b || a > b, both = a <= b && a >= b;            \
    unsigned unordered = a != a || b != b, not_both = !(a <= b && b <= a);                            \
    return ordered | either << 1 | both << 2 | unordered << 3 | not_both << 4;                        \
  }                                                                                                   \
  static type type##_select(type a, type b, int how) {                                                \
    if (how == 0) return a < b ? a : b;                                                               \
    if (how == 1) return a > b ? b : a;                                                               \
    if (how == 2) return !(a >= b) ? a : b;                                                           \
    return !(a <= b) ? b : a;                                                                         \
  }                                                                                                   \
  static int type##_branches(type a, type b) {                                                        \
    if (a < b) return 1;                                                                              \
    if (a > b) return 2;                                                                              \
    if (a == b) return 3;                                                                             \
    return 4;                                                                                         \
  }
COMPARISONS(float)
COMPARISONS(double)

static int against_constants(double x) {
  int bits =
      (x < 0) | (x >= 0) << 1 | !(x > 0) << 2 | (x == 0) << 3 | (x < INFINITY) << 4 | !(x <= -INFINITY) << 5;
  return bits | (x > DBL_MAX) << 6 | (x != x) << 7 | (x >= DBL_MIN) << 8 | (x * 0 == 0) << 9 | !(x < 1) << 10;
}

static int in_range(float x, float low, float high) {
  return (x >= low && x < high) * 2 + !(x < low || x >= high);
}

int main(void) {
  const double values[] = {NAN,  INFINITY,    -INFINITY,       0.0,    -0.0, 1.0,
                           -1.0, DBL_MIN / 8, 1 + DBL_EPSILON, DBL_MAX};
  unsigned hash[4] = {0};
  for (int i = 0; i < 10; i++) {
    double a = hide(values[i]);
    for (int j = 0; j < 10; j++) {
      double b = hide(values[j]);
      float fa = (float)(i == 9 ? FLT_MAX : a), fb = (float)(j == 9 ? FLT_MAX : b);
      hash[0] = hash[0] * 67 + double_plain(a, b), hash[1] = hash[1] * 67 + float_plain(fa, fb);
      hash[0] = hash[0] * 37 + double_negated(a, b), hash[1] = hash[1] * 37 + float_negated(fa, fb);
      hash[2] = hash[2] * 37 + double_combined(a, b), hash[2] = hash[2] * 37 + float_combined(fa, fb);
      hash[3] = hash[3] * 17 + (unsigned)(double_branches(a, b) * 3 + float_branches(fa, fb));
    }
    report("plain", hash[0] ^ (long long)hash[1] << 20);
    report("combined", hash[2] ^ (long long)hash[3] << 20);
    report("constants", against_constants(a));
    report("range", in_range((float)(i == 9 ? 2 : a), hide(-1.0f), hide(1.0f)));
  }
  double last = hide(1.5);
  for (int how = 0; how < 4; how++) {
    report_double("select", double_select(hide((double)NAN), last, hide(how)));
    report_double("select", double_select(hide(0.0), hide(-0.0), hide(how)));
    report_double("select",
                  float_select(2, hide(NAN), hide(how)) + float_select(hide(4.0f), hide(3.0f), how));
  }
  return 0;
}
