// Branches whose outcome follows from earlier ones: the same condition tested twice, conditions that imply
// others, flags set in one arm and tested after the merge, and values that were compared with the same
// constant.
#include "check.h"

static int tested_twice(int x, int y) {
  int result = 0;
  if (x > 10) result += 1;
  result *= 3;
  if (y & 1) result += 5;
  if (x > 10) result *= 7;
  if (!(y & 1)) result -= 2;
  if (x <= 10 && x > 9) result += 1000;  // only for 10
  return result;
}

static int implied(unsigned x) {
  if (x < 8) {
    if (x < 16) return (int)x;  // always
    return -1;
  }
  if (x >= 100) return x > 50 ? 2000 : -2;
  if (x != 99) {
    if (x < 7) return -3;
    if (x > 98) return -4;
    return 3000 + (x == 8);
  }
  return x == 99 ? 4000 : -5;
}

static int flagged(const int *values, int n, int wanted) {
  int found = 0, index = -1, error = 0;
  for (int i = 0; i < n && !found && !error; i++) {
    if (values[i] == wanted)
      found = 1, index = i;
    else if (values[i] < 0)
      error = 1, index = -i;
  }
  if (found) return index;
  if (error) return 100 - index;
  return 999;
}

static const char *sign_word(int x) {
  int sign = x < 0 ? -1 : x > 0 ? 1 : 0;
  if (sign == 0) return "zero";
  if (sign == 1) return x == 1 ? "one" : "positive";
  return x < -100 ? "very negative" : "negative";
}

static int through_phi(int a, int b) {
  int c = a == b ? 1 : a < b ? 2 : b == 0 ? 3 : 4;
  int d = c == 1 ? 10 : c >= 3 ? a : 20;
  switch (c) {
    case 3:
      return d + 7;
    case 2:
      return d == 20 ? 42 : -1;
  }
  return c == 4 ? d - b : d;
}

static int nullable(const int *p, int fallback) {
  int value = p ? *p : fallback;
  if (p && value == fallback) value = -value;
  return p ? value + 1 : value - 1;
}

int main(void) {
  for (int x = 9; x <= 11; x++)
    for (int y = 4; y <= 5; y++) report("twice", tested_twice(hide(x), hide(y)));
  const unsigned edges[] = {0, 6, 7, 8, 9, 15, 16, 50, 98, 99, 100, 101, UINT32_MAX};
  for (int i = 0; i < 13; i++) report("implied", implied(hide(edges[i])));
  int values[] = {hide(6), hide(0), hide(5), hide(-1), hide(4)};
  for (int wanted = 4; wanted <= 6; wanted++)
    for (int n = 1; n <= 5; n += 2) report("flagged", flagged(values, hide(n), hide(wanted)));
  const int signs[] = {INT32_MIN, -101, -100, -1, 0, 1, 2};
  for (int i = 0; i < 7; i++) puts(sign_word(hide(signs[i])));
  for (int a = -1; a <= 2; a++)
    for (int b = -1; b <= 1; b++) report("phi", through_phi(hide(a), hide(b)));
  int five = hide(5);
  for (int i = 4; i <= 6; i++) report("pointer", nullable(i < 6 ? &five : hide((int *)0), hide(i)));
  return 0;
}
