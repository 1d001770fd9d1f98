// Switches over 8 and 16 bits: negative labels, the limits of the type, conditions that were truncated, and
// one that is computed by an affine map which wraps, so that the switch may be moved onto its operand.
#include "check.h"

static int byte(int8_t x) {
  switch (x) {
    case -128:
      return 'a';
    case -127:
      return 'b';
    case -3:
      return 'c';
    case -2:
      return 'd';
    case -1:
      return 'e';
    case 0:
      return 'f';
    case 126:
      return 'g';
    case 127:
      return 'h';
  }
  return '.';
}

static int shifted(uint16_t x) {
  switch ((uint16_t)(x * 3 + 7)) {
    case 7:
      return 0;
    case 10:
      return 1;
    case 4:
      return 65535;
    case 6:
      return 21845;  // 3 * 21845 = 65535
    case 8:
      return 43691;
    default:
      return -1;
  }
}

int main(void) {
  char text[258] = "";
  for (int x = -128; x < 128; x++) text[x + 128] = (char)byte((int8_t)hide(x));
  text[256] = 0;
  report_bytes("bytes", text, 256);
  expect("byte 254", byte((int8_t)hide(254)), 'd');
  const uint16_t operands[] = {0, 1, 65535, 21845, 43691, 2, 21846, 43690};
  for (int i = 0; i < 8; i++) expect("shifted", shifted(hide(operands[i])), i < 5 ? operands[i] : -1);
  return 0;
}
