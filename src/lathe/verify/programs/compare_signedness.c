// Comparisons of each signedness and width around their boundaries, and range checks written as two
// comparisons, which are merged into one unsigned comparison after a subtraction.
#include "check.h"

static unsigned all32(int32_t a, int32_t b) {
  uint32_t ua = (uint32_t)a, ub = (uint32_t)b;
  unsigned bits =
      (unsigned)(a < b) | (unsigned)(a <= b) << 1 | (unsigned)(a > b) << 2 | (unsigned)(a >= b) << 3;
  bits |= (unsigned)(ua < ub) << 4 | (unsigned)(ua <= ub) << 5 | (unsigned)(ua > ub) << 6 |
          (unsigned)(ua >= ub) << 7;
  return bits | (unsigned)(a == b) << 8 | (unsigned)((a ^ b) < 0) << 9;
}

static unsigned narrow(int8_t a, uint8_t b) {
  return (unsigned)(a < b) | (unsigned)((uint8_t)a < b) << 1 | (unsigned)(a < (int8_t)b) << 2 |
         (unsigned)(a == b) << 3 | (unsigned)((int64_t)a > (int64_t)b - 256) << 4;
}

static unsigned ranges(int x) {
  unsigned bits = x >= 10 && x <= 20;
  bits = bits << 1 | (x > -5 && x < 5);
  bits = bits << 1 | (x < '0' || x > '9');
  bits = bits << 1 | (x >= 0 && (unsigned)x < 16);
  bits = bits << 1 | (x == 64 || x == 65 || x == 66);
  bits = bits << 1 | (x != INT32_MIN && x <= -100);
  return bits << 1 | ((x & ~32) >= 'A' && (x & ~32) <= 'Z');
}

int main(void) {
  const int32_t edges[] = {INT32_MIN, INT32_MIN + 1, -1, 0, 1, INT32_MAX - 1, INT32_MAX};
  for (int i = 0; i < 7; i++) {
    unsigned mix = 0, narrows = 0;
    for (int j = 0; j < 7; j++) mix = mix * 1021 + all32(hide(edges[i]), hide(edges[j]));
    for (int j = 0; j < 7; j++)
      narrows = narrows * 33 + narrow((int8_t)hide(i * 42 - 128), (uint8_t)hide(j * 42 + 2));
    printf("%d: %u %u\n", (int)edges[i], mix, narrows);
  }
  const int probes[] = {INT32_MIN, INT32_MIN + 1,
                        -101,      -100,
                        -99,       -6,
                        -5,        -4,
                        -1,        0,
                        4,         5,
                        6,         9,
                        10,        11,
                        15,        16,
                        17,        19,
                        20,        21,
                        47,        48,
                        49,        57,
                        58,        63,
                        64,        65,
                        66,        67,
                        89,        90,
                        91,        95,
                        96,        97,
                        98,        99,
                        121,       122,
                        123,       300,
                        INT32_MAX};
  uint8_t found[sizeof probes / sizeof *probes];
  int counts[7] = {0};
  for (size_t i = 0; i < sizeof found; i++) {
    found[i] = (uint8_t)ranges(hide(probes[i]));
    for (int bit = 0; bit < 7; bit++) counts[bit] += found[i] >> bit & 1;
  }
  for (int bit = 0; bit < 7; bit++) report("in range", counts[bit]);
  report_bytes("found", found, sizeof found);
  expect("-1 < 1u", (unsigned)hide(-1) < hide(1u), 0);
  expect("-1 < (long)1u", (long)hide(-1) < (long)hide(1u), 1);
  return 0;
}
