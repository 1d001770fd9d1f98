// Loops whose invariants may be stored to through another pointer: LICM may hoist a load or sink a store only
// where they cannot overlap, so every function is called with separate and with overlapping arguments.
#include "check.h"

enum { kLength, kScale, kItems, kWords = 10 };

// The bound and the scale are read again in every round, unless nothing can change them.
static int fill(const int *buffer, int *out, int value) {
  int i;
  for (i = 0; i < buffer[kLength]; i++) out[i] = value + buffer[kScale];
  return i;
}

static void accumulate(int *total, const int *values, int count) {
  for (int i = 0; i < count; i++) *total += values[i];  // a register, unless total is among the values
}

static void scale_all(int *values, int count, const int *factor) {
  for (int i = 0; i < count; i++) values[i] *= *factor;
}

// Of different types, which may not overlap, but for the bytes.
static long bump(short *narrow, long *wide, signed char *bytes, int rounds) {
  for (int i = 0; i < rounds; i++) {
    *narrow = (short)(*narrow + 1);
    *wide += *narrow;
    bytes[i % 2] ^= 5;
  }
  return *wide;
}

static void copy_forward(unsigned char *to, const unsigned char *from, int count) {
  for (int i = 0; i < count; i++) to[i] = from[i];  // memmove only where it is not a smear
}

int main(void) {
  int buffer[kWords] = {hide(5), hide(100)}, separate[8] = {0};
  expect("separate", fill(buffer, separate, hide(1)), 5);
  expect("own items", fill(buffer, buffer + kItems, hide(2)), 5);
  expect("own scale", fill(buffer, buffer + kScale, hide(3)), 5);
  report_bytes("buffer", buffer, sizeof buffer);
  expect("own bound", fill(buffer, buffer + kLength, hide(-101)), 2);
  report_bytes("separate", separate, sizeof separate);
  report_bytes("buffer", buffer, sizeof buffer);
  int values[6] = {hide(1), hide(2), hide(3), hide(4), hide(5), hide(6)}, total = 10;
  accumulate(&total, values, hide(6));
  expect("total", total, 31);
  accumulate(&values[2], values, hide(6));
  expect("among the values", values[2], 27);
  scale_all(values, hide(3), &total);
  expect("scaled", values[2], 27 * 31);
  scale_all(values + 1, hide(5), values + 3);
  for (int i = 0; i < 6; i++) report("by one of them", values[i]);
  long wide = hide(1L);
  short narrow = hide((short)32766);
  signed char bytes[2] = {1, 2};
  report("bump", bump(&narrow, &wide, bytes, hide(5)));
  report("bump its bytes", bump(&narrow, &wide, (signed char *)&narrow, hide(4)));
  report("bump wide bytes", bump(&narrow, &wide, (signed char *)&wide + 1, hide(3)));
  report("narrow", narrow * 100 + bytes[0] * 10 + bytes[1]);
  unsigned char text[] = "abcdefghijklmnop";
  copy_forward(text + 1, text, hide(4));
  printf("%s\n", text);
  copy_forward(text + 3, text + 6, hide(7));
  printf("%s\n", text);
  copy_forward(text + 9, text + 6, hide(7));
  printf("%s\n", text);
  return 0;
}
