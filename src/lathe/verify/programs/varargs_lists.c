/* Argument lists that are copied, passed on by pointer and read in parts: va_copy, and formatting through
   vsnprintf wrappers. */
#include <stdarg.h>

#include "check.h"

static int64_t spread(int n, ...) {
  va_list args, again;
  va_start(args, n);
  va_copy(again, args);
  int64_t sum = 0, spread = 0;
  for (int i = 0; i < n; i++) sum += va_arg(args, int);
  for (int i = 0; i < n; i++) spread += llabs(va_arg(again, int) * n - sum);
  va_end(again);
  va_end(args);
  return spread * 1000 + sum;
}

static int greatest(int count, va_list *args) {
  int best = -1000;
  while (count-- > 0) {
    int value = va_arg(*args, int);
    if (value > best) best = value;
  }
  return best;
}

static int two_groups(int first, int second, ...) {
  va_list args;
  va_start(args, second);
  int a = greatest(first, &args), b = greatest(second, &args);
  va_end(args);
  return a * 1000 + b;
}

static NOINLINE int format(char *out, size_t size, const char *how, ...) {
  va_list args;
  va_start(args, how);
  int length = vsnprintf(out, size, how, args);
  va_end(args);
  return length;
}

static int measure_then_format(char *out, const char *how, ...) {
  va_list args, again;
  va_start(args, how);
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, how, args);
  if (length < 32) vsnprintf(out, (size_t)length + 1, how, again);
  va_end(again);
  va_end(args);
  return length;
}

static int count_until(int end, ...) {
  va_list args;
  int n = 0, product = 1;
  va_start(args, end);
  for (int value = va_arg(args, int); value != end; value = va_arg(args, int)) product *= value, n++;
  va_end(args);
  return product * 10 + n;
}

int main(void) {
  int i = hide(5);
  report("spread", spread(hide(0)));
  report("spread", spread(hide(1), -7));
  report("spread", spread(hide(7), 1, 2, i, -40, 5, 60, i));
  report("groups", two_groups(hide(2), hide(3), 4, i, 9, -2, 8));
  report("groups", two_groups(hide(0), hide(6), -5, -4, -3, -2, -i, -6));
  char out[32] = "";
  report("format", format(out, sizeof out, "%d/%5.2f|%-4s|%c%lx", i, hide(2.5), "ab", 'z', 1L << hide(33)));
  report_bytes("out", out, strlen(out));
  report("cut", format(out, hide((size_t)4), "%d%d", -i * 1000, i));
  report_bytes("out", out, strlen(out) + 1);
  report("measured", measure_then_format(out, "%0*d", hide(31), i));
  report_bytes("out", out, strlen(out));
  report("too long", measure_then_format(out, "%*d", hide(32), -i));
  report_bytes("out", out, strlen(out));
  report("until", count_until(hide(0), 3, i, -2, 0, 9));
  report("until", count_until(hide(-2), i, 7, -2));
  report("until", count_until(hide(7), 7));
  return 0;
}
