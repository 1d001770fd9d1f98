/* Calls in tail position with more, fewer or permuted arguments, on the stack and in registers, and ones that
   only look like tail calls as they pass the address of a local. */
#include "check.h"

typedef long long Wide;

static NOINLINE Wide weigh(Wide a, Wide b, Wide c, Wide d, Wide e, Wide f, Wide g, Wide h, Wide i, Wide j) {
  return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}

static NOINLINE Wide rotated(Wide a, Wide b, Wide c, Wide d, Wide e, Wide f, Wide g, Wide h, Wide i, Wide j) {
  return weigh(b, c, d, e, f, g, h, i, j, a);
}

static NOINLINE Wide reversed(Wide a, Wide b, Wide c, Wide d, Wide e, Wide f, Wide g, Wide h, Wide i,
                              Wide j) {
  return rotated(j, i, h, g, f, e, d, c, b, a);
}

static NOINLINE Wide widened(int a, short b) { return reversed(a, b, a - b, 4, b, 6, 7, a, 9, a * b); }

static NOINLINE Wide shuffle(int n, Wide a, Wide b, Wide c, Wide d, Wide e, Wide f, Wide g, Wide h) {
  if (n <= 0) return weigh(a, b, c, d, e, f, g, h, n, 1);
  return n & 1 ? shuffle(n - 1, h, a, b, c, d, e, f, g) : shuffle(n - 2, b, a, d, c, f, e, h, g + n);
}

static NOINLINE void note(const int *value, int *sum) { *sum = *sum * 3 + *value; }

static void passes_address(int n, int *sum) {
  int local = n * n;
  note(&local, sum);
}

static int collatz(unsigned n, int steps) {
  if (n == 1) return steps;
  return n % 2 ? collatz(n / 2 * 3 + 2, steps + 2) : collatz(n / 2, steps + 1);
}

static NOINLINE int last(int depth, int *chain) {
  int here = depth * 5;
  if (depth == 0) return *chain;
  *chain += here;
  return last(depth - 1, depth == 3 ? &here : chain);
}

static NOINLINE double mixed(double x, int n, float y) {
  return n == 0 ? x + y : mixed(y, n - 1, (float)(x * 0.5));
}

int main(void) {
  Wide v[10];
  for (int i = 0; i < 10; i++) v[i] = hide((Wide)(i * i + 1));
  expect("weigh", weigh(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]), 2365);
  report("rotated", rotated(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]));
  report("reversed", reversed(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]));
  report("widened", widened(hide(1000), hide((short)-3)));
  for (int n = -1; n <= 8; n++) report("shuffle", shuffle(hide(n), 1, 2, 3, 4, 5, 6, 7, v[3]));
  int sum = 1;
  for (int n = 1; n <= 5; n++) passes_address(hide(n), &sum);
  report("addresses", sum);
  const unsigned starts[] = {1, 2, 3, 7, 27, 97};
  for (int i = 0; i < 6; i++) report("collatz", collatz(hide(starts[i]), 0));
  for (int depth = 0; depth <= 5; depth++) {
    int chain = hide(100);
    report("last", last(hide(depth), &chain));
    report("chain", chain);
  }
  for (int n = 0; n <= 3; n++) report_double("mixed", mixed(hide(3.0), hide(n), hide(0.75f)));
  return 0;
}
