/* AES-128 with an S-box computed from inverses in GF(256), against the vectors of the standard: byte
   arithmetic, conditional reduction and a search the optimiser may turn round. */
#include "check.h"

typedef unsigned char Byte;

static Byte twice(Byte x) { return (Byte)(x << 1 ^ (x & 0x80 ? 0x1b : 0)); }

static Byte times(Byte a, Byte b) {
  Byte product = 0;
  for (; b; b >>= 1, a = twice(a))
    if (b & 1) product ^= a;
  return product;
}

static Byte box[256];

static void fill_box(void) {
  Byte p = 1, q = 1; /* q is the inverse of p: p steps through the powers of 3, q through those of 1/3 */
  do {
    p ^= twice(p);
    q ^= (Byte)(q << 1), q ^= (Byte)(q << 2), q ^= (Byte)(q << 4);
    if (q & 0x80) q ^= 9;
    unsigned r = q * 0x101u;
    box[p] = (Byte)((r ^ r >> 7 ^ r >> 6 ^ r >> 5 ^ r >> 4) ^ 0x63);
  } while (p != 1);
  box[0] = 0x63;
}

static void expand(const Byte key[16], Byte round[176]) {
  Byte constant = 1;
  memcpy(round, key, 16);
  for (int i = 16; i < 176; i += 4) {
    Byte word[4];
    memcpy(word, round + i - 4, 4);
    if (i % 16 == 0) {
      Byte first = word[0];
      for (int k = 0; k < 4; k++) word[k] = box[k < 3 ? word[k + 1] : first];
      word[0] ^= constant;
      constant = twice(constant);
    }
    for (int k = 0; k < 4; k++) round[i + k] = word[k] ^ round[i - 16 + k];
  }
}

static void add_key(Byte s[16], const Byte *key) {
  for (int i = 0; i < 16; i++) s[i] ^= key[i];
}

static void mix_columns(Byte s[16]) {
  static const Byte factors[] = {2, 3, 1, 1};
  Byte out[16] = {0};
  for (int i = 0; i < 16; i++)
    for (int k = 0; k < 4; k++) out[i] ^= times(s[i / 4 * 4 + (i + k) % 4], factors[k]);
  memcpy(s, out, 16);
}

static void substitute_and_shift(Byte s[16]) {
  Byte out[16];
  for (int i = 0; i < 16; i++) out[i] = box[s[(i + 4 * (i % 4)) & 15]];
  memcpy(s, out, 16);
}

static void encrypt(Byte s[16], const Byte round[176]) {
  add_key(s, round);
  for (int i = 1; i <= 10; i++) {
    substitute_and_shift(s);
    if (i < 10) mix_columns(s);
    add_key(s, round + 16 * i);
  }
}

int main(void) {
  Byte key[16], data[16], round[176];
  for (int i = 0; i < 16; i++) key[i] = (Byte)hide(i), data[i] = (Byte)hide(i * 0x11);
  fill_box();
  expect("box", box[0x53], 0xed);
  report_bytes("boxes", box, 256);
  expand(key, round);
  report_bytes("keys", round, sizeof round);
  for (int i = 0; i < 12; i++) {
    encrypt(data, round);
    if (i == 0) expect("first", data[0] << 8 | data[1], 0x69c4);
    if (i == 0) expect("last", data[14] << 8 | data[15], 0xc55a);
    report_bytes("cipher", data, 16);
  }
  return 0;
}
