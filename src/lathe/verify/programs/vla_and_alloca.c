/* Variable length arrays of one and two dimensions and alloca in loops and inlined functions: dynamic stack
   allocation that inlining must free or keep as before. */
#include <alloca.h>

#include "check.h"

static int median(const int *values, int n) {
  int sorted[n];
  for (int i = 0; i < n; i++) {
    int at = i;
    for (; at > 0 && sorted[at - 1] > values[i]; at--) sorted[at] = sorted[at - 1];
    sorted[at] = values[i];
  }
  return sorted[(n - 1) / 2];
}

static void transpose(int rows, int columns, const int in[rows][columns], int out[columns][rows]) {
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++) out[c][r] = in[r][c] * 10 + r;
}

static unsigned binomial_row(int n, int k) {
  unsigned row[n + 1];
  row[0] = 1;
  for (int i = 1; i <= n; i++) {
    row[i] = 1;
    for (int j = i - 1; j > 0; j--) row[j] += row[j - 1];
  }
  return row[k];
}

typedef struct Cell {
  struct Cell *next;
  int value;
} Cell;

static int chain(int n) {
  Cell *list = NULL;
  for (int i = 0; i < n; i++) {
    Cell *cell = alloca(sizeof *cell);
    *cell = (Cell){list, i * i};
    list = cell;
  }
  int sum = 0, weight = 1;
  for (; list; list = list->next) sum += list->value * weight++;
  return sum;
}

static int palindrome(const char *text) {
  size_t n = strlen(text);
  char *back = alloca(n + 1);
  for (size_t i = 0; i < n; i++) back[n - 1 - i] = text[i];
  back[n] = '\0';
  return strcmp(text, back) == 0;
}

static size_t evaluated_once(int *n) {
  char block[*n];
  memset(block, *n, sizeof block);
  *n += 3;
  return sizeof block * 100 + (size_t)block[*n - 4] + sizeof(char[*n + 1]);
}

int main(void) {
  const int values[] = {5, -2, 9, 9, 0, 7, -8, 3};
  for (int n = 1; n <= 8; n++) report("median", median(values, hide(n)));
  int rows = hide(3), columns = hide(5), in[rows][columns], out[columns][rows];
  for (int i = 0; i < rows * columns; i++) in[i / columns][i % columns] = hide(i);
  transpose(rows, columns, in, out);
  report_bytes("transposed", out, sizeof out);
  expect("size", (long long)(sizeof in[0] * 1000 + sizeof out[0]), 20012);
  for (int k = 0; k <= 12; k += 3) report("binomial", binomial_row(hide(12), hide(k)));
  int longest = 0;
  for (int i = 0; i < 300; i++) longest = chain(hide(i % 20)) + longest % 1000;
  report("chain", longest);
  for (int n = 0; n <= 3; n++) report("short chain", chain(hide(n)));
  const char *words[] = {"", "x", "xy", "xyx", "level", "levels"};
  for (int i = 0; i < 6; i++) report("palindrome", palindrome(hide(words[i])));
  int n = hide(6);
  report("sizes", (long long)evaluated_once(&n));
  report("n", n);
  return 0;
}
