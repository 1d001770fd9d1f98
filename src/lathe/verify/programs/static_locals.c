/* Static locals and constant tables, also tables of pointers and strings: globalopt, constant folding of
   loads and merging of equal constants. */
#include "check.h"

static int counter(int reset) {
  static int value = 10;
  if (reset) value = reset;
  return value++;
}

static NOINLINE unsigned fibonacci(unsigned n) {
  static unsigned known[48] = {0, 1};
  static unsigned hits;
  if (n == 100) return hits;
  if (n < 2 || known[n]) {
    hits++;
    return known[n];
  }
  return known[n] = fibonacci(n - 1) + fibonacci(n - 2);
}

static const char *name(int day) {
  static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  return day < 0 || day >= 7 ? "none" : names[day];
}

static int days(int month, int leap) {
  static const signed char table[2][12] = {{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31},
                                           {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}};
  return month < 1 || month > 12 ? -1 : table[leap != 0][month - 1];
}

static int first_call(void) {
  static int done;
  if (done) return 0;
  done = 1;
  return 1;
}

static int *cell(int which) {
  static int cells[4] = {1, 2, 3, 4};
  return &cells[which & 3];
}

static unsigned next_random(void) {
  static uint16_t state = 1;
  unsigned bit = (state ^ state >> 2 ^ state >> 3 ^ state >> 5) & 1u;
  state = (uint16_t)(state >> 1 | bit << 15);
  return state;
}

int main(void) {
  report("counter", counter(hide(0)));
  report("counter", counter(hide(99)));
  report("counter", counter(hide(0)));
  const unsigned asked[] = {0, 1, 2, 10, 47};
  for (int i = 0; i < 5; i++) report("fibonacci", fibonacci(hide(asked[i])));
  report("hits", fibonacci(hide(100u)));
  for (int day = -1; day <= 7; day++) report_bytes("name", name(hide(day)), 4);
  for (int month = 0; month <= 13; month++)
    report("days", days(hide(month), 0) * 100 + days(month, hide(2)) + (days(month, 1) == days(1, 0)));
  expect("first", first_call(), 1);
  expect("second", first_call() + first_call(), 0);
  for (int i = 0; i < 6; i++) *cell(hide(i)) += i * 10;
  for (int i = 0; i < 4; i++) report("cell", *cell(i));
  unsigned period = 1;
  while (next_random() != 1) period++;
  expect("period", period, 65535);
  return 0;
}
