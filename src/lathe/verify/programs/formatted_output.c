/* A formatter like printf written by hand, compared with the library's for all flags, widths and lengths:
   loops over digits, padding on either side and varargs. */
#include <stdarg.h>

#include "check.h"

typedef struct {
  char *at;
  const char *end;
  int wanted;
} Sink;

static void emit(Sink *s, char c) {
  if (s->at < s->end) *s->at++ = c;
  s->wanted++;
}

static void number(Sink *s, uint64_t value, unsigned base, char sign, int width, int zeros, int left,
                   int upper) {
  char digits[24];
  int n = 0;
  do {
    unsigned digit = (unsigned)(value % base);
    digits[n++] = (char)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
    value /= base;
  } while (value);
  int padding = width - n - (sign != 0);
  for (; padding > 0 && !zeros && !left; padding--) emit(s, ' ');
  if (sign) emit(s, sign);
  for (; padding > 0 && !left; padding--) emit(s, '0');
  while (n > 0) emit(s, digits[--n]);
  for (; padding > 0; padding--) emit(s, ' ');
}

static int format(char *out, size_t size, const char *how, ...) {
  Sink sink = {out, out + size - 1, 0};
  va_list args;
  va_start(args, how);
  for (; *how; how++) {
    if (*how != '%') {
      emit(&sink, *how);
      continue;
    }
    int left = 0, zeros = 0, plus = 0, width = 0, wide = 0;
    for (how++; *how == '-' || *how == '0' || *how == '+'; how++)
      left |= *how == '-', zeros |= *how == '0', plus |= *how == '+';
    for (; *how >= '0' && *how <= '9'; how++) width = width * 10 + *how - '0';
    for (; *how == 'l'; how++) wide = 1;
    if (*how == 'd') {
      int64_t value = wide ? va_arg(args, long) : va_arg(args, int);
      char sign = value < 0 ? '-' : plus ? '+' : '\0';
      number(&sink, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, sign, width, zeros, left, 0);
    } else if (*how == 'u' || *how == 'x' || *how == 'X' || *how == 'o') {
      uint64_t value = wide ? va_arg(args, unsigned long) : va_arg(args, unsigned);
      number(&sink, value, *how == 'u' ? 10 : *how == 'o' ? 8 : 16, 0, width, zeros, left, *how == 'X');
    } else if (*how == 's') {
      const char *text = va_arg(args, const char *);
      int padding = width - (int)strlen(text);
      for (; padding > 0 && !left; padding--) emit(&sink, ' ');
      while (*text) emit(&sink, *text++);
      for (; padding > 0; padding--) emit(&sink, ' ');
    } else {
      emit(&sink, *how == 'c' ? (char)va_arg(args, int) : *how);
    }
  }
  va_end(args);
  *sink.at = '\0';
  return sink.wanted;
}

#define SAME(size, ...)                                     \
  wanted = snprintf(known, size, __VA_ARGS__);              \
  expect("length", format(out, size, __VA_ARGS__), wanted); \
  puts(out);                                                \
  expect("same", strcmp(out, known), 0)

int main(void) {
  char out[64], known[64];
  int wanted, values[] = {0, 7, -9, 10, 12345, INT32_MIN, INT32_MAX};
  for (int i = 0; i < 7; i++) {
    int v = hide(values[i]);
    SAME(64, "%d|%5d|%-5d|%05d|%+d|%+-4d", v, v, v, v, v, v);
  }
  SAME(64, "%x %X %o %u %08lx", hide(0xbeefu), hide(0xcafu), hide(8u), hide(~0u), hide(-1L));
  SAME(64, "%ld %lu %20ld", hide(INT64_MIN), hide(~0ul), hide(-99999999999L));
  SAME(64, "[%s][%7s][%-7s][%2s]%c%%", hide((const char *)"text"), "right", "left", "", hide('!'));
  SAME(6, "%d%s", hide(1234), hide((const char *)"5678"));
  SAME(5, "%s", hide((const char *)"abcd"));
  return 0;
}
