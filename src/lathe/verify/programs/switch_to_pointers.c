// Switches that choose strings, addresses within arrays or two results at once: tables of pointers and of
// doubles, phis of addresses of which one is a local variable.
#include "check.h"

static const char *roman(int x) {
  switch (x) {
    case 1:
      return "I";
    case 5:
      return "V";
    case 4:
      return "IV";
    case 2:
      return "II";
    case 3:
      return "III";
    default:
      return "?";
  }
}

static void two_at_once(unsigned suit, int *points, double *factor) {
  switch (suit) {
    case 0:
      *points = 9, *factor = 0.5;
      break;
    case 1:
      *points = 10, *factor = -1.25;
      break;
    case 2:
      *points = 11, *factor = 3.0;
      break;
    case 3:
      *points = 9, *factor = 1e30;
      break;
    case 4:
      *points = 24, *factor = 0.5;
      break;
  }
}

static const int kLeft[] = {1, 2, 3}, kRight[] = {40, 50};

static int through_pointer(int which, int index) {
  const int *base;
  switch (which) {
    case 0:
      base = kLeft;
      break;
    case 1:
      base = kLeft + 1;
      break;
    case 2:
      base = kRight;
      break;
    case 3:
      base = &index;
      index = 0;
      break;
    default:
      return -1;
  }
  return base[index];
}

int main(void) {
  for (int x = 0; x <= 6; x++) printf("%d %s\n", x, roman(hide(x)));
  for (unsigned suit = 0; suit < 6; suit++) {
    int points = -5;
    double factor = 42;
    two_at_once(hide(suit), &points, &factor);
    report("points", points);
    report_double("factor", factor);
  }
  for (int which = -1; which <= 4; which++) report("pointer", through_pointer(hide(which), hide(1)));
  return 0;
}
