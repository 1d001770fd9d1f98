/* Recursion with arrays in each frame, mutual recursion and accumulators: tail recursion elimination must not
   share frames that are still in use. */
#include "check.h"

static int permutations(const int *left, int n, int picked, unsigned *hash) {
  if (n == 0) {
    *hash = *hash * 31 + (unsigned)picked;
    return 1;
  }
  int rest[8], found = 0;
  for (int i = 0; i < n; i++) {
    for (int j = 0, k = 0; j < n; j++)
      if (j != i) rest[k++] = left[j];
    if ((picked + left[i]) % 11 != 0) found += permutations(rest, n - 1, picked * 3 + left[i], hash);
  }
  return found;
}

/* Each frame links to its caller's: the deepest one walks back up over all of them. */
typedef struct Frame {
  const struct Frame *caller;
  int mark[6];
} Frame;

static NOINLINE int climb(const Frame *caller, int level) {
  Frame frame = {caller, {level, level * 2}};
  if (level > 0) {
    int below = climb(&frame, level - 1);
    return below + frame.mark[level % 2];
  }
  int sum = 0, steps = 1;
  for (const Frame *f = &frame; f; f = f->caller) sum += f->mark[1] * steps++;
  return sum;
}

static int is_odd(unsigned n);
static int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
static int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }

static unsigned ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static long gcd(long a, long b) { return b == 0 ? a : gcd(b, a % b); }

static uint64_t multiply(uint32_t a, uint32_t b) {
  return b == 0 ? 0 : (b & 1 ? a : 0) + 2 * multiply(a, b / 2);
}

static void hanoi(int n, int from, int to, unsigned *moves) {
  if (n == 0) return;
  hanoi(n - 1, from, 3 - from - to, moves);
  *moves = *moves * 7 + (unsigned)(from * 3 + to);
  hanoi(n - 1, 3 - from - to, to, moves);
}

static int digits_sum(const char *text) { return *text ? *text - '0' + digits_sum(text + 1) : 0; }

int main(void) {
  int items[8];
  for (int i = 0; i < 8; i++) items[i] = hide(i * 3 + 1);
  for (int n = 0; n <= 5; n++) {
    unsigned hash = 0;
    report("permutations", permutations(items, hide(n), hide(2), &hash));
    report("hash", hash);
  }
  for (int level = 0; level <= 5; level++) report("climb", climb(NULL, hide(level)));
  for (unsigned n = 0; n < 4; n++) report("parity", is_even(hide(n)) * 10 + is_odd(hide(n * 50 + 1)));
  for (unsigned m = 0; m <= 2; m++) expect("ackermann", ackermann(m, hide(4u)), m == 0 ? 5 : m == 1 ? 6 : 11);
  expect("gcd", gcd(hide(1071L), hide(462L)) * 100 + gcd(hide(5L), 0), 2105);
  expect("multiply", (long long)multiply(hide(0xfffffffeu), hide(0x80000001u)), 0x7fffffffffffffffll - 1);
  for (int n = 0; n <= 9; n += 3) {
    unsigned moves = 1;
    hanoi(hide(n), 0, 2, &moves);
    report("hanoi", moves);
  }
  expect("digits", digits_sum(hide((const char *)"90817263545")), 50);
  return 0;
}
