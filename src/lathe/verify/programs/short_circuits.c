// Operators && and || whose right sides have effects or may not be evaluated at all: simplifycfg turns the
// harmless ones into selects and must leave the others behind their conditions.
#include "check.h"

static int calls;

static int yes(int id) {
  calls = calls * 10 + id;
  return 1;
}

static int no(int id) {
  calls = calls * 10 + id;
  return 0;
}

static int taken(int result) {
  int trace = calls * 10 + (result ? 8 : 9);
  calls = 0;
  return trace;
}

// Right sides that would trap when evaluated too early.
static int divides(int a, int b) { return b != 0 && a % b == 0; }
static int first_is(const int *values, int count, int x) { return values && count > 0 && values[0] == x; }
static int outside(unsigned index, const unsigned char *table, unsigned size) {
  return index >= size || table[index] == 0;
}

static int harmless(int a, int b, int c) { return (a > 3 && b < 7) || (c == 5 && a != b) || !(a | b | c); }

int main(void) {
  int a = hide(1), b = hide(0);
  expect("and", taken((a ? yes(1) : no(1)) && (b ? yes(2) : no(2)) && yes(3)), 129);
  expect("or", taken((b ? yes(1) : no(1)) || (a ? yes(2) : no(2)) || yes(3)), 128);
  expect("and of or", taken((no(1) || (a && yes(2))) && (no(3) || (b && yes(4)))), 1239);
  expect("or of and", taken((yes(1) && b && yes(2)) || (yes(3) && a && yes(4))), 1348);
  expect("not", taken(!(no(1) || b) && !(yes(2) && a)), 129);
  expect("bitwise", taken((no(1) & yes(2)) | yes(3)) % 10, 8);
  expect("conditional", taken(a ? b ? yes(1) : no(2) : yes(3)), 29);
  expect("comma", taken((yes(1), b) || (no(2), a)), 128);
  int divisors = 0;
  for (int i = -7; i <= 7; i++) divisors = divisors * 2 + divides(hide(12), hide(i));
  report("divisors", divisors);
  int values[2] = {hide(4), 5};
  report("first", first_is(values, hide(1), 4) * 8 + first_is(values, hide(0), 4) * 4 +
                      first_is(hide((int *)0), 1, 4) * 2 + first_is(values, hide(2), 5));
  const unsigned char table[4] = {0, 1, 0, 7};
  unsigned outsiders = 0;
  for (unsigned i = 0; i < 8; i++) outsiders = outsiders * 2 + (unsigned)outside(hide(i), table, hide(4u));
  expect("outside", outsiders, 0xaf);
  int truths = 0;
  uint32_t bits = 0;
  for (int x = -1; x < 9; x++)
    for (int y = 0; y < 9; y++)
      for (int z = 0; z < 7; z += 5) {
        int truth = harmless(hide(x), hide(y), hide(z));
        truths += truth;
        bits = bits * 3 + (uint32_t)truth;
      }
  report("truths", truths);
  report("bits", bits);
  // A loop that counts how often its own condition was evaluated.
  int evaluated = 0, i = 0;
  while (++evaluated < hide(20) && (i += 3) < hide(30)) continue;
  expect("evaluated", evaluated * 100 + i, 1030);
  return 0;
}
