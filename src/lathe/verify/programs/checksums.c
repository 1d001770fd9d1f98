/* CRC-32 bit by bit and by table, CRC-16, Adler-32 and SipHash-2-4:
   loops that loop-idiom and vectorising passes recognise. */
#include "check.h"

static uint32_t crc_bits(const unsigned char *data, size_t n, uint32_t polynomial, uint32_t start) {
  uint32_t crc = ~start;
  while (n--) {
    crc ^= *data++;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
  }
  return ~crc;
}

static uint32_t crc_table(const unsigned char *data, size_t n) {
  static uint32_t table[256];
  if (!table[255])
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t entry = i;
      for (int bit = 0; bit < 8; bit++) entry = (entry & 1) * 0xedb88320u ^ entry >> 1;
      table[i] = entry;
    }
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < n; i++) crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
  return ~crc;
}

static uint16_t crc16(const unsigned char *data, size_t n) {
  uint16_t crc = 0xffff;
  for (size_t i = 0; i < n; i++) {
    crc ^= (uint16_t)(data[i] << 8);
    for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc << 1 ^ (crc >> 15 ? 0x1021 : 0));
  }
  return crc;
}

static uint32_t adler(const unsigned char *data, size_t n) {
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < n; i++) {
    a = (a + data[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

static uint64_t turn(uint64_t x, int by) { return x << by | x >> (64 - by); }

static void sip_round(uint64_t v[4], int n) {
  while (n--) {
    v[0] += v[1], v[1] = turn(v[1], 13) ^ v[0], v[0] = turn(v[0], 32);
    v[2] += v[3], v[3] = turn(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = turn(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = turn(v[1], 17) ^ v[2], v[2] = turn(v[2], 32);
  }
}

static uint64_t siphash(const unsigned char *data, size_t n, uint64_t k0, uint64_t k1) {
  uint64_t v[] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                  k1 ^ 0x7465646279746573};
  for (size_t at = 0; at <= n; at += 8) {
    uint64_t word = 0;
    for (size_t i = at; i < at + 8 && i < n; i++) word |= (uint64_t)data[i] << 8 * (i - at);
    if (n - at < 8) word |= (uint64_t)n << 56;
    v[3] ^= word, sip_round(v, 2), v[0] ^= word;
  }
  v[2] ^= 0xff, sip_round(v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int main(void) {
  const unsigned char *nine = hide((const unsigned char *)"123456789");
  expect("crc bits", crc_bits(nine, hide((size_t)9), 0xedb88320u, 0), 0xcbf43926);
  expect("crc table", crc_table(nine, hide((size_t)9)), 0xcbf43926);
  expect("castagnoli", crc_bits(nine, hide((size_t)9), 0x82f63b78, 0), 0xe3069283);
  expect("crc in parts", crc_bits(nine + 4, 5, 0xedb88320u, crc_bits(nine, hide((size_t)4), 0xedb88320u, 0)),
         0xcbf43926);
  expect("crc16", crc16(nine, hide((size_t)9)), 0x29b1);
  expect("adler", adler(hide((const unsigned char *)"Wikipedia"), hide((size_t)9)), 0x11e60398);
  unsigned char data[900];
  for (int i = 0; i < 900; i++) data[i] = (unsigned char)(i < 64 ? hide(i) : 255);
  expect("siphash", (long long)siphash(data, hide((size_t)15), 0x0706050403020100, 0x0f0e0d0c0b0a0908),
         (long long)0xa129ca6149be45e5);
  for (size_t n = 0; n <= 9; n++) report("siphash", (long long)siphash(data, hide(n), hide(5ul), 9));
  const size_t sizes[] = {0, 1, 2, 300, 900};
  for (int i = 0; i < 5; i++) {
    report("crc", crc_table(data, hide(sizes[i])) ^ crc16(data, hide(sizes[i])));
    report("adler", adler(data, hide(sizes[i])));
  }
  return 0;
}
