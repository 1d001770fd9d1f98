/* memmove both ways over every small distance and size, and memcpy and memmove of constant sizes: memcpyopt
   and instcombine widen them to loads and stores, which must all load first. */
#include "check.h"

static unsigned char buffer[80];

static void fill(unsigned seed) {
  for (int i = 0; i < 80; i++) buffer[i] = (unsigned char)(seed = seed * 29 + 17);
}

static uint32_t digest(void) {
  uint32_t hash = 1;
  for (int i = 0; i < 80; i++) hash = hash * 16777619u ^ buffer[i];
  return hash;
}

#define MOVE(size) memmove(buffer + 20 + distance, buffer + 20, size), hash = hash * 31 + digest()

static uint32_t move_constant(int distance) {
  uint32_t hash = 0;
  MOVE(1), MOVE(2), MOVE(3), MOVE(4), MOVE(5), MOVE(7), MOVE(8), MOVE(9), MOVE(12), MOVE(15), MOVE(16);
  MOVE(17), MOVE(24), MOVE(31), MOVE(32), MOVE(33), MOVE(40);
  return hash;
}

static uint32_t move_variable(int distance) {
  uint32_t hash = 0;
  for (int size = 0; size <= 40; size++) MOVE(hide((size_t)size));
  return hash;
}

static uint32_t copy_apart(unsigned char *from, unsigned char *to) {
  uint32_t hash = 0;
  for (int size = 0; size <= 20; size++) {
    to[size] = 0xee;
    memcpy(to, from, hide((size_t)size));
    hash = hash * 31 + digest();
  }
  memcpy(to + 3, from + 2, 6);
  memcpy(from, to + 4, 3);
  return hash * 31 + digest();
}

/* A copy, a change of the source, and a copy of the copy: the second must not read the changed source. */
static int forwarded(int changed) {
  int source[6], middle[6], last[6];
  for (int i = 0; i < 6; i++) source[i] = hide(i * 11);
  memcpy(middle, source, sizeof middle);
  source[changed] = -1;
  memcpy(last, middle, sizeof last);
  return last[changed] * 1000 + source[changed] + source[(changed + 1) % 6];
}

int main(void) {
  for (int distance = -20; distance <= 20; distance += distance < -3 ? 4 : distance < 4 ? 1 : 4) {
    fill(hide(5u));
    report("constant", move_constant(hide(distance)));
    report("variable", move_variable(distance));
  }
  fill(hide(9u));
  report("apart", copy_apart(buffer + 1, buffer + 50));
  for (int i = 0; i < 6; i++) expect("forwarded", forwarded(hide(i)), i * 11000 - 1 + (i + 1) % 6 * 11);
  return 0;
}
