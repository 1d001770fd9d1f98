// Switches over 64 bits: negative labels, labels that agree in their low 32 bits, and those at the limits of
// the type. Narrowing the condition or widening the labels with the wrong extension takes the wrong arm.
#include "check.h"

static int wide(int64_t x) {
  switch (x) {
    case INT64_MIN:
      return 1;
    case -0x100000001:
      return 2;
    case -0x100000000:
      return 3;
    case -1:
      return 4;
    case 0:
      return 5;
    case 1:
      return 6;
    case 0xffffffff:
      return 7;
    case 0x100000000:
      return 8;
    case 0x100000001:
      return 9;
    case 0x200000001:
      return 10;
    case INT64_MAX:
      return 11;
    default:
      return 12;
  }
}

static int unsigned_wide(uint64_t x) {
  switch (x) {
    case 0x8000000000000000u:
      return 20;
    case 0x8000000000000001u:
      return 21;
    case 0x8000000000000002u:
      return 22;
    case 0x8000000000000003u:
      return 23;
    case 0xffffffffffffffffu:
      return 24;
    default:
      return x > 0x8000000000000000u ? 25 : 26;
  }
}

int main(void) {
  const int64_t values[] = {INT64_MIN,
                            INT64_MIN + 1,
                            -0x100000002,
                            -0x100000001,
                            -0x100000000,
                            -0xffffffff,
                            -2,
                            -1,
                            0,
                            1,
                            2,
                            0xfffffffe,
                            0xffffffff,
                            0x100000000,
                            0x100000001,
                            0x100000002,
                            0x200000000,
                            0x200000001,
                            0x300000001,
                            INT64_MAX - 1,
                            INT64_MAX};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    report("wide", wide(hide(values[i])) * 100 + unsigned_wide((uint64_t)hide(values[i])));
  int ends = 0;
  for (uint64_t x = 0; x < 5; x++) ends = ends * 30 + unsigned_wide(hide((uint64_t)1 << 63) + x);
  report("ends", ends);
  return 0;
}
