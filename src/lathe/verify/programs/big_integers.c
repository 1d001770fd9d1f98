/* Big natural numbers in base 2^32: sums, differences, products, division by small and printing in decimal,
   with known factorials, powers and Fibonacci numbers; carry chains. */
#include "check.h"

enum { DIGITS = 24 };

typedef struct {
  uint32_t digit[DIGITS];
  int size;
} Big;

static Big from_small(uint32_t value) {
  Big big = {{value}, value != 0};
  return big;
}

static void add(Big *a, const Big *b) {
  uint32_t carry = 0;
  for (int i = 0; i < b->size || carry; i++) {
    if (i >= a->size) a->digit[i] = 0, a->size = i + 1;
    uint32_t other = i < b->size ? b->digit[i] : 0, sum = a->digit[i] + other;
    uint32_t overflow = sum < other;
    a->digit[i] = sum + carry;
    carry = overflow | (a->digit[i] < carry);
  }
}

static int subtract(Big *a, const Big *b) {
  uint64_t borrow = 0;
  for (int i = 0; i < a->size; i++) {
    uint64_t difference = (uint64_t)a->digit[i] - (i < b->size ? b->digit[i] : 0) - borrow;
    a->digit[i] = (uint32_t)difference;
    borrow = difference >> 63;
  }
  while (a->size && !a->digit[a->size - 1]) a->size--;
  return borrow == 0 && a->size >= 0;
}

static void multiply_small(Big *a, uint32_t by) {
  uint64_t carry = 0;
  for (int i = 0; i < a->size; i++) {
    carry += (uint64_t)a->digit[i] * by;
    a->digit[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry) a->digit[a->size++] = (uint32_t)carry;
}

static uint32_t divide_small(Big *a, uint32_t by) {
  uint64_t rest = 0;
  for (int i = a->size - 1; i >= 0; i--) {
    rest = rest << 32 | a->digit[i];
    a->digit[i] = (uint32_t)(rest / by);
    rest %= by;
  }
  while (a->size && !a->digit[a->size - 1]) a->size--;
  return (uint32_t)rest;
}

static void print(Big a) {
  char text[240], *at = text + sizeof text;
  *--at = '\0';
  do *--at = (char)('0' + divide_small(&a, 10));
  while (a.size);
  puts(at);
}

int main(void) {
  Big factorial = from_small(hide(1u)), a = from_small(hide(0u)), b = from_small(hide(1u));
  for (uint32_t n = 2; n <= hide(60u); n++) {
    multiply_small(&factorial, n);
    if (n % 10 == 0 || n == 13 || n == 21) print(factorial);
  }
  for (int i = 0; i < hide(150); i++) {
    add(&a, &b);
    Big kept = a;
    a = b;
    b = kept;
  }
  print(a), print(b);
  expect("remainder", divide_small(&factorial, hide(61u)), 60); /* Wilson */
  Big ones = {{~0u, ~0u, ~0u}, 3}, one = from_small(hide(1u)), zero = from_small(hide(0u));
  add(&ones, &one), print(ones);
  expect("no borrow", subtract(&ones, &one), 1);
  print(ones), print(zero);
  expect("borrow", subtract(&a, &b), 0);
  expect("equal", subtract(&b, &b), 1);
  report("size", ones.size * 100 + zero.size * 10 + b.size);
  return 0;
}
