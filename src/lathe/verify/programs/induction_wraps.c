// Loops whose induction variable wraps, is narrower than its bound or is compared with another signedness:
// indvars and LSR must not widen it, nor may a trip count be computed as if it did not wrap.
#include "check.h"

static unsigned rounds_u8(uint8_t from, uint8_t to, uint8_t step) {
  unsigned rounds = 0;
  for (uint8_t i = from; i != to && rounds < 1000; i = (uint8_t)(i + step)) rounds++;
  return rounds;
}

static uint32_t index_wraps(const uint8_t *table, uint8_t from, int count) {
  uint32_t hash = 17;
  for (uint8_t i = from; count > 0; count--, i += 7) hash = hash * 33 + table[i];
  return hash;
}

static int signed_bytes(int8_t from) {
  int visited = 0;
  for (int8_t i = from; i >= 0; i = (int8_t)((uint8_t)i + 1)) visited++;
  return visited;
}

static uint64_t widened_wrong(uint32_t from, uint32_t count) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++)
    sum += (uint64_t)(from + i) << 8 | i;  // the sum in 32 bits, then widened
  return sum;
}

static int64_t signed_view(uint32_t from, int count) {
  int64_t sum = 0;
  for (; count-- > 0; from += 0x40000000) sum = sum * 3 + (int32_t)from;
  return sum;
}

static unsigned last_value(uint16_t limit) {
  uint16_t i = 0, steps = 0;
  while (i <= limit && steps < 50) i = (uint16_t)(i + 5000), steps++;
  return i * 100u + steps;
}

int main(void) {
  expect("all bytes", rounds_u8(hide((uint8_t)1), hide((uint8_t)0), 1), 255);
  expect("none", rounds_u8(hide((uint8_t)9), hide((uint8_t)9), 1), 0);
  expect("odd step", rounds_u8(hide((uint8_t)0), hide((uint8_t)1), hide((uint8_t)3)), 171);
  expect("even step", rounds_u8(hide((uint8_t)0), hide((uint8_t)1), hide((uint8_t)2)), 1000);
  expect("down", rounds_u8(hide((uint8_t)3), hide((uint8_t)250), hide((uint8_t)255)), 9);
  uint8_t table[256];
  for (int i = 0; i < 256; i++) table[i] = (uint8_t)(hide(i) * i >> 2);
  for (int count = 0; count < 600; count = count * 3 + 1)
    report("index", index_wraps(table, hide((uint8_t)250), hide(count)));
  for (int from = -1; from < 128; from += 43) report("signed bytes", signed_bytes((int8_t)hide(from)));
  expect("from the last", signed_bytes((int8_t)hide(127)), 1);
  report("widened", (long long)widened_wrong(hide(0xfffffffdu), hide(6u)));
  report("not wrapping", (long long)widened_wrong(hide(0xfffffffau), hide(6u)));
  report("signed view", signed_view(hide(0x60000000u), hide(7)));
  const uint16_t limits[] = {0, 4999, 5000, 60000, 64999, 65000, 65534, 65535};
  for (int i = 0; i < 8; i++) report("last value", last_value(hide(limits[i])));
  uint32_t down = hide(3u), product = 1;
  while (down-- > 0) product = product * 10 + down;
  expect("down past zero", product == 1210 && down == UINT32_MAX, 1);
  return 0;
}
