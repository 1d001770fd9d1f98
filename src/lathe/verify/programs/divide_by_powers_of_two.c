// Division by powers of two, which rounds to zero where a shift rounds down; remainders of negative numbers,
// alignment and the tests that combine them: x % 2 == 1 is not x & 1 for negative x.
#include "check.h"

static int floor_div(int a, int b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

static unsigned parity(int x) {
  return (unsigned)(x % 2 == 1) | (unsigned)(x % 2 != 0) << 1 | (unsigned)(x % 2 == -1) << 2 |
         (unsigned)(x & 1) << 3 | (unsigned)(x % 8 == 0) << 4 | (unsigned)(x % 8 > 0) << 5 |
         (unsigned)(x % 4 < -1) << 6;
}

static uint64_t align_up(uint64_t x, uint64_t to) { return (x + to - 1) & -to; }

int main(void) {
  for (int i = -10; i <= 10; i++) {
    int x = hide(i);
    printf("%d: %d %d %d %d %d %d", x, x / 2, x / 4, x / -8, x % 4, x % -8, x >> 2);
    printf(" floor %d %d parity %u\n", floor_div(x, 4), floor_div(x, hide(-3)), parity(x));
  }
  int least = hide(INT32_MIN);
  expect("least / 2", least / 2, -1073741824);
  expect("least / least", least / hide(INT32_MIN), 1);
  expect("least / -2^31", least / INT32_MIN, 1);
  expect("(least + 1) / -2^31", (least + 1) / INT32_MIN, 0);
  expect("least % 2^30", least % (1 << 30), 0);
  expect("(least + 1) / 2^30", (least + 1) / (1 << 30), -1);
  expect("(least + 1) % 2^30", (least + 1) % (1 << 30), -1073741823);
  int8_t byte = (int8_t)hide(-128);
  expect("byte / 64", byte / 64, -2);
  expect("byte / 128", byte / 128, -1);
  expect("(byte + 1) / 128", (byte + 1) / 128, 0);
  int64_t wide = hide(INT64_MIN);
  expect("wide / 2^40", (wide + 1) / ((int64_t)1 << 40), -8388607);
  expect("wide % 2^40", (wide + 1) % ((int64_t)1 << 40), -1099511627775);
  uint64_t sizes[] = {0, 1, 15, 16, 17, 4095, 4096, 4097}, mix = 0;
  for (int i = 0; i < 8; i++)
    mix = mix * 7919 + align_up(hide(sizes[i]), 16) + align_up(hide(sizes[i]), hide((uint64_t)4096));
  report("aligned", (long long)mix);
  unsigned divisor = 1u << hide(5);
  report("by a variable power", (long long)(hide(1000003u) / divisor * 100 + hide(1000003u) % divisor));
  return 0;
}
