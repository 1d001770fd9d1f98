// Many returns and arms with the same tails: block folding and tail merging may join those that are equal,
// not those that differ by one constant, one operand's order or one callee.
#include "check.h"

struct Log {
  uint32_t hash;
  int lines;
};

static void note(struct Log *log, int value) {
  log->hash = log->hash * 31 + (uint32_t)value;
  log->lines++;
}

static void note_twice(struct Log *log, int value) {
  note(log, value);
  note(log, ~value);
}

static int many_returns(struct Log *log, int kind, int a, int b) {
  if (kind == 0) {
    note(log, a - b);
    log->lines += 2;
    return a - b;
  }
  if (kind == 1) {
    note(log, b - a);  // the operands are swapped
    log->lines += 2;
    return b - a;
  }
  if (kind == 2) {
    note(log, a - b);
    log->lines += 3;  // another constant
    return a - b;
  }
  if (kind == 3) {
    note_twice(log, a - b);  // another callee
    log->lines += 2;
    return a - b;
  }
  if (kind == 4) {
    note(log, a - b);
    log->lines += 2;
    return a - b + 1;  // another result
  }
  note(log, kind);
  return -1;
}

static int clean_up(struct Log *log, int fail_at) {
  int held = 0, error = 0;
  held |= 1;
  if (fail_at == 1) {
    error = -1;
    goto release_one;
  }
  held |= 2;
  if (fail_at == 2) goto release_two;
  held |= 4;
  if (fail_at == 3) {
    error = -3;
    goto release_three;
  }
  note(log, held);
release_three:
  note(log, held & 4);
  held &= ~4;
release_two:
  note(log, held & 2);
  held &= ~2;
release_one:
  note(log, held & 1);
  return error * 10 + (held & 6);
}

int main(void) {
  struct Log log = {hide(17u), 0};
  for (int kind = -1; kind <= 5; kind++) {
    report("result", many_returns(&log, hide(kind), hide(20), hide(7)));
    printf("%u in %d lines\n", (unsigned)log.hash, log.lines);
  }
  for (int fail_at = 0; fail_at <= 4; fail_at++) {
    report("clean up", clean_up(&log, hide(fail_at)));
    printf("%u in %d lines\n", (unsigned)log.hash, log.lines);
  }
  return 0;
}
