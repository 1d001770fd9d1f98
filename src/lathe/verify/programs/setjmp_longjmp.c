/* setjmp and longjmp as exceptions: volatile locals keep their last value, unchanged ones theirs, and code
   after a call that returns twice must not be folded or hoisted. */
#include <setjmp.h>

#include "check.h"

static jmp_buf out, *handler;
static int depth, thrown;

static _Noreturn void throw_code(int code) {
  thrown = thrown % 1000 * 10 + code;
  longjmp(*handler, code);
}

static NOINLINE int dig(int level, int bottom, int code) {
  depth++;
  if (level == bottom) {
    if (code) throw_code(code);
    return level;
  }
  int below = dig(level + 1, bottom, code);
  depth--;
  return below + 1;
}

static int attempt(int bottom, int code) {
  volatile int progress = 0;
  const int unchanged = bottom * 7;
  handler = &out;
  if (setjmp(out) == 0) {
    progress = 1;
    int result = dig(0, bottom, code);
    progress = 2;
    return result * 100 + progress;
  }
  progress += 10;
  return -(thrown % 10 * 1000 + progress * 10 + (unchanged & 7));
}

static int retry(int limit) {
  volatile int tries = 0, sum = 0;
  handler = &out;
  switch (setjmp(out)) {
    case 0:
      tries = 1;
      break;
    case 1:
      tries += 1;
      break;
    case 2:
      tries += 2;
      break;
    default:
      return sum * 100 + tries;
  }
  sum += tries * tries;
  throw_code(tries >= limit ? 3 : 1 + (tries & 1));
}

static int nested(int inner_code, int outer_code) {
  jmp_buf inner;
  volatile int stage = 1;
  handler = &out;
  if (setjmp(out)) return stage * 10 + 1;
  handler = &inner;
  if (setjmp(inner)) {
    stage *= 3;
    handler = &out;
    if (outer_code) throw_code(outer_code);
    return stage * 10 + 2;
  }
  stage = 2;
  if (inner_code) throw_code(inner_code);
  return stage * 10 + 3;
}

int main(void) {
  for (int bottom = 0; bottom <= 3; bottom++) {
    report("fine", attempt(hide(bottom), hide(0)));
    report("thrown", attempt(hide(bottom), hide(bottom + 2)));
    report("depth", depth);
  }
  for (int limit = 1; limit <= 6; limit++) report("retry", retry(hide(limit)));
  for (int codes = 0; codes < 4; codes++) report("nested", nested(hide(codes & 1), hide(codes & 2)));
  report("last thrown", thrown);
  volatile int rounds = 0;
  if (setjmp(out)) expect("never zero", rounds, 1);
  if (rounds++ == 0) longjmp(out, hide(0)); /* setjmp then returns 1 */
  return 0;
}
