// Sparse switches, lowered to a tree of comparisons: labels far apart and at the limits of int, clusters
// among them, and values just beside every label.
#include "check.h"

static int name_of(int code) {
  switch (code) {
    case INT32_MIN:
      return 1;
    case -40:
      return 3;
    case -1:
      return 4;
    case 0:
      return 5;
    case 100:
      return 7;
    case 102:
      return 9;
    case 104:
      return 10;
    case 65536:
      return 12;
    case 123456789:
      return 13;
    case INT32_MAX:
      return 14;
  }
  return 0;
}

// Few labels in a byte, one of which only matches the unsigned reading.
static int marker(unsigned char byte) {
  switch (byte) {
    case 0xff:
      return 1;
    case 0xd8:
      return 2;
    case 0x7f:
      return 4;
    case 0x00:
      return 5;
    default:
      return 6;
  }
}

// Powers of two: a hash or a count of trailing zeros may stand for the labels.
static int index_of_power(unsigned x) {
  switch (x) {
    case 1:
      return 0;
    case 2:
      return 1;
    case 4:
      return 2;
    case 8:
      return 3;
    case 16:
      return 4;
    default:
      return -1;
  }
}

int main(void) {
  const int labels[] = {INT32_MIN, -40, -1, 0, 100, 102, 104, 65536, 123456789, INT32_MAX};
  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
    int at = hide(labels[i]), trace = 0;
    for (int delta = -1; delta <= 1; delta++) {
      if ((delta < 0 && at == INT32_MIN) || (delta > 0 && at == INT32_MAX)) continue;
      trace = trace * 20 + name_of(at + delta);
    }
    report("names", trace);
  }
  int markers = 0;
  for (int byte = 0; byte < 256; byte++) markers = markers % 1000003 * 7 + marker((unsigned char)hide(byte));
  report("markers", markers);
  int found = 0, misses = 0;
  for (unsigned x = 0; x < 260; x++) {
    int index = index_of_power(hide(x));
    if (index < 0)
      misses++;
    else
      found = found * 8 + index + (index == 0);
  }
  report("found", found);
  expect("misses", misses, 255);
  expect("signed byte", marker((unsigned char)hide((signed char)-1)), 1);
  return 0;
}
