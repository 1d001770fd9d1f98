// Loops that count down, go by steps of more than one, multiply or halve their variable, or have two
// variables that meet: trip counts are divisions with a remainder, and exit values are computed without the
// loop.
#include "check.h"

static int steps_up(int from, int to, int step, int *last) {
  int rounds = 0, i;
  for (i = from; i < to; i += step) rounds++;
  *last = i;
  return rounds;
}

static int steps_down(int from, int to, int *last) {
  int rounds = 0, i = from;
  for (; i >= to; i -= 3) rounds++;
  *last = i;
  return rounds;
}

static int by_constants(int n) {
  int a = 0, b = 0, c = 0;
  for (int i = 0; i < n; i += 4) a += i;
  for (int i = n; i > 0; i -= 7) b += i;
  for (int i = -n; i <= n; i += 5) c += i * i;
  return a * 10000 + b * 100 + c;
}

static int geometric(unsigned from, unsigned limit) {
  int rounds = 0;
  for (unsigned i = from; i < limit; i *= 3) rounds++;
  for (unsigned i = limit; i > from; i /= 2) rounds += 100;
  return rounds;
}

static int meet(const signed char *text, int length) {
  int swaps = 0, low = 0, high = length - 1;
  for (; low < high; low++, high--)
    swaps = swaps * 3 + (text[low] == text[high] ? 2 : text[low] < text[high]);
  return swaps * 10 + (low == high);
}

static uint32_t backwards(const uint32_t *end, size_t count) {
  uint32_t hash = 0;
  for (const uint32_t *p = end; p != end - count;) hash = hash * 131 + *--p;
  for (size_t i = count; i-- > 0;) hash ^= *(end - count + i) << (i & 15);
  return hash;
}

int main(void) {
  const int ends[] = {-9, -1, 0, 1, 7, 8, 9};
  for (int i = 0; i < 7; i++) {
    int last[4];
    int a = steps_up(hide(0), hide(ends[i]), hide(4), &last[0]),
        b = steps_up(hide(-8), hide(ends[i]), 8, &last[1]);
    int c = steps_down(hide(9), hide(ends[i]), &last[2]), d = steps_down(hide(ends[i]), hide(-9), &last[3]);
    printf("%d: %d %d %d %d, %d %d %d %d\n", ends[i], a, b, c, d, last[0], last[1], last[2], last[3]);
  }
  for (int n = 0; n <= 9; n++) report("by constants", by_constants(hide(n)));
  const unsigned limits[] = {0, 1, 2, 3, 4, 26, 27, 28, 1000000000};
  for (int i = 0; i < 9; i++) report("geometric", geometric(hide(1u), hide(limits[i])));
  const signed char *text = (const signed char *)"step on no petz";
  for (int length = 0; length <= 15; length += 3) report("meet", meet(text + hide(0), hide(length)));
  uint32_t values[9];
  for (uint32_t i = 0; i < 9; i++) values[i] = hide(i + 1) * 0x9e3779b9u;
  for (size_t count = 0; count < 10; count += 3) report("backwards", backwards(values + 9, hide(count)));
  return 0;
}
