// A stack machine dispatched by computed goto: indirectbr, tail duplication of the dispatch, and registers
// kept in phis over every block. It runs programs with known results.
#include "check.h"

enum { kPush, kAdd, kSub, kMul, kMod, kDup, kSwap, kOver, kJumpIfZero, kJump, kLoad, kStore, kEmit, kHalt };

static int64_t run(const signed char *code, int64_t input, int *steps) {
  static const void *const kLabels[] = {&&push, &&add,          &&sub,  &&mul,  &&mod,   &&dup,  &&swap,
                                        &&over, &&jump_if_zero, &&jump, &&load, &&store, &&emit, &&halt};
  int64_t stack[16] = {0}, cells[4] = {input, 0, 0, 0}, output = 0, held;
  int top = 0, at = 0;
  *steps = 0;
#define NEXT goto *kLabels[++*steps, code[at++]]
  NEXT;
push:
  stack[top++] = code[at++];
  NEXT;
add:
  top--;
  stack[top - 1] += stack[top];
  NEXT;
sub:
  top--;
  stack[top - 1] -= stack[top];
  NEXT;
mul:
  top--;
  stack[top - 1] *= stack[top];
  NEXT;
mod:
  top--;
  stack[top - 1] %= stack[top];
  NEXT;
dup:
  stack[top] = stack[top - 1];
  top++;
  NEXT;
swap:
  held = stack[top - 1];
  stack[top - 1] = stack[top - 2];
  stack[top - 2] = held;
  NEXT;
over:
  stack[top] = stack[top - 2];
  top++;
  NEXT;
jump_if_zero:
  at = stack[--top] == 0 ? at + code[at] : at + 1;
  NEXT;
jump:
  at += code[at];
  NEXT;
load:
  stack[top++] = cells[code[at++]];
  NEXT;
store:
  cells[code[at++]] = stack[--top];
  NEXT;
emit:
  output = output * 1000 + stack[--top];
  NEXT;
halt:
  return output + top * 1000000000000000000;
}

int main(void) {
  // The factorial of cell 0, by a loop that counts down.
  const signed char factorial[] = {kPush, 1,     kLoad, 0,    kJumpIfZero, 13, kLoad, 0,   kMul,  kLoad,
                                   0,     kPush, 1,     kSub, kStore,      0,  kJump, -15, kEmit, kHalt};
  // The greatest common divisor of cell 0 and 360.
  const signed char divisor[] = {kLoad, 0,     kPush, 90,   kDup,  kAdd, kDup,  kAdd,  kDup, kJumpIfZero,
                                 6,     kSwap, kOver, kMod, kJump, -7,   kEmit, kEmit, kHalt};
  int steps = 0;
  for (int n = 0; n < 12; n += 1 + n / 3) {
    report("factorial", run(factorial, hide(n), &steps));
    expect("steps", steps, 5 + 9 * n);
  }
  const int inputs[] = {0, 1, 84, 360, 361, 1000};
  for (int i = 0; i < 6; i++) {
    report("divisor", run(divisor, hide(inputs[i]), &steps));
    report("steps", steps);
  }
  return 0;
}
