// Quotients and remainders of variables: both at once, of mixed signs and widths, invariant in a loop,
// narrowed to smaller divisions, and floor, ceiling and rounding built on them.
#include "check.h"

static int64_t floor_mod(int64_t a, int64_t b) {
  int64_t r = a % b;
  return r != 0 && (r ^ b) < 0 ? r + b : r;
}

static uint32_t ceiling(uint32_t a, uint32_t b) { return a / b + (a % b != 0); }
static uint32_t rounded(uint32_t a, uint32_t b) { return (uint32_t)(((uint64_t)a + b / 2) / b); }

// The operands fit 16 bits, so the division may be narrowed, but not the sum before it.
static unsigned narrowed(uint64_t a, uint64_t b, unsigned carry) {
  return (unsigned)(((a & 0xffff) + carry) / ((b & 0xff) + 1));
}

static int digits(uint64_t value, unsigned base, char *out) {
  int n = 0;
  do out[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[value % base];
  while (value /= base);
  for (int i = 0; i < n / 2; i++) {
    char held = out[i];
    out[i] = out[n - 1 - i], out[n - 1 - i] = held;
  }
  out[n] = '\0';
  return n;
}

static int64_t guarded(int a, int b) {
  if (b == 0) return -1000;
  if (b == -1) return -(int64_t)a;
  return (int64_t)(a / b) * 10 + a % b;
}

int main(void) {
  const int64_t values[] = {INT64_MIN + 1, INT32_MIN, -100, -7, -1, 1, 6, 7, 8, 100, UINT32_MAX, INT64_MAX};
  enum { kCount = sizeof values / sizeof *values };
  for (int i = 0; i < kCount; i++) {
    uint64_t signeds = 0, unsigneds = 0, words = 0;
    for (int j = 0; j < kCount; j++) {
      int64_t a = hide(values[i]), b = hide(values[j]);
      signeds = signeds * 31 + (uint64_t)(a / b) * 3 + (uint64_t)(a % b) + (uint64_t)floor_mod(a, b) * 7;
      unsigneds = unsigneds * 31 + (uint64_t)a / (uint64_t)b * 3 + (uint64_t)a % (uint64_t)b;
      unsigneds += narrowed((uint64_t)a, (uint64_t)b, hide(3u));
      words = words * 31 + ceiling((uint32_t)a, (uint32_t)b) + rounded((uint32_t)a, (uint32_t)b) * 5;
      words +=
          (uint32_t)guarded((int)(uint32_t)a, (int)(uint32_t)b) + (uint32_t)((int16_t)a % (int16_t)(b | 1));
    }
    printf("%lld: %llu %llu %llu\n", (long long)values[i], (unsigned long long)signeds,
           (unsigned long long)unsigneds, (unsigned long long)words);
  }
  const unsigned bases[] = {2, 7, 10, 16, 36};
  for (int i = 0; i < 5; i++) {
    char text[72];
    int n = digits(hide(UINT64_MAX - (uint64_t)i), hide(bases[i]), text);
    printf("%d %s, ", n, text);
    n = digits(hide((uint64_t)i * 9), hide(bases[i]), text);
    printf("%d %s\n", n, text);
  }
  for (int b = -2; b <= 1; b++) report("guarded", guarded(hide(INT32_MIN), hide(b == 1 ? 3 : b)));
  return 0;
}
