// Switches that only tell members of a set from the rest, which become a shift and a mask word: the set must
// not repeat beyond the width of the word.
#include "check.h"

// Fits a bit test: members of a set of small numbers.
static int is_prime_below_64(unsigned n) {
  switch (n) {
    case 2:
    case 3:
    case 5:
    case 7:
    case 11:
    case 13:
    case 17:
    case 19:
    case 23:
    case 29:
    case 31:
    case 37:
    case 41:
    case 43:
    case 47:
    case 53:
    case 59:
    case 61:
      return 1;
    default:
      return 0;
  }
}

static int days(int month, int leap) {
  switch (month) {
    case 4:
    case 6:
    case 9:
    case 11:
      return 30;
    case 2:
      return 28 + leap;
    case 1:
    case 3:
    case 5:
    case 7:
    case 8:
    case 10:
    case 12:
      return 31;
  }
  return 0;
}

int main(void) {
  unsigned primes = 0, sum = 0;
  for (unsigned n = 0; n < 200; n++) {
    unsigned probe = n < 130 ? n : n < 160 ? n << 25 | 3 : ~n;  // bits beyond the word must not be dropped
    if (is_prime_below_64(hide(probe))) primes++, sum += n;
  }
  expect("primes", primes, 18);
  expect("sum", sum, 501);
  for (int leap = 0; leap < 2; leap++)
    for (int month = leap ? 1 : -1; month <= 14; month += leap + 1)
      report("days", days(hide(month), hide(leap)));
  return 0;
}
