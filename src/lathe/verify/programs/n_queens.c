// Placements of queens by three programs: recursion over bit masks, backtracking without recursion, and a
// search for the first solution; the counts for boards up to eight are known.
#include "check.h"

static int by_masks(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == all) return 1;
  int count = 0;
  for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
    uint32_t bit = free & -free;
    count += by_masks(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

static int attacked(const signed char *rows, int column) {
  for (int other = 0; other < column; other++) {
    int distance = rows[other] - rows[column];
    if (distance == 0 || abs(distance) == column - other) return 1;
  }
  return 0;
}

static int by_backtracking(int size, uint32_t *trace) {
  signed char rows[8];
  int column = 0, count = 0;
  rows[0] = -1;
  while (column >= 0) {
    if (++rows[column] >= size) {
      column--;
    } else if (!attacked(rows, column)) {
      if (column == size - 1) {
        count++;
        for (int i = 0; i < size; i++) *trace = *trace * 11 + (uint32_t)rows[i];
      } else {
        rows[++column] = -1;
      }
    }
  }
  return count;
}

static int first_solution(int size, int column, signed char *rows, int *tried) {
  if (column == size) return 1;
  for (rows[column] = 0; rows[column] < size; rows[column]++) {
    ++*tried;
    if (!attacked(rows, column) && first_solution(size, column + 1, rows, tried)) return 1;
  }
  return 0;
}

int main(void) {
  const int known[] = {1, 0, 0, 2, 10, 4, 40, 92};
  for (int size = 1; size <= 7; size++) {
    uint32_t trace = 1;
    expect("by masks", by_masks((1u << hide(size)) - 1, 0, 0, 0), known[size - 1]);
    expect("by backtracking", by_backtracking(hide(size), &trace), known[size - 1]);
    report("trace", trace);
    signed char rows[8] = {0};
    int tried = 0, found = first_solution(hide(size), 0, rows, &tried);
    printf("%d after %d:", found, tried);
    for (int i = 0; i < size && found; i++) printf(" %d", rows[i]);
    printf("\n");
  }
  expect("eight by masks", by_masks(hide(255u), 0, 0, 0), known[7]);
  return 0;
}
