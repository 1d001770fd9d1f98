// Loops that may not run at all, against do-while loops that run at least once: rotation puts a guard before
// the loop, and loads hoisted out of it must not run without it.
#include "check.h"

static int last_of(const int *values, int count) {
  int last = -1;
  for (int i = 0; i < count; i++) last = values[i];
  return last;
}

// values may be null where count is zero: the invariant load belongs behind the guard.
static int scaled_sum(const int *scale, const int *values, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) sum += *scale * values[i];
  return sum;
}

static int quotients(int dividend, int divisor, unsigned count) {
  int sum = 7;
  while (count--) sum += dividend / divisor + (int)count;  // no division by zero when it does not run
  return sum;
}

static int at_least_once(int x, int limit) {
  int rounds = 0;
  do {
    x += 3;
    rounds++;
  } while (x < limit);
  return rounds * 100 + x;
}

static int inner_may_not_run(int rows, const int *widths, int *touched) {
  int cells = 0;
  for (int row = 0; row < rows; row++) {
    for (int column = row; column < widths[row]; column++) cells++;
    if (widths[row] <= row) ++*touched;
  }
  return cells;
}

static int digits(unsigned x) {
  int count = 0;
  do count++;
  while ((x /= 10) != 0);
  return count;
}

static int digits_while(unsigned x) {
  int count = 0;
  while (x != 0) x /= 10, count++;
  return count;
}

int main(void) {
  int values[] = {hide(4), hide(-9), hide(12)}, scale = hide(3);
  for (int count = -1; count <= 3; count++) {
    report("last", last_of(count > 0 ? values : hide((int *)0), hide(count)));
    report("scaled", scaled_sum(count > 0 ? &scale : hide((int *)0), values, hide(count)));
  }
  expect("no quotient", quotients(hide(5), hide(0), hide(0u)), 7);
  expect("quotients", quotients(hide(50), hide(-7), hide(4u)), 7 - 28 + 6);
  const int starts[] = {-4, -3, -2, 0, 8, 9, 10, 100};
  for (int i = 0; i < 8; i++) report("at least once", at_least_once(hide(starts[i]), hide(9)));
  int widths[] = {hide(0), hide(1), hide(2), hide(4), hide(9), hide(-3)}, touched = 0;
  for (int rows = 0; rows <= 6; rows++) report("cells", inner_may_not_run(hide(rows), widths, &touched));
  report("touched", touched);
  const unsigned numbers[] = {0, 1, 9, 10, 99, 100, UINT32_MAX};
  for (int i = 0; i < 7; i++)
    report("digits", digits(hide(numbers[i])) * 100 + digits_while(hide(numbers[i])));
  return 0;
}
