/* A stack machine with a dense opcode switch, jumps and calls: jump tables, jump threading of the dispatch
   and promotion of the stack pointer. */
#include "check.h"

enum { PUSH, ADD, SUB, MUL, DUP, SWAP, OVER, DROP, JUMP, JZ, LESS, CALL, RET, EMIT, HALT };

static int32_t emitted;

static int run(const signed char *code, int a, int b) {
  int32_t stack[32], *top = stack;
  int back[16], depth = 0, steps = 0;
  *top++ = a;
  *top++ = b;
  for (int at = 0;; steps++) {
    if (steps > 5000) return -1;
    int32_t kept;
    switch (code[at++]) {
      case PUSH:
        *top++ = code[at++];
        break;
      case ADD:
        top--, top[-1] = (int32_t)((uint32_t)top[-1] + (uint32_t)*top);
        break;
      case SUB:
        top--, top[-1] = (int32_t)((uint32_t)top[-1] - (uint32_t)*top);
        break;
      case MUL:
        top--, top[-1] = (int32_t)((uint32_t)top[-1] * (uint32_t)*top);
        break;
      case DUP:
        *top = top[-1], top++;
        break;
      case SWAP:
        kept = top[-1], top[-1] = top[-2], top[-2] = kept;
        break;
      case OVER:
        *top = top[-2], top++;
        break;
      case DROP:
        top--;
        break;
      case JUMP:
        at += code[at];
        break;
      case JZ:
        at += *--top == 0 ? code[at] : 1;
        break;
      case LESS:
        top--, top[-1] = top[-1] < *top;
        break;
      case CALL:
        back[depth++] = at + 1, at += code[at];
        break;
      case RET:
        if (depth == 0) return -2;
        at = back[--depth];
        break;
      case EMIT:
        emitted = (int32_t)((uint32_t)emitted * 31 + (uint32_t)*--top);
        break;
      case HALT:
        return steps * 100 + (int)(top - stack);
      default:
        return -3;
    }
  }
}

int main(void) {
  /* both find two numbers on the stack; a jump is relative to its operand */
  static const signed char factorial[] = {DUP,  CALL, 3,   EMIT, HALT, DUP, PUSH, 2,    LESS, JZ,  5,  DROP,
                                          PUSH, 1,    RET, DUP,  PUSH, 1,   SUB,  CALL, -15,  MUL, RET};
  static const signed char remainder[] = {OVER, OVER, LESS, JZ,   4,   DROP, EMIT, HALT,
                                          DUP,  EMIT, SWAP, OVER, SUB, SWAP, JUMP, -15};
  const int pairs[][2] = {{7, 3}, {100, 7}, {6, 6}, {5, 6}, {0, 1}, {6, 5}, {13, 12}};
  for (int i = 0; i < 7; i++) {
    report("factorial", run(factorial, hide(pairs[i][0]), hide(pairs[i][1])));
    report("emitted", emitted);
    emitted = 0;
    report("remainder", run(remainder, hide(pairs[i][0]), hide(pairs[i][1])));
    report("emitted", emitted);
    emitted = 0;
  }
  const signed char odd[][4] = {{RET}, {99}, {JUMP, -1}, {DROP, HALT}, {PUSH, -128, MUL, HALT}, {-1}};
  for (int i = 0; i < 6; i++) report("odd", run(odd[i], hide(1), hide(2)));
  return 0;
}
