/* Base64 both ways with padding, line ends to skip and errors at every position: bits carried across bytes,
   and tables of characters. */
#include "check.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t encode(const unsigned char *in, size_t n, char *out) {
  char *start = out;
  for (size_t i = 0; i < n; i += 3) {
    unsigned group =
        (unsigned)in[i] << 16 | (i + 1 < n ? (unsigned)in[i + 1] << 8 : 0) | (i + 2 < n ? in[i + 2] : 0);
    *out++ = digits[group >> 18];
    *out++ = digits[group >> 12 & 63];
    *out++ = i + 1 < n ? digits[group >> 6 & 63] : '=';
    *out++ = i + 2 < n ? digits[group & 63] : '=';
  }
  *out = '\0';
  return (size_t)(out - start);
}

static int digit_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : c == '\n' ? -2 : -1;
}

/* The number of bytes, or minus the position of the error and one. */
static int decode(const char *in, unsigned char *out) {
  unsigned bits = 0, held = 0;
  int n = 0, at = 0, padding = 0;
  for (; in[at]; at++) {
    if (in[at] == '=') {
      if (++padding > (held == 4 ? 2 : held == 2 ? 1 : 0)) return -at - 1;
      continue;
    }
    int value = digit_value(in[at]);
    if (value == -2) continue;
    if (value < 0 || padding) return -at - 1;
    bits = bits << 6 | (unsigned)value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[n++] = (unsigned char)(bits >> held);
    }
  }
  int wanted = held == 4 ? 2 : held == 2 ? 1 : held == 0 ? 0 : -1;
  return padding == wanted && !(bits & ((1u << held) - 1)) ? n : -at - 1;
}

int main(void) {
  unsigned char data[48], back[64];
  char text[80];
  for (int i = 0; i < 48; i++) data[i] = (unsigned char)hide(i * i * 7 + 248);
  for (size_t n = 0; n <= 48; n += n < 7 ? 1 : 41) {
    size_t length = encode(data, hide(n), text);
    report_bytes("encoded", text, length);
    expect("length", (long long)length, (long long)((n + 2) / 3 * 4));
    int size = decode(text, back);
    expect("decoded", size, (long long)n);
    expect("same", memcmp(back, data, n), 0);
  }
  encode(hide((const unsigned char *)"Many hands"), 10, text);
  expect("many hands", strcmp(text, "TWFueSBoYW5kcw=="), 0);
  const char *odd[] = {"Zg==",  "Zh==",  "Zg=",      "Zg",         "Z",       "Z===", "Zm8=",  "Zm9=",
                       "Zm8==", "Zm9v=", "Zg==Zg==", "Z\nm\n9v\n", "Zm9v\n!", "@m9v", "[Zm9v", "`m9v",
                       "{m9v",  ":+/9",  ".+/9",     "z+/9",       "AAAA",    "Zm-9"};
  for (int i = 0; i < 22; i++) report("odd", decode(hide(odd[i]), back) * 1000 + back[0]);
  return 0;
}
