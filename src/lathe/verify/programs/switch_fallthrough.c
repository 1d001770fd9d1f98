// Arms that fall through, with the default arm first, in the middle and last: block placement and the merging
// of equal tails must keep what runs after what.
#include "check.h"

#define FALLTHROUGH __attribute__((fallthrough))

static unsigned staircase(int start) {
  unsigned trace = 0;
  switch (start) {
    case 5:
      trace = trace * 10 + 5;
      FALLTHROUGH;
    case 4:
      trace = trace * 10 + 4;
      FALLTHROUGH;
    default:
      trace = trace * 10 + 9;
      FALLTHROUGH;
    case 3:
      trace = trace * 10 + 3;
      FALLTHROUGH;
    case 2:
      trace = trace * 10 + 2;
      if (start == 3) break;
      FALLTHROUGH;
    case 1:
      trace = trace * 10 + 1;
      FALLTHROUGH;
    case 0:
      break;
  }
  return trace;
}

// The last bytes of a key, mixed in from the end as hash functions do.
static uint32_t mix_tail(const unsigned char *key, unsigned length) {
  uint32_t hash = 0x811c9dc5u ^ length;
  for (; length >= 4; length -= 4, key += 4)
    hash = (hash ^ (key[0] | key[1] << 8 | key[2] << 16 | (uint32_t)key[3] << 24)) * 0x9e3779b1u;
  switch (length) {
    case 3:
      hash ^= (uint32_t)key[2] << 16;
      FALLTHROUGH;
    case 2:
      hash ^= (uint32_t)key[1] << 8;
      FALLTHROUGH;
    case 1:
      hash ^= key[0];
      hash *= 0x85ebca6bu;
  }
  return hash ^ hash >> 15;
}

static int default_first(int x) {
  int y = 1;
  switch (x) {
    default:
      y *= 2;
      FALLTHROUGH;
    case -2:
      y *= 3;
      FALLTHROUGH;
    case 6:
      y *= 5;
      break;
    case 9:
      y *= 7;
      FALLTHROUGH;
    case 8:
      y *= 11;
  }
  return y;
}

int main(void) {
  for (int start = -1; start <= 6; start++) report("staircase", staircase(hide(start)));
  const unsigned char key[] = "A key of some length";
  for (unsigned length = 0; length <= 9; length++) report("tail", mix_tail(key + hide(length), hide(length)));
  for (int x = -3; x <= 10; x++) report("default first", default_first(hide(x)));
  return 0;
}
