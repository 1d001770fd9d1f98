/* Sudoku by backtracking over bit masks, the cell with the fewest choices first: deep recursion that undoes
   its stores. */
#include "check.h"

typedef struct {
  unsigned char cell[81];
  uint16_t row[9], column[9], box[9];
  int guesses;
} Board;

static int box_of(int at) { return at / 27 * 3 + at % 9 / 3; }

static void toggle(Board *b, int at, int digit) {
  uint16_t bit = (uint16_t)(1u << digit);
  b->row[at / 9] ^= bit;
  b->column[at % 9] ^= bit;
  b->box[box_of(at)] ^= bit;
}

static unsigned choices(const Board *b, int at) {
  return 0x3fe & ~(unsigned)(b->row[at / 9] | b->column[at % 9] | b->box[box_of(at)]);
}

static int solve(Board *b, int limit) {
  int best = -1, fewest = 10, found = 0;
  for (int at = 0; at < 81 && fewest > 1; at++) {
    if (b->cell[at]) continue;
    int n = __builtin_popcount(choices(b, at));
    if (n < fewest) best = at, fewest = n;
  }
  if (best < 0) return 1;
  for (unsigned left = choices(b, best); left && found < limit; left &= left - 1) {
    int digit = __builtin_ctz(left);
    b->guesses++;
    b->cell[best] = (unsigned char)digit;
    toggle(b, best, digit);
    found += solve(b, limit - found);
    if (found >= limit) return found;
    toggle(b, best, digit);
    b->cell[best] = 0;
  }
  return found;
}

static int load(Board *b, const char *text) {
  memset(b, 0, sizeof *b);
  for (int at = 0; at < 81; at++) {
    int digit = text[at] == '.' ? 0 : text[at] - '0';
    if (!digit) continue;
    if (!(choices(b, at) >> digit & 1)) return 0;
    b->cell[at] = (unsigned char)digit;
    toggle(b, at, digit);
  }
  return 1;
}

int main(void) {
  const char *boards[] = {
      "123456789456789123789123456214365897365897214897214365531642978642978531978531642",
      ".234.678945.78.1237.91.345621.3658.73658.72148.72143.5531.429786.297853197.53.642",
      ".......8.4..7.....7891..4.62..365..73..897...8...14.6.53...29..642..85...7..316..",
      "1........1.......................................................................",
      "12345678.........9..............................................................."};
  for (int i = 0; i < 5; i++) {
    Board b;
    report("loaded", load(&b, hide(boards[i])));
    report("solved", solve(&b, hide(i == 2 ? 3 : 1)));
    report("guesses", b.guesses);
    report_bytes("cells", b.cell, sizeof b.cell);
    report_bytes("rows", b.row, sizeof b.row);
  }
  return 0;
}
