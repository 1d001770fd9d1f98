// Cyclic redundancy checks of 8, 16, 32 and 64 bits, reflected or not, bit by bit, by nibbles and by tables,
// against their published check values; loop-idiom recognises some of them.
#include "check.h"

static uint8_t crc8(const char *data, size_t size) {
  uint8_t crc = 0;
  while (size--) {
    crc ^= (uint8_t)*data++;
    for (int bit = 0; bit < 8; bit++) crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1);
  }
  return crc;
}

static uint16_t crc16_reflected(const char *data, size_t size) {
  uint16_t crc = 0;
  for (size_t i = 0; i < size; i++) {
    crc ^= (uint8_t)data[i];
    for (int bit = 8; bit > 0; bit--) crc = (uint16_t)(crc >> 1 ^ (0xa001 & -(crc & 1)));
  }
  return crc;
}

static uint16_t crc16_ccitt(const char *data, size_t size) {
  uint16_t crc = 0xffff;
  for (; size > 0; size--) {
    uint8_t x = (uint8_t)(crc >> 8 ^ (uint8_t)*data++);
    x ^= x >> 4;
    crc = (uint16_t)(crc << 8 ^ x << 12 ^ x << 5 ^ x);
  }
  return crc;
}

static uint32_t crc32_by_table(uint32_t polynomial, const char *data, size_t size) {
  uint32_t table[256], crc = UINT32_MAX;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t entry = i;
    for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? entry >> 1 ^ polynomial : entry >> 1;
    table[i] = entry;
  }
  for (size_t i = 0; i < size; i++) crc = table[(crc ^ (uint8_t)data[i]) & 255] ^ crc >> 8;
  return ~crc;
}

static uint32_t crc32_by_nibbles(const char *data, size_t size) {
  uint32_t table[16] = {0}, crc = ~0u, entry = 1;
  for (int half = 8; half > 0; half /= 2) {  // from the entry of one bit, those of all sums with it
    entry = entry & 1 ? entry >> 1 ^ 0xedb88320 : entry >> 1;
    for (int i = 0; i < 16; i += 2 * half) table[i + half] = table[i] ^ entry;
  }
  while (size--) {
    crc ^= (uint8_t)*data++;
    crc = table[crc & 15] ^ crc >> 4;
    crc = table[crc & 15] ^ crc >> 4;
  }
  return ~crc;
}

static uint64_t crc64(const char *data, size_t size) {
  uint64_t crc = UINT64_MAX;
  for (size_t i = 0; i < size * 8; i++) {
    crc ^= (uint64_t)((uint8_t)data[i / 8] >> i % 8 & 1);
    crc = crc & 1 ? crc >> 1 ^ 0xc96c5795d7870f42 : crc >> 1;
  }
  return ~crc;
}

int main(void) {
  const char *digits = hide((const char *)"123456789");
  size_t nine = hide((size_t)9);
  expect("crc-8", crc8(digits, nine), 0xf4);
  expect("crc-16/arc", crc16_reflected(digits, nine), 0xbb3d);
  expect("crc-16/ccitt-false", crc16_ccitt(digits, nine), 0x29b1);
  expect("crc-32", crc32_by_table(hide(0xedb88320u), digits, nine), 0xcbf43926);
  expect("crc-32c", crc32_by_table(hide(0x82f63b78u), digits, nine), 0xe3069283);
  expect("crc-32 by nibbles", crc32_by_nibbles(digits, nine), 0xcbf43926);
  expect("crc-64/xz", (long long)crc64(digits, nine), (long long)0x995dc9bbdf1939fa);
  char bytes[300];
  for (int i = 0; i < 300; i++) bytes[i] = (char)(signed char)(hide(i) * 7 % 256 - 128);
  for (size_t size = 0; size <= 300; size = size * 6 + 1)
    report("lengths", crc32_by_nibbles(bytes, hide(size)));
  return 0;
}
