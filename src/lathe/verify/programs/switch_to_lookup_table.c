// Switches from value to value, which become table look-ups, packed bit maps or linear formulas; holes are
// filled by the default, and values outside of the table must not read it.
#include "check.h"

static int irregular(unsigned x) {
  switch (x) {
    case 0:
      return 31;
    case 1:
      return 41;
    case 2:
      return 59;
    case 3:
      return 26;
    case 4:
      return 53;
    case 6:
      return 58;
    case 7:
      return 97;
    case 8:
      return -93;
    default:
      return 7;
  }
}

static int linear(int x) {
  switch (x) {
    case 3:
      return 100;
    case 4:
      return 93;
    case 5:
      return 86;
    case 6:
      return 79;
    case 7:
      return 72;
    case 8:
      return 65;
    default:
      return -1;
  }
}

static _Bool bitmap(int x) {
  switch (x) {
    case -4:
      return 1;
    case -3:
      return 0;
    case -2:
      return 1;
    case -1:
      return 1;
    case 0:
      return 0;
    case 1:
      return 0;
    case 2:
      return 1;
    default:
      return 0;
  }
}

int main(void) {
  const int values[] = {INT32_MIN, -6, -5, -4, -3, -2, -1, 0,  1,  2,   3,
                        4,         5,  6,  7,  8,  9,  10, 32, 64, 259, INT32_MAX};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    int x = hide(values[i]);
    printf("%d: %d %d %d\n", x, irregular((unsigned)x), linear(x), bitmap(x));
  }
  return 0;
}
