// Switches inside switches, on the same value and on one derived from it: arms that can no longer be reached
// are removed, and what an arm leaves behind decides the next switch, so that jump threading joins them.
#include "check.h"

static int same_value(int x) {
  switch (x) {
    case 1:
    case 2:
    case 3:
      switch (x) {  // 4 can no longer be
        case 1:
          return 10;
        case 4:
          return 666;
        default:
          return x + 20;
      }
    case 4:
      x += 2;
      break;
    case 5:
      switch (x & 3) {
        case 1:
          x = 50;
          break;
        default:
          return 777;
      }
      break;
    default:
      x = -1;
  }
  switch (x) {
    case 6:
      return 60;
    case 50:
      return 61;
    case -1:
      return 62;
  }
  return 63;
}

// The inner switch changes what the next round of the outer one sees.
static unsigned walk(unsigned node, unsigned key) {
  unsigned trace = 1;
  for (int step = 0; step < 12; step++, key /= 3) {
    trace = trace * 5 + node;
    switch (node) {
      case 0:
        switch (key % 3) {
          case 0:
            continue;
          case 1:
            node = 2;
            break;
          default:
            node = 1;
        }
        break;
      case 1:
        if (key % 3 == 2) return trace;
        node = 3;
        continue;
      case 2:
        switch (key % 3) {
          case 2:
            node = 0;
        }
        break;
      default:
        node = key & 1;
    }
    trace ^= key << 4;
  }
  return trace;
}

int main(void) {
  for (int x = 0; x <= 6; x++) report("same", same_value(hide(x)));
  for (unsigned i = 0; i < 14; i++) report("walk", walk(hide(i % 4), hide(i * 0x9e3779b1u)));
  return 0;
}
