// Stores under conditions, in loops and out of them: they may be if-converted only where the memory is
// written anyway, else a store would be invented; masked stores, compaction and swaps under a condition.
#include "check.h"

static void clip(int16_t *v, int n, int limit) {
  for (int i = 0; i < n; i++)
    if (v[i] > limit) v[i] = (int16_t)limit;
}

static int compact(const int *from, int n, int *to) {
  int kept = 0;
  for (int i = 0; i < n; i++)
    if (from[i] % 3 != 0) to[kept++] = from[i];
  return kept;
}

// Read-only when it is not to be written: out may be null then.
static int maybe_store(int *out, int value, int condition) {
  int result = value * 2;
  if (condition) {
    *out = result;
    result++;
  }
  return result;
}

static void masked(uint8_t *out, const uint8_t *mask, const uint8_t *a, const uint8_t *b, int n) {
  for (int i = 0; i < n; i++) {
    if (mask[i] & 1)
      out[i] = a[i];
    else if (mask[i] & 2)
      out[i] = (uint8_t)(b[i] + 1);
    if (mask[i] >= 0x80) out[i] ^= 0xff;
  }
}

static void bubble(int *v, int n, int *swaps) {
  for (int end = n - 1; end > 0; end--)
    for (int i = 0; i < end; i++)
      if (v[i] > v[i + 1]) {
        int held = v[i];
        v[i] = v[i + 1];
        v[i + 1] = held;
        ++*swaps;
      }
}

static void both_arms(int *v, int n, int pivot) {
  for (int i = 0; i < n; i++) {
    if (v[i] < pivot)
      v[i] = v[i] * 2 - 1;
    else if (v[i] > pivot)
      v[i] = pivot - v[i];
    else
      v[0]++;
  }
}

int main(void) {
  for (int n = -3; n <= 12; n += 3) {
    int16_t clipped[12];
    int values[12], kept[12] = {0}, arms[12], swaps = 0;
    uint8_t out[12], mask[12], a[12], b[12];
    for (int i = 0; i < 12; i++) {
      values[i] = arms[i] = (hide(i) * 17 + 4) % 13;
      clipped[i] = (int16_t)(values[i] * 7 - 20);
      out[i] = (uint8_t)(i + 60), mask[i] = (uint8_t)(values[i] * 21), a[i] = (uint8_t)(i * i),
      b[i] = (uint8_t)(255 - i % 2);
    }
    clip(clipped, hide(n), hide(29));
    int count = compact(values, hide(n), kept);
    masked(out, mask, a, b, hide(n));
    bubble(values, hide(n), &swaps);
    both_arms(arms, hide(n), hide(8));
    printf("%d: %d kept, %d swaps\n", n, count, swaps);
    report_bytes(" clipped", clipped, sizeof clipped);
    report_bytes(" kept", kept, sizeof kept);
    report_bytes(" masked", out, sizeof out);
    report_bytes(" sorted", values, sizeof values);
    report_bytes(" arms", arms, sizeof arms);
  }
  int stored = 5;
  expect("stored", maybe_store(&stored, hide(21), hide(1)) * 100 + stored, 4342);
  expect("not stored", maybe_store(hide((int *)0), hide(-4), hide(0)) * 100 + stored, -758);
  return 0;
}
