// Bits moved to other places: reversal by loop, by masks and by table, Morton interleaving, a delta swap and
// an 8 x 8 transposition; the optimiser recognises bitreverse and folds chains of shifts and masks.
#include "check.h"

static uint32_t reverse_by_masks(uint32_t x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
  x = (x >> 8 & 0x00ff00ff) | (x & 0x00ff00ff) << 8;
  return x >> 16 | x << 16;
}

static uint32_t reverse_by_loop(uint32_t x, int bits) {
  uint32_t result = 0;
  for (int i = 0; i < bits; i++, x >>= 1) result = result << 1 | (x & 1);
  return result;
}

static uint32_t spread(uint32_t x) {
  x = (x | x << 8) & 0x00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f;
  x = (x | x << 2) & 0x33333333;
  return (x | x << 1) & 0x55555555;
}

static uint32_t gather(uint32_t x) {
  x &= 0x55555555;
  x = (x | x >> 1) & 0x33333333;
  x = (x | x >> 2) & 0x0f0f0f0f;
  x = (x | x >> 4) & 0x00ff00ff;
  return (x | x >> 8) & 0x0000ffff;
}

static uint64_t delta_swap(uint64_t x, uint64_t mask, int by) {
  uint64_t moved = (x >> by ^ x) & mask;
  return x ^ moved ^ moved << by;
}

static uint64_t transpose(uint64_t board) {
  board = delta_swap(board, 0x00aa00aa00aa00aa, 7);
  board = delta_swap(board, 0x0000cccc0000cccc, 14);
  return delta_swap(board, 0x00000000f0f0f0f0, 28);
}

static uint64_t transpose_by_loop(uint64_t board) {
  uint64_t result = 0;
  for (int row = 0; row < 8; row++)
    for (int column = 0; column < 8; column++)
      result |= (board >> (8 * row + column) & 1) << (8 * column + row);
  return result;
}

int main(void) {
  uint32_t x = hide(0x2545f491u);
  for (int i = 0; i < 6; i++) {
    x = x * 1664525 + 1013904223;
    printf("%08x reversed %08x %08x %04x", (unsigned)x, (unsigned)reverse_by_masks(x),
           (unsigned)reverse_by_loop(x, 32), (unsigned)reverse_by_loop(x, hide(13)));
    uint32_t morton = spread(x & 0xffff) | spread(x >> 16) << 1;
    printf(" morton %08x %04x %04x\n", (unsigned)morton, (unsigned)gather(morton),
           (unsigned)gather(morton >> 1));
  }
  uint8_t nibbles[16];
  for (uint32_t i = 0; i < 16; i++) nibbles[i] = (uint8_t)reverse_by_loop(hide(i), 4);
  report_bytes("nibbles", nibbles, sizeof nibbles);
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t by_table = (uint32_t)nibbles[byte & 15] << 4 | nibbles[byte >> 4],
             by_masks = reverse_by_masks(hide(byte)) >> 24;
    if (by_table != by_masks) expect("byte", by_table, by_masks);
  }
  const uint64_t boards[] = {0x8142241800000000, 0x7e, 0x8142241818244281, 0x00000000ff010203};
  for (int i = 0; i < 4; i++) {
    uint64_t board = hide(boards[i]);
    report("transposed", (long long)transpose(board));
    expect("twice", transpose(transpose(board)) == board, 1);
    expect("by loop", transpose_by_loop(board) == transpose(board), 1);
  }
  return 0;
}
