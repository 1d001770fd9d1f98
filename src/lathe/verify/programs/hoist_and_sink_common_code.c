// Arms of branches that begin or end alike: GVNHoist, GVNSink and simplifycfg share the common parts, with
// operands merged by phis; trapping and storing instructions must stay where they are safe.
#include "check.h"

static uint32_t alike_ends(uint32_t x, int which, uint32_t *log) {
  uint32_t y;
  if (which == 0) {
    y = x * 3;
    *log += y;
    y ^= y >> 7;
  } else if (which == 1) {
    y = x + 99;
    *log += y;
    y ^= y >> 7;
  } else {
    y = ~x;
    *log -= y;  // nearly alike
    y ^= y >> 7;
  }
  return y * 5 + 1;
}

static int alike_starts(int x, int y, int condition) {
  if (condition) {
    int t = x * y + 4;
    return t > 0 ? t : -t + 1;
  } else {
    int t = x * y + 4;
    return t > 1 ? t * 2 : 3;
  }
}

static void store_in_all(int *out, int *other, int x) {
  switch (x & 3) {
    case 0:
      *out = x;
      *other = 1;
      break;
    case 1:
      *other = 1;
      *out = x + 1;
      break;
    case 2:
      *out = x;
      *other = 2;
      break;
    default:
      *out = *other;
  }
}

static int loads_in_both(const int *p, const int *q, int condition) {
  int v;
  if (condition < 0)
    v = p[0] - q[1];
  else if (condition == 0)
    v = p[1] - q[0];
  else
    v = q[0] - p[1];
  return v * 2 + (condition < 0 ? p[1] : p[0]);
}

static int call_in_both(int condition, int x) {
  char text[16];
  if (condition)
    snprintf(text, sizeof text, "%d", x);
  else
    snprintf(text, sizeof text, "%x", (unsigned)x);
  return (int)strlen(text) * 1000 + text[0];
}

int main(void) {
  uint32_t log = hide(0u);
  for (int which = 0; which < 4; which++) {
    report("ends", alike_ends(hide(0x12345678u), hide(which), &log));
    report("log", log);
  }
  for (int y = -3; y <= 0; y++)
    report("starts", alike_starts(hide(2), hide(y), hide(1)) * 100 + alike_starts(hide(2), hide(y), hide(0)));
  for (int x = 0; x < 5; x++) {
    int a = hide(70), b = hide(80);
    store_in_all(&a, &b, hide(x));
    store_in_all(&b, &b, hide(x));  // the same place: the order of the stores is seen
    report("stores", a * 1000 + b);
  }
  int p[2] = {hide(3), hide(11)}, q[2] = {hide(1), hide(-6)};
  for (int condition = -1; condition <= 1; condition++) report("loads", loads_in_both(p, q, hide(condition)));
  for (int i = 0; i < 2; i++) report("calls", call_in_both(hide(i), hide(i - 255)));
  return 0;
}
