/* An LZ77-like compressor with a hash of positions and lazy literals, and its decompressor whose copies
   overlap their output: byte loops that must not become memcpy. */
#include "check.h"

enum { WINDOW = 255, LEAST = 3, MOST = 66 };

static size_t match_length(const unsigned char *a, const unsigned char *b, const unsigned char *end) {
  size_t n = 0;
  while (b + n < end && n < MOST && a[n] == b[n]) n++;
  return n;
}

/* Literals: length - 1 (below 64) and the bytes. Matches: 64 + length - LEAST and the distance. */
static size_t compress(const unsigned char *in, size_t n, unsigned char *out) {
  size_t at = 0, size = 0, literals = 0;
  int16_t newest[64];
  memset(newest, -1, sizeof newest);
  while (at < n) {
    size_t length = 0, from = 0;
    if (at + LEAST <= n) {
      unsigned hash = (in[at] * 9u + in[at + 1] * 5u + in[at + 2]) & 63;
      if (newest[hash] >= 0 && at - (size_t)newest[hash] <= WINDOW) {
        from = (size_t)newest[hash];
        length = match_length(in + from, in + at, in + n);
      }
      newest[hash] = (int16_t)at;
    }
    if (length >= LEAST) {
      out[size++] = (unsigned char)(64 + length - LEAST);
      out[size++] = (unsigned char)(at - from);
      at += length, literals = 0;
    } else {
      if (literals == 0 || literals == 64) out[size++] = 0, literals = 0;
      out[size++] = in[at++];
      out[size - 2 - literals] = (unsigned char)literals;
      literals++;
    }
  }
  return size;
}

static long expand(const unsigned char *in, size_t n, unsigned char *out, size_t room) {
  const unsigned char *end = in + n;
  unsigned char *to = out, *limit = out + room;
  while (in < end) {
    unsigned code = *in++;
    size_t length = code < 64 ? code + 1 : code - 64 + LEAST;
    if (length > (size_t)(limit - to)) return -1;
    if (code < 64) {
      if (length > (size_t)(end - in)) return -2;
      memcpy(to, in, length);
      in += length, to += length;
    } else {
      if (in == end) return -3;
      size_t distance = *in++;
      if (distance == 0 || distance > (size_t)(to - out)) return -4;
      for (const unsigned char *from = to - distance; length--;) *to++ = *from++;
    }
  }
  return to - out;
}

int main(void) {
  uint32_t seed = hide(6u);
  unsigned char data[400], packed[450], back[400];
  const size_t sizes[] = {400, 200, 130, 65, 69, 350};
  for (int kind = 0; kind < 6; kind++) {
    size_t n = hide(sizes[kind]);
    for (size_t i = 0; i < n; i++) {
      seed = seed * 1664525 + 1013904223;
      data[i] = (unsigned char)(kind == 0   ? seed >> 30
                                : kind == 1 ? 7
                                : kind == 2 ? i
                                : kind == 3 ? seed >> 24
                                : kind == 4 ? i % 2
                                            : i % 256);
    }
    size_t size = compress(data, n, packed);
    report("size", (long long)size);
    report_bytes("packed", packed, size);
    expect("expanded", expand(packed, hide(size), back, hide(n)), (long long)n);
    expect("same", memcmp(data, back, n), 0);
    report("no room", expand(packed, size, back, n - 1));
    report("cut", expand(packed, size - 1, back, sizeof back));
  }
  const unsigned char bad[][4] = {{0, 65, 64, 1}, {0, 65, 64, 2},  {0, 65, 64, 0}, {0, 65, 130, 1},
                                  {64, 1, 0, 0},  {2, 65, 66, 67}, {3, 65, 66, 67}};
  for (int i = 0; i < 7; i++) report("bad", expand(bad[i], hide((size_t)4), back, 68));
  return 0;
}
