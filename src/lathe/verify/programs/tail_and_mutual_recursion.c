// Recursion in tail position, with an accumulator that the optimiser has to introduce, mutual, and through
// two calls; tail recursion elimination makes loops of them, the inliner unrolls them.
#include "check.h"

static uint64_t sum_to(uint64_t n, uint64_t sum) { return n == 0 ? sum : sum_to(n - 1, sum + n); }
static uint64_t factorial(unsigned n) { return n <= 1 ? 1 : n * factorial(n - 1); }
static int length(const char *text) { return *text == '\0' ? 0 : 1 + length(text + 1); }

static int is_even(unsigned n);
static int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }
static int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }

// Hofstadter's female and male sequences.
static int male(int n);
static int female(int n) { return n == 0 ? 1 : n - male(female(n - 1)); }
static int male(int n) { return n == 0 ? 0 : n - female(male(n - 1)); }

static uint32_t fibonacci(unsigned n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static int mccarthy(int n) { return n > 100 ? n - 10 : mccarthy(mccarthy(n + 11)); }

// Swaps its parameters in the tail call: they change at the same time.
static int64_t swapping(int64_t a, int64_t b, int rounds) {
  if (rounds == 0) return a * 1000 + b;
  return swapping(b + 1, a * 2, rounds - 1);
}

static void hanoi(int discs, int from, int to, int via, uint32_t *trace) {
  if (discs == 0) return;
  hanoi(discs - 1, from, via, to, trace);
  *trace = *trace * 9 + (uint32_t)(from * 3 + to);
  hanoi(discs - 1, via, to, from, trace);
}

static int last_after_local(int n, const int *previous) {
  int local = n * 3 + *previous;  // its address is passed on: not a loop without care
  return n == 0 ? local : last_after_local(n - 1, &local);
}

int main(void) {
  expect("sum", (long long)sum_to(hide((uint64_t)1000), 0), 500500);
  expect("empty sum", (long long)sum_to(hide((uint64_t)0), hide((uint64_t)9)), 9);
  for (unsigned n = 0; n <= 3; n++) report("factorial", (long long)factorial(hide(n)));
  expect("20!", (long long)factorial(hide(20u)), 2432902008176640000);
  const char *texts[] = {"", "x", "recursion"};
  for (int i = 0; i < 3; i++) report("length", length(hide(texts[i])));
  for (unsigned n = 0; n < 4; n++) report("even, odd", is_even(hide(n * 7)) * 10 + is_odd(hide(n * 7)));
  uint32_t sequences = 0;
  for (int n = 0; n < 20; n++) sequences = sequences * 23 + (uint32_t)(female(hide(n)) + 2 * male(hide(n)));
  report("sequences", sequences);
  for (unsigned n = 0; n <= 15; n += 3) report("fibonacci", fibonacci(hide(n)));
  const int edges[] = {0, 87, 99, 100, 101, 102, 111};
  for (int i = 0; i < 7; i++) report("mccarthy", mccarthy(hide(edges[i])));
  for (int rounds = 0; rounds < 4; rounds++) report("swapping", swapping(hide(5), hide(7), hide(rounds)));
  uint32_t trace = 1;
  hanoi(hide(6), hide(0), hide(2), hide(1), &trace);
  report("hanoi", trace);
  int start = hide(4);
  for (int n = 0; n < 3; n++) report("local", last_after_local(hide(n), &start));
  return 0;
}
