// Loops with two entries, made with goto: no natural loop, so that fixirreducible, jump threading and
// structurisation meet them; both entries are taken and the paths through them are traced.
#include "check.h"

static uint32_t two_entries(unsigned n, int enter_low) {
  uint32_t trace = 1;
  unsigned i = 0;
  if (enter_low) goto low;
high:
  trace = trace * 3 + i;
  if (++i >= n) return trace;
low:
  trace = trace * 7 ^ i;
  if (i % 4 == 3) {
    i += 2;
    goto low;
  }
  if (i++ < n) goto high;
  return ~trace;
}

// Three blocks, each of which may jump to each other one: a small automaton over the digits of the input.
static uint32_t triangle(uint32_t digits, int start) {
  uint32_t a = 0, b = 0, c = 0;
  switch (start) {
    case 0:
      goto first;
    case 1:
      goto second;
    default:
      goto third;
  }
first:
  a += digits & 3;
  if (digits == 0) goto done;
  digits >>= 1;
  if (digits & 1) goto third;
second:
  b = b * 3 + 1;
  digits >>= 1;
  if ((digits & 3) == 2) goto first;
  if (digits == 0) goto done;
third:
  c ^= digits;
  digits >>= 2;
  if (digits & 1) goto second;
  goto first;
done:
  return a * 1000003 + b * 1009 + c;
}

// An entry into the middle of an ordinary loop.
static int into_the_middle(const int *values, int count, int skip) {
  int sum = 0, i = 0;
  if (skip) goto middle;
  for (; i < count; i++) {
    sum += values[i];
  middle:
    sum = sum * 2 - i;
  }
  return sum;
}

int main(void) {
  for (unsigned n = 0; n < 10; n++)
    printf("%u: %u %u\n", n, (unsigned)two_entries(hide(n), hide(0)),
           (unsigned)two_entries(hide(n), hide(1)));
  const uint32_t inputs[] = {0, 1, 2, 5, 0x2a, 0x93, 0xffff, 0xdeadbeef, 0x80000000, 0x6db6db6d};
  for (int i = 0; i < 10; i++) {
    uint32_t mix = 0;
    for (int start = 0; start < 3; start++) mix = mix * 31 + triangle(hide(inputs[i]), hide(start));
    report("triangle", mix);
  }
  int values[] = {hide(5), hide(-3), hide(8), hide(13)};
  for (int count = 0; count <= 4; count += 2)
    report("middle", into_the_middle(values, hide(count), hide(0)) * 1000 +
                         into_the_middle(values, hide(count), hide(1)));
  return 0;
}
