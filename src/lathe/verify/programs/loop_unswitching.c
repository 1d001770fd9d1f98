// Conditions inside loops that do not change while the loop runs: unswitching copies the loop for either
// outcome, full or partial, and must not evaluate them when the loop does not run.
#include "check.h"

static uint32_t mode_sum(const uint32_t *values, int count, int mode, int verbose) {
  uint32_t sum = 0;
  for (int i = 0; i < count; i++) {
    if (mode == 0)
      sum += values[i];
    else if (mode == 1)
      sum ^= values[i];
    else
      sum = sum * 3 + values[i];
    if (verbose) sum += (uint32_t)i;
  }
  return sum;
}

// The invariant half of a condition; the other half is only defined behind it.
static int partial(const int *values, const int *limit, int count, int use_limit) {
  int kept = 0;
  for (int i = 0; i < count; i++) {
    if (use_limit && values[i] >= *limit) continue;
    if (values[i] < 0 || use_limit == 2) kept += 10;
    kept++;
  }
  return kept;
}

// The condition becomes invariant once it has been true.
static int latched(const int *values, int count, int trigger) {
  int armed = 0, sum = 0;
  for (int i = 0; i < count; i++) {
    if (!armed && values[i] == trigger) armed = 1;
    sum += armed ? values[i] * 2 : -1;
  }
  return sum;
}

static int nested(int rows, int columns, int transpose, int early) {
  int hash = 1;
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++) {
      if (early && j > i) break;
      hash = (hash * 7 + (transpose ? j * rows + i : i * columns + j)) % 9973;
    }
    switch (early + transpose) {
      case 0:
        hash += 1;
        break;
      case 2:
        hash ^= i;
    }
  }
  return hash;
}

int main(void) {
  uint32_t words[5];
  int values[8];
  for (uint32_t i = 0; i < 5; i++) words[i] = hide(i + 3) * 2654435761u;
  for (int i = 0; i < 8; i++) values[i] = (hide(i) * 5 + 3) % 8 - 2;
  for (int mode = 0; mode < 3; mode++)
    for (int verbose = 0; verbose < 2; verbose++)
      printf("mode %d: %u %u\n", mode, (unsigned)mode_sum(words, hide(5), hide(mode), hide(verbose)),
             (unsigned)mode_sum(words, hide(1), hide(mode), hide(verbose)));
  expect("empty", mode_sum(words, hide(-1), hide(2), hide(1)), 0);
  int limit = hide(3);
  for (int use = 0; use < 3; use++)
    report("partial", partial(values, use ? &limit : hide((int *)0), hide(8), hide(use)));
  expect("not run", partial(values, hide((int *)0), hide(-5), hide(1)), 0);
  for (int trigger = -3; trigger < 7; trigger += 3)
    report("latched", latched(values, hide(8), hide(trigger)));
  for (int flags = 0; flags < 4; flags++)
    for (int rows = 0; rows < 6; rows += 3)
      report("nested", nested(hide(rows), hide(4), hide(flags & 1), hide(flags >> 1)));
  return 0;
}
