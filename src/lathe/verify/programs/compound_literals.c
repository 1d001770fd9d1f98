/* _Generic selections, compound literals, designated initialisers and structs copied in expressions: what the
   front end spreads over memset, memcpy and stores, and SROA gathers again. */
#include "check.h"

#define KIND(x)        \
  _Generic((x),        \
      signed char: 1,  \
      int: 2,          \
      unsigned: 3,     \
      long: 4,         \
      float: 5,        \
      double: 6,       \
      const char *: 7, \
      char *: 7,       \
      default: 9)
#define MAGNITUDE(x) _Generic((x), int: int_magnitude, double: double_magnitude, Vector: vector_magnitude)(x)

typedef struct {
  int x, y, z;
} Vector;

typedef struct {
  const char *label;
  Vector at[3];
  unsigned flags : 5, level : 11;
  double weight;
} Shape;

static double int_magnitude(int x) { return x < 0 ? -(double)x : x; }
static double double_magnitude(double x) { return x < 0 ? -x : x; }
static double vector_magnitude(Vector v) { return (double)v.x * v.x + (double)v.y * v.y + (double)v.z * v.z; }

static Vector cross(Vector a, Vector b) {
  return (Vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, .z = a.x * b.y - a.y * b.x};
}

static int sum(const int *values, int n) {
  int total = 0;
  for (int i = 0; i < n; i++) total = total * 3 + values[i];
  return total;
}

static Shape make(int seed) {
  Shape shape = {.at = {[2] = {seed, .z = seed + 1}, [0].y = seed * 2},
                 .weight = seed / 4.0,
                 .level = (unsigned)seed * 9};
  if (seed > 2) shape = (Shape){.label = "big", .flags = (unsigned)seed, .at[1] = shape.at[2]};
  return shape;
}

static Vector *rotate(Vector *v, int n) {
  for (int i = 0; i < n; i++) *v = (Vector){v->y, v->z, v->x};
  return v;
}

static void show(const Shape *s) {
  report("label", s->label ? (long long)strlen(s->label) : -1);
  report_bytes("at", s->at, sizeof s->at);
  report("bits", s->flags * 10000 + s->level);
  report_double("weight", s->weight);
}

int main(void) {
  short narrow = hide((short)3);
  float real = hide(2.5f);
  report("kinds", KIND(narrow) * 100000 + KIND(narrow + 1) * 10000 + KIND(1u + narrow) * 1000 +
                      KIND(real * narrow) * 100 + KIND(real * 1.0) * 10 + KIND("text"));
  report_double("int", MAGNITUDE(hide(-7)) + MAGNITUDE(hide(7)) + MAGNITUDE(hide(INT32_MIN)));
  report_double("double", MAGNITUDE(hide(-0.5)));
  Vector a = {hide(1), hide(-2), hide(3)}, b = {.z = hide(5), .x = hide(7)};
  Vector c = cross(a, b);
  report_double("cross", MAGNITUDE(c));
  report("components", c.x * 10000 + c.y * 100 + c.z);
  report_double("literal", MAGNITUDE(cross(c, (Vector){.y = hide(1)})));
  report("sum", sum((int[]){hide(4), 5, [4] = hide(6), 7}, 6));
  report("short sum", sum((const int[3]){hide(1)}, hide(2)));
  for (int seed = 1; seed <= 4; seed++) {
    Shape shape = make(hide(seed));
    show(&shape);
  }
  for (int n = 0; n <= 3; n++) report("rotated", rotate(&(Vector){1, hide(2), 3}, hide(n))->x);
  return 0;
}
