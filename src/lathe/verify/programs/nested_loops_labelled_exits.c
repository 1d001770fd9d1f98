// Nested loops with jumps out of two and three levels, on to the next round of an outer loop, and restarts:
// loop simplification and rotation have to keep every edge.
#include "check.h"

// Pythagorean triples, with shortcuts out of the inner loops; counts how far each loop went.
static int triples(int limit, int stop_after, int rounds[3]) {
  int found = 0;
  for (int a = 1; a <= limit; a++) {
    rounds[0]++;
    for (int b = a; b <= limit; b++) {
      rounds[1]++;
      for (int c = b; c <= limit; c++) {
        rounds[2]++;
        int excess = a * a + b * b - c * c;
        if (excess < 0) goto next_b;
        if (excess == 0) {
          if (++found == stop_after) goto finished;
          goto next_a;
        }
      }
      break;
    next_b:;
    }
  next_a:;
  }
finished:
  return found;
}

// Finds a row without duplicates; starts again with a smaller alphabet when there is none.
static int distinct_row(unsigned char cells[5][4], int modulus) {
restart:
  for (int row = 0; row < 5; row++) {
    for (int i = 1; i < 4; i++)
      for (int j = 0; j < i; j++)
        if (cells[row][i] % modulus == cells[row][j] % modulus) goto next_row;
    return modulus * 10 + row;
  next_row:
    continue;
  }
  if (--modulus > 3) goto restart;
  return -1;
}

// The first place of a small pattern in a grid.
static int find(const char *grid, int width, int height, const char *pattern, int side) {
  for (int y = 0; y + side <= height; y++)
    for (int x = 0; x + side <= width; x++) {
      for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++)
          if (pattern[i * side + j] != '?' && grid[(y + i) * width + x + j] != pattern[i * side + j])
            goto mismatch;
      return y * 100 + x;
    mismatch:;
    }
  return -1;
}

int main(void) {
  const int limits[] = {0, 4, 5, 13, 30};
  for (int i = 0; i < 5; i++)
    for (int stop = 1; stop <= 4; stop += 3) {
      int rounds[3] = {0};
      int found = triples(hide(limits[i]), hide(stop), rounds);
      printf("%d: %d %d %d %d\n", limits[i], found, rounds[0], rounds[1], rounds[2]);
    }
  for (int seed = 0; seed < 8; seed++) {
    unsigned char cells[5][4];
    for (int i = 0; i < 20; i++)
      cells[i / 4][i % 4] = (unsigned char)((hide(i) * (seed * 2 + 3) + i * i * seed) >> 1);
    report("distinct", distinct_row(cells, hide(9)));
  }
  const char *grid = hide((const char *)"....#..##.#.#.##..##");
  const char *patterns[] = {"#", "####", "?#??", "##.#", "#..#", "..##", ".#.##?.?.", "###", "##?.?????"};
  const int sides[] = {1, 2, 2, 2, 2, 2, 3, 1, 3};
  for (int i = 0; i < 9; i++)
    report("found at", find(grid, hide(5), hide(4), hide(patterns[i]), hide(sides[i])));
  return 0;
}
