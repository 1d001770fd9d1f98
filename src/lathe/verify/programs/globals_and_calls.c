/* Globals that calls change, or that only look constant: globalopt, constant propagation and LICM must see
   every writer. */
#include "check.h"

static int limit = 4, step = 1, once, never = 12;
static const int weights[] = {3, -1, 4, -1, 5, -9, 2};
static int flags[3] = {1, 0, 1};
static struct {
  int depth, peak;
} stats;
int exported = 6;
static int *slot = &exported;

static NOINLINE int bump(int by) {
  limit += by;
  step ^= 3;
  return limit;
}

static int walk(void) {
  int sum = 0;
  for (int i = 0; i < limit; i += step) {
    sum = sum * 3 + i;
    if (i == 2) sum += bump(i);
  }
  return sum;
}

static NOINLINE void set_once(int value) {
  if (!once) once = value;
}

static int weigh(int from, int to) {
  int sum = 0;
  for (int i = from; i < to; i++) sum += weights[i] * never;
  return sum;
}

static NOINLINE void dive(int levels) {
  if (++stats.depth > stats.peak) stats.peak = stats.depth;
  if (levels > 0) dive(levels - 1);
  stats.depth--;
}

static int toggle(int which) {
  int before = flags[which];
  flags[which] = !before;
  return before * 100 + flags[0] * 4 + flags[1] * 2 + flags[2];
}

static int through_slot(int value) {
  int before = exported;
  *slot = value;
  return exported * 10 + before;
}

int main(void) {
  report("walk", walk());
  report("limit and step", limit * 10 + step);
  limit = hide(3);
  report("walk", walk());
  report("limit and step", limit * 10 + step);
  limit = hide(2);
  report("walk", walk());
  report("once", once);
  set_once(hide(0)), set_once(hide(8)), set_once(hide(9));
  expect("once", once, 8);
  expect("all weights", weigh(hide(0), 7), 36);
  for (int i = 0; i < 7; i++) report("weight", weigh(i, hide(i + 1)));
  for (int i = 0; i < 3; i++) dive(hide(5 - i * 2 + (i == 2) * 6));
  expect("depth and peak", stats.depth * 100 + stats.peak, 8);
  for (int i = 0; i < 6; i++) report("toggle", toggle(hide(i * 2 % 3)));
  report("slot", through_slot(hide(7)));
  static int own;
  slot = hide(1) ? &own : slot;
  report("other slot", through_slot(hide(9)));
  report("own", own);
  slot = &limit;
  report("limit slot", through_slot(hide(-5)));
  report("limit", limit);
  return 0;
}
