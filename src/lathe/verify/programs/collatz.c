// Collatz sequences: loops without a computable trip count, with a branch that alternates irregularly,
// counted, recorded, cached and shortened by stripping trailing zeros.
#include "check.h"

struct Walk {
  unsigned steps, odd_steps;
  uint64_t highest;
};

static struct Walk walk(uint64_t n) {
  struct Walk w = {0, 0, n};
  while (n != 1) {
    if (n & 1) {
      n = 3 * n + 1;
      w.odd_steps++;
    } else {
      n /= 2;
    }
    if (n > w.highest) w.highest = n;
    w.steps++;
  }
  return w;
}

static unsigned stripped(uint64_t n) {
  unsigned steps = 0;
  for (;;) {
    int zeros = __builtin_ctzll(n);
    n >>= zeros;
    steps += (unsigned)zeros;
    if (n == 1) return steps;
    n += (n << 1) + 1;
    steps++;
  }
}

static unsigned cached(uint64_t n, uint16_t *cache, uint64_t size) {
  if (n < size && cache[n]) return cache[n] - 1u;
  unsigned steps = 1 + cached(n % 2 ? 3 * n + 1 : n / 2, cache, size);
  if (n < size) cache[n] = (uint16_t)(steps + 1);
  return steps;
}

// The parity word of the first steps; it determines the residue of the start modulo 2^steps.
static uint32_t parities(int64_t n, int steps) {
  uint32_t word = 0;
  for (int i = 0; i < steps; i++) {
    word |= (uint32_t)(n & 1) << i;
    n = n % 2 == 0 ? n / 2 : (3 * n + 1) / 2;
  }
  return word;
}

int main(void) {
  const uint64_t starts[] = {1, 2, 3, 7, 27, 97, 703, 837799, 0xffffffff};
  for (int i = 0; i < 9; i++) {
    struct Walk w = walk(hide(starts[i]));
    printf("%llu: %u %u %llu\n", (unsigned long long)starts[i], w.steps, w.odd_steps,
           (unsigned long long)w.highest);
    expect("stripped", stripped(hide(starts[i])), w.steps);
  }
  expect("27", walk(hide((uint64_t)27)).steps, 111);
  expect("27 climbs to", (long long)walk(hide((uint64_t)27)).highest, 9232);
  static uint16_t cache[500];
  cache[1] = 1;
  unsigned longest = 0, best = 0;
  for (unsigned n = 1; n < 1000; n++) {
    unsigned steps = cached(hide((uint64_t)n), cache, 500);
    if (steps > longest) longest = steps, best = n;
  }
  expect("longest below 1000", best, 871);
  expect("its steps", longest, 178);
  report_bytes("cache", cache, sizeof cache);
  for (int64_t n = -7; n <= 7; n += 2) report("parities", parities(hide(n), hide(12)));
  expect("residue", parities(hide((int64_t)27 + 1024), hide(10)) == parities(hide((int64_t)27), hide(10)), 1);
  return 0;
}
