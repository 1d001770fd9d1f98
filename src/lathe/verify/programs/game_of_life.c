// Conway's game of life by three programs: counting neighbours on a torus, sums of whole rows, and words of
// bits added in parallel. A glider must come back to its place; all three must agree.
#include "check.h"

enum { kSide = 16 };

typedef unsigned char Board[kSide][kSide];

static void by_counting(Board from, Board to) {
  for (int y = 0; y < kSide; y++)
    for (int x = 0; x < kSide; x++) {
      int neighbours = 0;
      for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
          if (dx || dy) neighbours += from[(y + dy + kSide) % kSide][(x + dx) & (kSide - 1)];
      to[y][x] = neighbours == 3 || (neighbours == 2 && from[y][x]);
    }
}

static void by_row_sums(Board from, Board to) {
  unsigned char sums[kSide][kSide];
  for (int y = 0; y < kSide; y++)
    for (int x = 0; x < kSide; x++)
      sums[y][x] =
          (unsigned char)(from[y][x ? x - 1 : kSide - 1] + from[y][x] + from[y][x + 1 < kSide ? x + 1 : 0]);
  for (int y = 0; y < kSide; y++) {
    const unsigned char *above = sums[y ? y - 1 : kSide - 1], *below = sums[(y + 1) % kSide];
    for (int x = 0; x < kSide; x++) switch (above[x] + sums[y][x] + below[x]) {
        case 3:
          to[y][x] = 1;
          break;
        case 4:
          to[y][x] = from[y][x];
          break;
        default:
          to[y][x] = 0;
      }
  }
}

static uint16_t turn(uint16_t row, int by) { return (uint16_t)(row << (by & 15) | row >> (-by & 15)); }

static void by_bits(const uint16_t *from, uint16_t *to) {
  for (int y = 0; y < kSide; y++) {
    uint16_t ones = 0, twos = 0, fours = 0;
    for (int dy = kSide - 1; dy <= kSide + 1; dy++)
      for (int dx = -1; dx <= 1; dx++) {
        if (dy == kSide && dx == 0) continue;
        uint16_t cells = turn(from[(y + dy) % kSide], dx), carry = ones & cells;
        ones ^= cells;
        fours |= twos & carry;
        twos ^= carry;
      }
    to[y] = (uint16_t)(twos & ~fours & (ones | from[y]));
  }
}

int main(void) {
  static Board boards[2], others[2];
  uint16_t rows[2][kSide] = {{0}};
  const char *start = hide((const char *)".#...#..##......###..##..#.....#.......#.#......#........#.....##");
  for (int i = 0; start[i]; i++) {  // a glider, and soup beside it
    int y = i / 8, x = i % 8;
    boards[0][y][x] = others[0][y][x] = start[i] == '#';
    rows[0][y] |= (uint16_t)((start[i] == '#') << x);
  }
  for (int generation = 0; generation < 24; generation++) {
    int now = generation & 1, next = now ^ 1, population = 0, differences = 0;
    by_counting(boards[now], boards[next]);
    by_row_sums(others[now], others[next]);
    by_bits(rows[now], rows[next]);
    for (int i = 0; i < kSide * kSide; i++) {
      int cell = boards[next][i / kSide][i % kSide];
      population += cell;
      differences +=
          (others[next][i / kSide][i % kSide] != cell) + ((rows[next][i / kSide] >> i % kSide & 1) != cell);
    }
    report("population", population);
    if (differences) expect("differences", differences, 0);
    if (generation % 6 == 5) report_bytes("board", boards[next], sizeof(Board));
  }
  return 0;
}
