// Dependencies carried over one, two, three and more rounds, known and unknown: they limit the vector width,
// and versioned loops must take the scalar copy where the distance is too short.
#include "check.h"

static void distance_1(uint32_t *v, int n) {
  for (int i = 1; i < n; i++) v[i] = v[i - 1] * 5 + v[i];
}

static void distance_2(uint32_t *v, int n) {
  for (int i = 2; i < n; i++) v[i] = v[i - 2] + v[i] * 3;
}

static void distance_3(uint32_t *v, int n) {
  for (int i = 0; i < n - 3; i++) v[i + 3] = v[i] ^ v[i + 3] << 1;
}

static void distance_8(uint32_t *v, int n) {
  for (int i = 8; i < n; i++) v[i] -= v[i - 8] >> 3;
}

static void forwards(uint32_t *v, int n) {  // reads what has not been written yet: no obstacle
  for (int i = 0; i + 1 < n; i++) v[i] = v[i + 1] * 7 - v[i];
}

static void unknown(uint32_t *v, int n, int distance) {
  for (int i = distance; i < n; i++) v[i] += v[i - distance];
}

static void two_arrays(uint32_t *a, uint32_t *b, int n) {  // may be the same array, shifted
  for (int i = 0; i < n; i++) {
    a[i] = b[i] + 1;
    b[i] = a[i] * 3;
  }
}

static void crossing(uint32_t *v, int n) {  // the distance shrinks and turns its sign in the middle
  for (int i = 0; i < n; i++) v[i] += v[n - 1 - i] * 9;
}

static uint32_t recurrence(int n) {  // of third order, held in registers
  uint32_t a = 1, b = 2, c = 3;
  for (int i = 0; i < n; i++) {
    uint32_t next = a + 2 * b - c + (uint32_t)i;
    a = b, b = c, c = next;
  }
  return a ^ b << 8 ^ c << 16;
}

static void start(uint32_t v[40]) {
  for (uint32_t i = 0; i < 40; i++) v[i] = (hide(i) + 1) * 0x9e3779b9u >> 7;
}

int main(void) {
  static void (*const loops[])(uint32_t *, int) = {distance_1, distance_2, distance_3,
                                                   distance_8, forwards,   crossing};
  const int lengths[] = {-1, 3, 4, 9, 32, 37};
  uint32_t v[40];
  for (int loop = 0; loop < 6; loop++)
    for (int i = 0; i < 6; i += loop % 2 + 1) {
      start(v);
      loops[loop](v, hide(lengths[i]));
      report_bytes("loop", v, sizeof v);
    }
  for (int distance = 1; distance <= 17; distance += distance < 5 ? 1 : 4) {
    start(v);
    unknown(v, hide(40), hide(distance));
    report_bytes("unknown", v, sizeof v);
  }
  for (int shift = -3; shift <= 3; shift++) {
    start(v);
    two_arrays(v + 4, v + 4 + hide(shift), hide(29));
    report_bytes("two arrays", v, sizeof v);
  }
  for (int n = 0; n < 40; n = n * 3 + 1) report("recurrence", recurrence(hide(n)));
  return 0;
}
