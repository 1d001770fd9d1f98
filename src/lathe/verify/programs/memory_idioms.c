/* Hand-written memset, memcpy, memmove, memcmp and strlen: loop idiom recognition may turn them into calls,
   with the right length, direction and pattern. */
#include "check.h"

#define N 48
static unsigned char bytes[N];
static uint32_t words[N];

static void set_bytes(unsigned char *at, unsigned char value, int from, int to) {
  for (int i = from; i < to; i++) at[i] = value;
}

static void set_words(uint32_t *at, uint32_t value, unsigned n) {
  while (n-- > 0) *at++ = value;
}

static void copy_up(unsigned char *to, const unsigned char *from, size_t n) {
  for (size_t i = 0; i < n; i++) to[i] = from[i];
}

static void copy_down(unsigned char *to, const unsigned char *from, size_t n) {
  for (size_t i = n; i-- > 0;) to[i] = from[i];
}

static int compare(const unsigned char *a, const unsigned char *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -(int)(i + 1) : (int)(i + 1);
  return 0;
}

static size_t length(const char *text) {
  const char *at = text;
  while (*at) at++;
  return (size_t)(at - text);
}

static void zero_every(uint32_t *at, int step, int n) {
  for (int i = 0; i < n; i += step) at[i] = 0;
}

int main(void) {
  for (int i = 0; i < N; i++) bytes[i] = (unsigned char)hide(i * 7 + 1), words[i] = hide(i * 0x01010101u + 3);
  for (int from = 3; from <= 5; from++) set_bytes(bytes, (unsigned char)(from * 50), hide(from), hide(4));
  report_bytes("set bytes", bytes, N);
  set_words(words + 2, hide(0xabababab), hide(5u));
  set_words(words + 9, hide(0x12345678), hide(3u));
  set_words(words + 14, 0, hide(1u));
  set_words(words + 15, 9, hide(0u));
  report_bytes("set words", words, sizeof words);
  for (int shift = -2; shift <= 2; shift++) {
    copy_up(bytes + 10 + hide(shift), bytes + 10, hide((size_t)9));
    report_bytes("copy up", bytes, N);
    copy_down(bytes + 30 + hide(shift), bytes + 30, hide((size_t)9));
    report_bytes("copy down", bytes, N);
  }
  unsigned char other[N];
  copy_up(other, bytes, N);
  expect("equal", compare(bytes, other, N), 0);
  for (int at = 0; at < N; at += 47) {
    other[at] = (unsigned char)(bytes[at] ^ 0x80);
    report("differs", compare(bytes, other, N));
    report("differs the other way", compare(other, bytes, N));
    report("short of it", compare(bytes, other, hide((size_t)at)));
    other[at] ^= 0x80;
  }
  const char *text = hide((const char *)"forty-two");
  for (int i = 0; i <= 9; i += 3) expect("length", (long long)length(text + i), 9 - i);
  zero_every(words, 1, hide(4));
  zero_every(words + 10, 2, hide(5));
  zero_every(words + 20, 3, hide(6));
  report_bytes("zeroed", words, sizeof words);
  return 0;
}
