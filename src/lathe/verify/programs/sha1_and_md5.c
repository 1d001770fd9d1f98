/* SHA-1 and MD5 behind one interface of function pointers and one padding routine of either byte order:
   rotations by table, round functions chosen by quarter. */
#include "check.h"

typedef struct {
  uint32_t state[5];
  int words, big_endian;
  void (*block)(uint32_t *state, const uint32_t *w);
} Hash;

static uint32_t turn(uint32_t x, int by) { return x << by | x >> (32 - by); }

static uint32_t choose(uint32_t mask, uint32_t a, uint32_t b) { return b ^ (mask & (a ^ b)); }

static void sha1_block(uint32_t *state, const uint32_t *in) {
  static const uint32_t add[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  memcpy(w, in, 64);
  for (int i = 16; i < 80; i++) w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t mixed = i < 20 ? choose(b, c, d) : i >= 40 && i < 60 ? (b & c) | (d & (b | c)) : b ^ c ^ d;
    mixed += turn(a, 5) + e + add[i / 20] + w[i];
    e = d, d = c, c = turn(b, 30), b = a, a = mixed;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* The first 32 bits after the point of |sin(i + 1)|. */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static void md5_block(uint32_t *state, const uint32_t *w) {
  static const unsigned char shifts[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  static const unsigned char stride[] = {1, 5, 3, 7}, offset[] = {0, 1, 5, 0};
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  for (int i = 0; i < 64; i++) {
    int q = i / 16;
    uint32_t f = q == 0 ? choose(b, c, d) : q == 1 ? choose(d, b, c) : q == 2 ? b ^ c ^ d : c ^ (b | ~d);
    f += a + sines[i] + w[(stride[q] * i + offset[q]) % 16];
    a = d, d = c, c = b, b += turn(f, shifts[q][i % 4]);
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

static void digest(Hash *h, const unsigned char *in, size_t size, uint32_t first, uint32_t last) {
  static const uint32_t start[] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  memcpy(h->state, start, sizeof start);
  size_t blocks = (size + 9 + 63) / 64;
  for (size_t k = 0; k < blocks; k++) {
    uint32_t w[16] = {0};
    for (size_t i = 0; i < 64; i++) {
      size_t at = 64 * k + i, length_at = at - (64 * blocks - 8);
      uint32_t byte = at < size ? in[at] : at == size ? 0x80 : 0;
      if (length_at < 8) byte = (uint64_t)size * 8 >> 8 * (h->big_endian ? 7 - length_at : length_at) & 255;
      w[i / 4] |= byte << 8 * (h->big_endian ? 3 - i % 4 : i % 4);
    }
    h->block(h->state, w);
  }
  report_bytes("digest", h->state, 4 * (size_t)h->words);
  if (first) expect("first", h->state[0], first);
  if (first) expect("last", h->state[h->words - 1], last);
}

int main(void) {
  Hash sha1 = {{0}, 5, 1, sha1_block}, md5 = {{0}, 4, 0, md5_block};
  const unsigned char *abc = hide((const unsigned char *)"abc");
  digest(&sha1, abc, hide((size_t)3), 0xa9993e36, 0x9cd0d89d);
  digest(&md5, abc, hide((size_t)3), 0x98500190, 0x727fe128);
  digest(&sha1, abc, hide((size_t)0), 0xda39a3ee, 0xafd80709);
  digest(&md5, abc, hide((size_t)0), 0xd98c1dd4, 0x7e42f8ec);
  unsigned char data[130];
  for (int i = 0; i < 130; i++) data[i] = (unsigned char)hide(250 - i * 3);
  const size_t sizes[] = {55, 56, 63, 64, 65, 119, 120, 130};
  for (int i = 0; i < 8; i++) digest(hide(i & 1) ? &sha1 : &md5, data, hide(sizes[i]), 0, 0);
  for (int i = 0; i < 8; i++) digest(hide(i & 1) ? &md5 : &sha1, data, sizes[i], 0, 0);
  return 0;
}
