// Loops with trip counts around multiples of two, four and eight, by hand and by the compiler: main loop,
// remainder and the guards between them; with bounds that are not known, bounds known to divide, and very
// short loops.
#include "check.h"

static uint32_t by_hand(const uint32_t *values, unsigned count) {
  uint32_t a = 0, b = 1, c = 2, d = 3;
  unsigned i = 0;
  for (; i + 4 <= count; i += 4) {
    a += values[i];
    b ^= values[i + 1];
    c -= values[i + 2];
    d = d * 31 + values[i + 3];
  }
  switch (count - i) {
    case 3:
      c -= values[i + 2] * 3;
      __attribute__((fallthrough));
    case 2:
      b ^= values[i + 1] * 3;
      __attribute__((fallthrough));
    case 1:
      a += values[i] * 3;
  }
  return a + b * 3 + c * 5 + d * 7;
}

static uint32_t by_compiler(const uint32_t *values, unsigned count) {
  uint32_t hash = 0x811c9dc5u;
  for (unsigned i = 0; i < count; i++) hash = (hash ^ values[i]) * 16777619u;
  return hash;
}

static uint32_t multiple_of_four(const uint32_t *values, unsigned count) {
  uint32_t sum = 0;
  for (unsigned i = 0; i < (count & ~3u); i++) sum = (sum << 1 | sum >> 31) + values[i];
  return sum;
}

static uint32_t known_short(const uint32_t *values) {
  uint32_t sum = 0;
  for (int i = 0; i < 3; i++)
    for (int j = i; j < 3; j++) sum = sum * 5 + values[i + j] * values[j];
  return sum;
}

static int with_exit(const uint32_t *values, unsigned count, uint32_t stop) {
  unsigned i;
  for (i = 0; i < count; i++)
    if (values[i] == stop) break;
  return (int)(i * 2 + (i < count));
}

int main(void) {
  uint32_t values[36];
  for (uint32_t i = 0; i < 36; i++) values[i] = (hide(i) + 1) * 0x01000193u ^ i << 20;
  for (unsigned count = 0; count <= 33; count += count < 18 ? 1 : 7) {
    unsigned n = hide(count);
    printf("%u: %u %u %u", n, (unsigned)by_hand(values, n), (unsigned)by_compiler(values, n),
           (unsigned)multiple_of_four(values, n));
    printf(" %d %d\n", with_exit(values, n, values[(n * 5) % 18]), with_exit(values, n, values[n]));
  }
  report("known short", known_short(values + hide(2)));
  report("known short", known_short(values + hide(9)));
  return 0;
}
