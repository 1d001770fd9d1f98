/* A strict UTF-8 decoder and encoder around every boundary of the encoding: range
   checks that become one unsigned comparison, and early exits from nested loops. */
#include "check.h"

enum { BAD = -1 };

/* The code point at *at, or BAD, and the position after it. */
static int32_t decode(const unsigned char **at, const unsigned char *end) {
  const unsigned char *p = *at;
  unsigned lead = *p++;
  *at = p;
  if (lead < 0x80) return (int32_t)lead;
  if (lead < 0xc2 || lead > 0xf4) return BAD;
  int more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  unsigned low = lead == 0xe0   ? 0xa0
                 : lead == 0xf0 ? 0x90
                                : 0x80,
           high = lead == 0xed   ? 0x9f
                  : lead == 0xf4 ? 0x8f
                                 : 0xbf;
  uint32_t code = lead & (0x3fu >> more);
  while (more--) {
    if (p == end || *p < low || *p > high) return BAD;
    code = code << 6 | (*p++ & 0x3f);
    low = 0x80, high = 0xbf;
    *at = p;
  }
  return (int32_t)code;
}

static int encode(uint32_t code, unsigned char out[4]) {
  if (code < 0x80) return out[0] = (unsigned char)code, 1;
  int length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return 0;
  for (int i = length - 1; i > 0; i--, code >>= 6) out[i] = (unsigned char)(0x80 | (code & 0x3f));
  out[0] = (unsigned char)(code | (0xf00u >> length & 0xff));
  return length;
}

static void scan(const char *text) {
  const unsigned char *at = (const unsigned char *)text, *end = at + strlen(text);
  int bad = 0;
  uint32_t hash = 0, n = 0;
  while (at < end) {
    int32_t code = decode(&at, end);
    bad += code == BAD;
    hash = hash * 31 + (uint32_t)code;
    n++;
  }
  report("scanned", hash * 10000LL + n * 100 + (uint32_t)bad);
}

int main(void) {
  const uint32_t edges[] = {0,      0x7f,   0x80,   0x7ff,   0x800,    0xd7ff,  0xd800,
                            0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000};
  for (int i = 0; i < 13; i++) {
    unsigned char bytes[4] = {0};
    int length = encode(hide(edges[i]), bytes);
    report_bytes("encoded", bytes, 4);
    if (length == 0) continue;
    const unsigned char *at = bytes;
    expect("decoded", decode(&at, bytes + hide(length)), edges[i]);
    expect("length", at - bytes, length);
  }
  const char *texts[] = {"plain",
                         "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
                         "\xc1\x81 \xc2\x80",
                         "\xe0\x9f\xbf\xe0\xa0\x80",
                         "\xed\xa0\x80\xed\x9f\xbf",
                         "\xf0\x8f\xbf\xbf\xf0\x90\x80\x80",
                         "\xf4\x90\x80\x80\xf4\x8f\xbf\xbf",
                         "\xf5\xff\x80\xbf",
                         "\xe2\x82",
                         "\xf0\x9f\x98",
                         "\xc3",
                         "\xc3(\xe2\x28\xa1\xc3\xc0"};
  for (int i = 0; i < 12; i++) scan(hide(texts[i]));
  uint32_t sum = 0;
  for (uint32_t code = hide(0u); code < 0x11000; code += 61) {
    unsigned char bytes[4];
    const unsigned char *at = bytes;
    int length = encode(code, bytes);
    sum = sum * 5 + (uint32_t)(length ? decode(&at, bytes + length) : -7);
  }
  report("sweep", sum);
  return 0;
}
