// Ackermann's function by recursion, with an explicit stack and memoised, against its closed forms, and a
// tower of hyperoperations: deep recursion in an argument of the call in tail position.
#include "check.h"

static unsigned ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static unsigned with_stack(unsigned m, unsigned n, int *deepest) {
  unsigned char stack[200];
  int top = 0;
  stack[top++] = (unsigned char)m;
  *deepest = 0;
  while (top > 0) {
    if (top > *deepest) *deepest = top;
    m = stack[--top];
    if (m == 0) {
      n++;
    } else if (n == 0) {
      n = 1;
      stack[top++] = (unsigned char)(m - 1);
    } else {
      n--;
      stack[top++] = (unsigned char)(m - 1);
      stack[top++] = (unsigned char)m;
    }
  }
  return n;
}

static unsigned memoised(unsigned m, unsigned n, unsigned short memo[4][80], int *hits) {
  if (memo[m][n]) {
    ++*hits;
    return memo[m][n];
  }
  unsigned value = m == 0   ? n + 1
                   : n == 0 ? memoised(m - 1, 1, memo, hits)
                            : memoised(m - 1, memoised(m, n - 1, memo, hits), memo, hits);
  memo[m][n] = (unsigned short)value;
  return value;
}

static uint64_t hyper(int level, uint64_t a, uint64_t b) {
  if (level == 0) return b + 1;
  if (b == 0) return level == 1 ? a : level == 2 ? 0 : 1;
  return hyper(level - 1, a, hyper(level, a, b - 1));
}

int main(void) {
  static unsigned short memo[4][80];
  int hits = 0;
  for (unsigned m = 0; m < 4; m++)
    for (unsigned n = 0; n < 4; n++) {
      int deepest;
      unsigned value = ackermann(hide(m), hide(n)), same = with_stack(hide(m), hide(n), &deepest);
      expect("ackermann", value, m == 0 ? n + 1 : m == 1 ? n + 2 : m == 2 ? 2 * n + 3 : (8u << n) - 3);
      if (m % 2) report("deepest", deepest);
      if (same != value || memoised(hide(m), hide(n), memo, &hits) != value) expect("same", same, value);
    }
  report("hits", hits);
  report_bytes("memo", memo, sizeof memo);
  expect("2 + 3", (long long)hyper(1, hide((uint64_t)2), hide((uint64_t)3)), 5);
  expect("6 * 7", (long long)hyper(hide(2), 6, 7), 42);
  expect("3 ^ 4", (long long)hyper(hide(3), 3, 4), 81);
  expect("2 ^^ 3", (long long)hyper(hide(4), 2, 3), 16);
  expect("5 ^ 0", (long long)hyper(hide(3), 5, hide((uint64_t)0)), 1);
  return 0;
}
