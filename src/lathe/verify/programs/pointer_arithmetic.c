/* Pointer differences, comparisons, negative indices, rows of matrices and pointers to pointers: GEP folding
   must scale and sign-extend as the source says. */
#include "check.h"

typedef struct {
  char name[3];
  int16_t value;
  char rest[6];
} Odd; /* 12 bytes: not a power of two */

static long span(const Odd *from, const Odd *to) { return to - from; }

static const int *find_last(const int *begin, const int *end, int wanted) {
  while (end != begin)
    if (*--end == wanted) return end;
  return NULL;
}

static int sum_backwards(const int *end, int n) {
  int sum = 0;
  for (int i = -1; i >= -n; i--) sum = sum * 2 + end[i];
  return sum;
}

static int at(const int matrix[][5], int row, signed char column) { return matrix[row][column]; }

static int between(const short *p, const short *low, const short *high) {
  return (p >= low) * 4 + (p < high) * 2 + (p == high);
}

static void advance(const char **text, char until) {
  while (**text && **text != until) ++*text;
  if (**text) (*text)++;
}

static int *furthest(int **rows, int n) {
  int **best = rows;
  for (int **row = rows + 1; row < rows + n; row++)
    if (**row > **best) best = row;
  return *best;
}

static void swap_rows(int ***table, int a, int b) {
  int **kept = table[a];
  table[a] = table[b];
  table[b] = kept;
}

int main(void) {
  Odd odds[9];
  for (int i = 0; i < 9; i++) odds[i].value = (int16_t)hide(i * 100 - 350);
  for (int i = 0; i < 9; i += 4) report("span", span(odds + hide(4), odds + i) * 1000 + odds[i].value);
  const Odd *middle = odds + hide(4);
  for (int i = -4; i <= 4; i += 2) report("middle", middle[hide(i)].value);
  report("bytes", (const char *)&middle[-2].value - (const char *)odds);
  int numbers[15];
  for (int i = 0; i < 15; i++) numbers[i] = hide(i * i % 11);
  for (int wanted = 0; wanted <= 5; wanted++) {
    const int *found = find_last(numbers, numbers + hide(12), wanted);
    report("last", found ? found - numbers : -1);
  }
  for (int n = 0; n <= 3; n++) report("backwards", sum_backwards(numbers + 15, hide(n)));
  const int (*matrix)[5] = (const int (*)[5])numbers;
  for (int row = 0; row < 3; row++) report("cell", at(matrix + 1, row - 1, hide((signed char)(2 - row))));
  short shorts[6];
  for (int i = 0; i < 6; i++) report("between", between(shorts + hide(i), shorts + 1, shorts + hide(4)));
  const char *text = hide((const char *)"one,two,,last"), *start = text;
  for (int i = 0; i < 5; i++) {
    advance(&text, ',');
    report("text", text - start);
  }
  int *rows[3] = {numbers + hide(2), numbers + hide(5), numbers + hide(3)}, *others[] = {numbers};
  report("furthest", furthest(rows, hide(3)) - numbers);
  report("of one", furthest(rows, hide(1)) - numbers);
  int **table[2] = {rows, others};
  swap_rows(table, hide(0), hide(1));
  report("table", *table[0][0] * 100 + *table[1][2] * 10 + table[1][1][-1]);
  return 0;
}
