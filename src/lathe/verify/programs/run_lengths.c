/* Run-length coding of bytes (PackBits), of bits, and of text with counts: loops with two cursors and lengths
   capped at their limits. */
#include "check.h"

static size_t pack(const signed char *in, size_t n, signed char *out) {
  size_t at = 0, size = 0;
  while (at < n) {
    size_t run = 1;
    while (at + run < n && run < 128 && in[at + run] == in[at]) run++;
    if (run >= 3) {
      out[size++] = (signed char)(1 - (int)run);
      out[size++] = in[at];
      at += run;
      continue;
    }
    size_t from = at;
    while (at < n && at - from < 128 && !(at + 2 < n && in[at] == in[at + 1] && in[at] == in[at + 2])) at++;
    out[size++] = (signed char)(at - from - 1);
    memcpy(out + size, in + from, at - from);
    size += at - from;
  }
  return size;
}

static size_t unpack(const signed char *in, size_t n, signed char *out) {
  size_t size = 0;
  for (size_t at = 0; at < n;) {
    int code = in[at++];
    if (code >= 0) {
      for (; code >= 0; code--) out[size++] = in[at++];
    } else {
      memset(out + size, in[at++], (size_t)(1 - code));
      size += (size_t)(1 - code);
    }
  }
  return size;
}

static int bit_runs(uint64_t bits, unsigned char *runs) {
  int n = 0, left = 64;
  unsigned value = bits & 1;
  while (left > 0) {
    int run = 0;
    while (left > 0 && (bits & 1) == value) bits >>= 1, run++, left--;
    runs[n++] = (unsigned char)run;
    value ^= 1;
  }
  return n;
}

static char *look_and_say(const char *in, char *out) {
  for (char *to = out;;) {
    if (!*in) return *to = '\0', out;
    int run = 1;
    while (in[run] == *in) run++;
    *to++ = (char)('0' + run);
    *to++ = *in;
    in += run;
  }
}

int main(void) {
  signed char data[300], packed[320], back[300];
  const int shapes[][2] = {{1, 300},   {2, 40}, {3, 40}, {128, 128}, {129, 129},
                           {130, 131}, {4, 5},  {1, 1},  {300, 128}};
  for (int s = 0; s < 9; s++) {
    int period = hide(shapes[s][0]);
    size_t n = (size_t)hide(shapes[s][1]);
    for (size_t i = 0; i < n; i++) data[i] = (signed char)((int)i / period * 37 - (s == 6 && i == 4));
    size_t size = pack(data, n, packed);
    report("size", (long long)size);
    report_bytes("packed", packed, size);
    expect("unpacked", (long long)unpack(packed, hide(size), back), (long long)n);
    expect("same", memcmp(data, back, n), 0);
  }
  const uint64_t words[] = {0, ~0ull, 1, 1ull << 63, 0xf0f0f0f00000ffff, 0x5555555555555555};
  for (int i = 0; i < 6; i++) {
    unsigned char runs[64];
    int n = bit_runs(hide(words[i]), runs);
    report("runs", n);
    report_bytes("run lengths", runs, (size_t)n);
  }
  char a[64] = "1", b[64];
  for (int i = 0; i < 5; i++) puts(look_and_say(look_and_say(a, b), a));
  expect("empty", look_and_say(hide((const char *)""), b)[0], 0);
  return 0;
}
