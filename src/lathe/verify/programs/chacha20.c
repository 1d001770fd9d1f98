/* ChaCha20: quarter rounds over an array that SROA may promote to sixteen registers, with the published
   vectors and encryption split at every offset. */
#include "check.h"

typedef struct {
  uint32_t input[16];
  unsigned char stream[64];
  unsigned left;
} ChaCha;

static uint32_t load(const unsigned char *in) {
  return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  *a += *b, *d ^= *a, *d = *d << 16 | *d >> 16;
  *c += *d, *b ^= *c, *b = *b << 12 | *b >> 20;
  *a += *b, *d ^= *a, *d = *d << 8 | *d >> 24;
  *c += *d, *b ^= *c, *b = *b << 7 | *b >> 25;
}

static void start(ChaCha *c, const unsigned char *key, const unsigned char *nonce, uint32_t counter) {
  for (int i = 0; i < 4; i++) c->input[i] = load((const unsigned char *)"expand 32-byte k" + 4 * i);
  for (int i = 0; i < 8; i++) c->input[4 + i] = load(key + 4 * i);
  c->input[12] = counter;
  for (int i = 0; i < 3; i++) c->input[13 + i] = load(nonce + 4 * i);
  c->left = 0;
}

static void refill(ChaCha *c) {
  uint32_t x[16];
  memcpy(x, c->input, sizeof x);
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < 4; i++) quarter(x + i, x + 4 + i, x + 8 + i, x + 12 + i);
    for (int i = 0; i < 4; i++)
      quarter(x + i, x + 4 + (i + 1) % 4, x + 8 + (i + 2) % 4, x + 12 + (i + 3) % 4);
  }
  for (int i = 0; i < 64; i++) c->stream[i] = (unsigned char)((x[i / 4] + c->input[i / 4]) >> 8 * (i % 4));
  c->input[12]++;
  c->left = 64;
}

static void encrypt(ChaCha *c, unsigned char *data, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (c->left == 0) refill(c);
    data[i] ^= c->stream[64 - c->left--];
  }
}

int main(void) {
  uint32_t q[] = {hide(0x11111111u), 0x01020304, hide(0x9b8d6f43u), 0x01234567};
  quarter(q, q + 1, q + 2, q + 3);
  expect("quarter a", q[0], 0xea2a92f4);
  expect("quarter b", q[1], 0xcb1cf8ce);
  expect("quarter c", q[2], 0x4581472e);
  expect("quarter d", q[3], 0x5881c4bb);
  unsigned char key[32], nonce[12] = {0, 0, 0, 9, 0, 0, 0, 0x4a}, data[150] = {0}, whole[150];
  for (int i = 0; i < 32; i++) key[i] = (unsigned char)hide(i);
  ChaCha c;
  start(&c, key, nonce, hide(1u));
  encrypt(&c, data, 64);
  expect("first word", load(data), 0xe4e7f110);
  expect("last word", load(data + 60), 0x4e3c50a2);
  start(&c, key, nonce, hide(0xffffffffu));
  memset(whole, 0x55, sizeof whole);
  encrypt(&c, whole, sizeof whole);
  report_bytes("whole", whole, sizeof whole);
  expect("counter", c.input[12], 2);
  expect("left", c.left, 42);
  for (size_t cut = 0; cut <= 150; cut += cut % 64 == 63 || cut % 64 == 0 ? 1 : 31) {
    memset(data, 0x55, sizeof data);
    start(&c, key, nonce, 0xffffffff);
    encrypt(&c, data, hide(cut));
    report_bytes("part", data, cut);
    encrypt(&c, data + cut, hide(150 - cut));
    expect("same", memcmp(data, whole, sizeof data), 0);
  }
  return 0;
}
