// Histograms and counting sorts: increments through an index that may repeat, which no vectoriser may do side
// by side, in bytes that wrap, in several tables at once and with keys that are computed.
#include "check.h"

static void count_bytes(const uint8_t *data, int n, uint32_t counts[256]) {
  for (int i = 0; i < n; i++) counts[data[i]]++;
}

static void count_wrapping(const uint8_t *data, int n, uint8_t counts[4]) {
  for (int i = 0; i < n; i++) counts[data[i] >> 6] = (uint8_t)(counts[data[i] >> 6] + 3);
}

static void two_tables(const uint8_t *data, int n, uint16_t low[16], uint16_t high[16]) {
  for (int i = 0; i + 1 < n; i += 2) {
    low[data[i] & 15]++;
    high[data[i] >> 4]++;
    low[data[i + 1] & 15]++;
    high[data[i + 1] >> 4] += 2;
  }
}

static void radix_sort(uint32_t *keys, uint32_t *spare, int n) {
  for (int shift = 0; shift < 32; shift += 8) {
    int starts[257] = {0};
    for (int i = 0; i < n; i++) starts[(keys[i] >> shift & 255) + 1]++;
    for (int i = 0; i < 256; i++) starts[i + 1] += starts[i];
    for (int i = 0; i < n; i++) spare[starts[keys[i] >> shift & 255]++] = keys[i];
    uint32_t *swap = keys;
    keys = spare;
    spare = swap;
  }
}

// The level below which at least a part of all samples lies.
static int percentile(const uint32_t counts[256], uint32_t total, uint32_t percent) {
  uint32_t below = 0;
  for (int level = 0; level < 256; level++) {
    below += counts[level];
    if (below * 100 >= total * percent) return level;
  }
  return 256;
}

static int mode(const uint32_t counts[256]) {
  int best = 0;
  for (int i = 1; i < 256; i++)
    if (counts[i] > counts[best]) best = i;
  return best;
}

int main(void) {
  uint8_t data[700];
  uint32_t state = hide(2463534242u);
  for (int i = 0; i < 700; i++) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    data[i] = (uint8_t)((state & 255) * (state >> 8 & 255) >> 8);
  }
  const int lengths[] = {0, 1, 2, 255, 700};
  for (int k = 0; k < 5; k++) {
    uint32_t counts[256] = {0};
    uint8_t wrapping[4] = {250, 0, 1, 2};
    uint16_t nibbles[2][16] = {{0}};
    count_bytes(data, hide(lengths[k]), counts);
    count_wrapping(data, hide(lengths[k]), wrapping);
    two_tables(data, hide(lengths[k]), nibbles[0], nibbles[1]);
    report_bytes("counts", counts, sizeof counts);
    report_bytes("nibbles", nibbles, sizeof nibbles);
    printf("%d %d %d %d mode %d", wrapping[0], wrapping[1], wrapping[2], wrapping[3], mode(counts));
    for (uint32_t percent = 0; percent <= 100; percent += 25)
      printf(" %d", percentile(counts, hide((uint32_t)lengths[k]), hide(percent)));
    printf("\n");
  }
  uint32_t keys[50], spare[50], disorder = 0;
  for (int i = 0; i < 50; i++) keys[i] = (state = state * 69069 + 1) >> (i % 3 * 8);
  radix_sort(keys, spare, hide(50));
  for (int i = 1; i < 50; i++) disorder += keys[i - 1] > keys[i];
  expect("disorder", disorder, 0);
  report_bytes("sorted", keys, sizeof keys);
  expect("nobody", percentile((uint32_t[256]){0}, hide(1u), hide(1u)), 256);
  return 0;
}
