/* Integers read from text in several bases with checks for overflow before, after and by builtins, and the
   library's strtol: comparisons around the limits of each type. */
#include <errno.h>

#include "check.h"

enum { EMPTY = -1, BIG = -2, JUNK = -3 };

/* Checks before it multiplies. */
static int read_int(const char *text, int32_t *out) {
  int negative = *text == '-';
  int32_t value = 0;
  text += negative || *text == '+';
  if (!*text) return EMPTY;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return JUNK;
    int digit = *text - '0';
    if (value < (INT32_MIN + digit) / 10) return BIG;
    value = value * 10 - digit;
  }
  if (!negative && value == INT32_MIN) return BIG;
  *out = negative ? value : -value;
  return 0;
}

/* Checks the wrapped product afterwards. */
static int read_unsigned(const char *text, unsigned base, uint32_t *out) {
  uint32_t value = 0;
  const char *start = text;
  for (; *text; text++) {
    unsigned digit = *text >= 'a' && *text <= 'z' ? (unsigned)(*text - 'a') + 10 : (unsigned)(*text - '0');
    if (digit >= base) return JUNK;
    uint64_t next = (uint64_t)value * base + digit;
    if (next >> 32) return BIG;
    value = (uint32_t)next;
  }
  *out = value;
  return text == start ? EMPTY : 0;
}

static int read_long(const char *text, int64_t *out) {
  int64_t value = 0, sign = *text == '-' ? -1 : 1;
  if (sign < 0) text++;
  if (!*text) return EMPTY;
  do {
    if ((unsigned)(*text - '0') > 9) return JUNK;
    if (__builtin_mul_overflow(value, 10, &value)) return BIG;
    if (__builtin_add_overflow(value, sign * (*text - '0'), &value)) return BIG;
  } while (*++text);
  *out = value;
  return 0;
}

static void read_all(const char *text, unsigned base) {
  int32_t number = 0;
  uint32_t positive = 0;
  int64_t wide = 0;
  char *end;
  int a = read_int(text, &number), b = read_unsigned(text, base, &positive), c = read_long(text, &wide);
  errno = 0;
  long known = strtol(text, &end, (int)base);
  printf("%d %u %lld %ld ", number, positive, (long long)wide, known);
  report("codes", a * 1000 + b * 100 + c * 10 - (errno == ERANGE) - (*end != '\0') * 5);
}

int main(void) {
  char texts[] =
      "- 0 +7 -0 2147483647 2147483648 -2147483648 -2147483649 4294967295 4294967296 9/ 9: z 1z 7fffffff "
      "9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809";
  read_all(hide((const char *)""), 10);
  for (char *text = strtok(texts, " "); text; text = strtok(NULL, " ")) {
    read_all(text, hide(10u));
    read_all(text, hide(36u));
  }
  return 0;
}
