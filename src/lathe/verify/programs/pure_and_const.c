/* Functions declared const and pure, whose calls may be merged, hoisted or dropped, but not over a store that
   a pure one reads. */
#include "check.h"

static int table[8], lookups;

static NOINLINE __attribute__((const)) int cube(int x) { return x * x * x; }

static NOINLINE __attribute__((pure)) int sum_table(int from, int to) {
  int sum = 0;
  for (int i = from; i < to; i++) sum += table[i] * (i + 1);
  return sum;
}

static NOINLINE __attribute__((pure)) size_t length(const char *text) {
  size_t n = 0;
  while (text[n]) n++;
  return n;
}

static NOINLINE int counted(int x) {
  lookups++;
  return x + table[x & 7];
}

static int common(int x, int y) {
  int a = cube(x) + cube(y);
  if (a > 100) return a - cube(x);
  return a + cube(y);
}

static int store_between(int at, int value) {
  int before = sum_table(0, 8);
  table[at] = value;
  return sum_table(0, 8) - before;
}

static int in_loop(int n, int x) {
  int sum = 0;
  for (int i = 0; i < n; i++) {
    sum = sum * 2 + cube(x) + sum_table(0, 4);
    if (i == 2) table[3]++;
  }
  return sum;
}

static int dropped(int x) {
  (void)cube(x);
  (void)sum_table(0, x & 7);
  (void)counted(x);
  return counted(x);
}

static void upper(char *text) {
  for (size_t i = 0; i < length(text); i++)
    if (text[i] >= 'a' && text[i] <= 'z')
      text[i] -= 'a' - 'A';
    else if (text[i] == '.')
      text[i] = '\0';
}

int main(void) {
  for (int i = 0; i < 8; i++) table[i] = hide(i * i - 3);
  for (int x = -5; x <= 5; x += 2) report("common", common(hide(x), hide(4)));
  report("common", common(hide(0), hide(100)));
  for (int i = 0; i < 8; i++) report("between", store_between(hide(i), hide(5 - i)));
  for (int n = 0; n <= 5; n++) report("loop", in_loop(hide(n), hide(2)));
  report("dropped", dropped(hide(6)));
  expect("lookups", lookups, 2);
  report("ranges", sum_table(hide(3), 3) * 100 + sum_table(2, hide(3)));
  const char *words[] = {"abz.tail", "{`AZ[@", "", ".", "mixed Case"};
  for (int i = 0; i < 5; i++) {
    char text[16];
    strcpy(text, words[i]);
    upper(text);
    report("length", (long long)length(text));
    report_bytes("upper", text, strlen(words[i]) + 1);
  }
  return 0;
}
