/* The cleanup attribute on every way out of a scope (end, return, break, continue, goto): the order of side
   effects and the value returned before them. */
#include "check.h"

static char journal[512];
static int length, open_count;

static void write_note(char note) {
  if (length < 511) journal[length++] = note;
}

static void leave(char *name) { write_note((char)(*name - 'a' + 'A')); }

static void close_count(int *by) {
  open_count -= *by;
  *by = 99;
}

#define NAMED(letter)                                              \
  __attribute__((cleanup(leave))) char name_##letter = #letter[0]; \
  write_note(name_##letter)

static int nested(int path) {
  NAMED(a);
  if (path == 0) return length;
  {
    NAMED(b);
    if (path == 1) return length;
    NAMED(c);
    if (path == 2) goto out;
  }
  write_note('-');
out:;
  NAMED(d);
  return length;
}

static int loops(int n, int skip, int stop) {
  int done = 0;
  for (int i = 0; i < n; i++) {
    NAMED(i);
    if (i == skip) continue;
    NAMED(j);
    if (i == stop) break;
    name_i = (char)('p' + i);
    done++;
  }
  return done;
}

static int balance(int by, int early) {
  __attribute__((cleanup(close_count))) int held = by;
  open_count += held;
  if (early) return open_count * 10 + held;
  held = by - 1;
  return open_count * 10 + held;
}

static int recurse(int n) {
  NAMED(r);
  name_r = (char)('r' + n);
  return n == 0 ? length : recurse(n - 1) * 2 % 1009 + open_count;
}

int main(void) {
  for (int path = 0; path <= 3; path++) report("nested", nested(hide(path)));
  report_bytes("journal", journal, (size_t)length);
  const int cases[][3] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {3, 1, 5}, {4, 0, 2}, {3, 5, 5}};
  for (int i = 0; i < 6; i++) report("loops", loops(hide(cases[i][0]), hide(cases[i][1]), hide(cases[i][2])));
  report_bytes("journal", journal, (size_t)length);
  for (int i = 0; i < 4; i++) {
    report("balance", balance(hide(i + 2), hide(i & 1)));
    report("open", open_count);
  }
  for (int n = 0; n <= 3; n++) report("recurse", recurse(hide(n)));
  report("length", length);
  puts(journal);
  return 0;
}
