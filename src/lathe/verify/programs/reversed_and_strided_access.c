// Accesses backwards, with strides of two and three, interleaved and through index arrays: the vectoriser
// shuffles or gathers, the address modes are strength-reduced, and nothing beyond the last element may be
// touched.
#include "check.h"

static void reverse_in_place(uint8_t *v, int n) {
  for (int i = 0; i < n / 2; i++) {
    uint8_t swap = v[i];
    v[i] = v[n - 1 - i];
    v[n - 1 - i] = swap;
  }
}

static void reverse_into(const uint16_t *from, uint16_t *to, int n) {
  for (int i = 0; i < n; i++) to[i] = (uint16_t)(from[n - 1 - i] + i);
}

static uint32_t every(const uint32_t *v, int n, int stride) {
  uint32_t sum = 0;
  for (int i = 0; i < n; i += stride) sum = sum * 3 + v[i];
  return sum;
}

static void deinterleave(const uint8_t *rgb, uint8_t *red, uint8_t *green, uint8_t *blue, int n) {
  for (int i = 0; i < n; i++) {
    red[i] = rgb[3 * i];
    green[i] = rgb[3 * i + 1];
    blue[i] = rgb[3 * i + 2];
  }
}

static void butterflies(int32_t *v, int n) {
  for (int i = 0; i + 1 < n; i += 2) {
    int32_t a = v[i], b = v[i + 1];
    v[i] = a + b;
    v[i + 1] = a - b;
  }
}

static void gather(const uint32_t *from, const uint8_t *index, uint32_t *to, int n) {
  for (int i = 0; i < n; i++) to[i] = from[index[i]] ^ (uint32_t)index[n - 1 - i];
}

static void scatter(uint32_t *to, const uint8_t *index, int n) {
  for (int i = 0; i < n; i++) to[index[i]] = (uint32_t)(to[index[i]] * 2 + (uint32_t)i);  // later ones win
}

int main(void) {
  const int lengths[] = {-2, 1, 2, 3, 7, 8, 15, 16, 19};
  for (int k = 0; k < 9; k++) {
    int n = hide(lengths[k]);
    uint8_t bytes[60], planes[3][20] = {{0}}, index[20];
    uint16_t halves[20], reversed[20] = {0};
    uint32_t words[20], gathered[20] = {0}, scattered[20] = {0};
    int32_t pairs[20];
    for (int i = 0; i < 60; i++) bytes[i] = (uint8_t)(hide(i) * 37 + 5);
    for (int i = 0; i < 20; i++) {
      halves[i] = (uint16_t)(i * 2999 + bytes[i]);
      words[i] = (uint32_t)i * 2654435769u + bytes[59 - i];
      pairs[i] = (bytes[i] - 100) * (i + 1);
      index[i] = (uint8_t)(bytes[i] % 20);
    }
    deinterleave(bytes, planes[0], planes[1], planes[2], n);
    reverse_in_place(bytes, n);
    reverse_into(halves, reversed, n);
    butterflies(pairs, n);
    gather(words, index, gathered, n);
    scatter(scattered, index, n);
    printf("%d: %u %u %u\n", n, (unsigned)every(words, n, hide(1)), (unsigned)every(words, n, 2),
           (unsigned)every(words, n, hide(3)));
    report_bytes(" bytes", bytes, sizeof bytes);
    report_bytes(" planes", planes, sizeof planes);
    report_bytes(" halves", reversed, sizeof reversed);
    report_bytes(" pairs", pairs, sizeof pairs);
    for (int i = 0; i < 20; i++) gathered[i] += scattered[i] * 65599;
    report_bytes(" words", gathered, sizeof gathered);
  }
  return 0;
}
