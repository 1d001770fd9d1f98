// Loops that are left in many places and for different reasons, each with values of its own: exit blocks are
// made dedicated, LCSSA phis inserted, exits merged or predicted by the trip count.
#include "check.h"

enum Why { kFull = 1, kNegative, kTooLarge, kRepeated, kStop, kSum };

static int scan(const int *values, int count, int limit, int *where, int *sum) {
  int total = 0, i, why = kFull;
  for (i = 0; i < count; i++) {
    int value = values[i];
    if (value < 0) {
      why = kNegative;
      total -= 1;
      break;
    }
    if (value > 1000) {
      why = kTooLarge;
      goto out;
    }
    if (i > 0 && value == values[i - 1]) {
      *where = -i;
      *sum = total * 2;
      return kRepeated;
    }
    total += value;
    if (value == 77) {
      i++;
      why = kStop;
      break;
    }
    if (total >= limit) {
      why = kSum;
      total -= limit;
      break;
    }
  }
  total *= 3;
out:
  *where = i;
  *sum = total;
  return why;
}

// The bound, a sentinel and a budget compete; each may end the loop first.
static int race(const unsigned char *text, int length, int budget, unsigned char sentinel) {
  int i = 0;
  while (i < length && budget-- > 0 && text[i] != sentinel) i += text[i] == 'x' ? 2 : 1;
  return (i < length) * 1000 + (budget + 1) * 10 + (i < length && text[i] == sentinel);
}

int main(void) {
  const int lists[][6] = {
      {1, 2, 3, 4, 5, 6},      {1, 2, -3, 4, 5, 6},     {5, 1001, 3, 77, 1, 1}, {5, 1000, 0, 1, 2, 3},
      {9, 8, 8, 1, 2, 3},      {30, 77, 4, 4, 4, 4},    {40, 30, 31, 1, 2, 3},  {40, 30, 30, 1, 2, 3},
      {0, 1, 0, 1, 0, 1},      {-1, -1, 0, 0, 0, 0},    {77, 77, 0, 0, 0, 0},   {33, 33, 33, 1, 2, 2},
      {50, 51, 2000, 1, 0, 1}, {10, 20, 30, 39, 0, 77}, {10, 20, 30, 40, 0, 1}, {1, 2, 3, 4, 77, 5}};
  for (int i = 0; i < 16; i++) {
    int values[6], where, sum;
    for (int j = 0; j < 6; j++) values[j] = hide(lists[i][j]);
    int why = scan(values, hide(6), hide(100), &where, &sum);
    printf("%d at %d with %d, ", why, where, sum);
    why = scan(values, hide(i % 3), hide(101), &where, &sum);
    printf("%d at %d with %d\n", why, where, sum);
  }
  const unsigned char text[] = "abxcxdefxx;gh";
  for (int length = 0; length <= 13; length += length < 9 ? 3 : 1)
    report("race", race(text, hide(length), hide(7), ';') * 100000 +
                       race(text, hide(length), hide(20), hide((unsigned char)'d')));
  report("race without budget", race(text, hide(13), hide(0), ';'));
  report("race to the first", race(text, hide(13), hide(1), 'a'));
  report("race to the last", race(text, hide(13), hide(11), 'h'));
  return 0;
}
