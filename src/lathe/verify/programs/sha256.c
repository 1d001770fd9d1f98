/* SHA-256 of the standard's messages and of every length around a block's end: rotations, big-endian loads
   and a sliding window of words. */
#include "check.h"

static const uint32_t keys[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void block(uint32_t state[8], const unsigned char *in) {
  uint32_t w[16], s[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)in[4 * i] << 24 | (uint32_t)in[4 * i + 1] << 16 | (uint32_t)in[4 * i + 2] << 8 |
           in[4 * i + 3];
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    if (i >= 16) {
      uint32_t a = w[(i + 1) & 15], b = w[(i + 14) & 15];
      w[i & 15] +=
          w[(i + 9) & 15] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
    }
    uint32_t t = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) +
                 keys[i] + w[i & 15];
    uint32_t u =
        (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += t;
    s[0] = t + u;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

static void sha256(const unsigned char *in, size_t size, uint32_t state[8]) {
  static const uint32_t start[] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  unsigned char last[128] = {0};
  size_t left = size % 64, padded = left < 56 ? 64 : 128;
  memcpy(state, start, sizeof start);
  for (size_t i = 0; i < size / 64; i++) block(state, in + 64 * i);
  memcpy(last, in + size - left, left);
  last[left] = 0x80;
  for (int i = 0; i < 8; i++) last[padded - 1 - i] = (unsigned char)((uint64_t)size * 8 >> (8 * i));
  for (size_t i = 0; i < padded; i += 64) block(state, last + i);
}

static void test(const char *text, uint32_t first, uint32_t last) {
  uint32_t state[8];
  sha256((const unsigned char *)text, strlen(text), state);
  report_bytes("digest", state, sizeof state);
  expect("first", state[0], first);
  expect("last", state[7], last);
}

int main(void) {
  test(hide((const char *)""), 0xe3b0c442, 0x7852b855);
  test(hide((const char *)"abc"), 0xba7816bf, 0xf20015ad);
  test(hide((const char *)"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), 0x248d6a61,
       0x19db06c1);
  unsigned char data[140];
  uint32_t state[8];
  for (int i = 0; i < 140; i++) data[i] = (unsigned char)hide(i * 7);
  const size_t sizes[] = {1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 140};
  for (int i = 0; i < 12; i++) {
    sha256(data, hide(sizes[i]), state);
    report_bytes("digest", state, sizeof state);
  }
  return 0;
}
