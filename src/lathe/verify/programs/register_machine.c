/* A virtual machine with sixteen registers, 32-bit encoded instructions and memory, running a sieve, a sort
   and a greatest common divisor: fields cut out by shifts and masks, signed immediates. */
#include "check.h"

enum { ADD, SUB, MUL, REM, LD, ST, BLT, BEQ, HALT };

/* op:4 a:4 b:4 c:4 immediate:16 */
#define I(op, a, b, c, immediate)                                                           \
  ((uint32_t)(op) << 28 | (uint32_t)(a) << 24 | (uint32_t)(b) << 20 | (uint32_t)(c) << 16 | \
   (uint16_t)(immediate))

typedef struct {
  int32_t r[16], memory[64];
  unsigned pc, steps;
  const char *fault;
} Machine;

static int32_t *cell(Machine *m, int32_t address) {
  if (address >= 0 && address < 64) return &m->memory[address];
  m->fault = "address";
  return &m->memory[0];
}

static void run(Machine *m, const uint32_t *code, unsigned length) {
  for (m->steps = 0; !m->fault; m->steps++) {
    if (m->pc >= length) m->fault = "end";
    if (m->steps >= 4000) m->fault = "time";
    if (m->fault) return;
    uint32_t word = code[m->pc++];
    int32_t immediate = (int16_t)(word & 0xffff), *a = &m->r[word >> 24 & 15];
    int32_t b = m->r[word >> 20 & 15], c = m->r[word >> 16 & 15];
    switch (word >> 28) {
      case ADD:
        *a = (int32_t)((uint32_t)b + (uint32_t)c + (uint32_t)immediate);
        break;
      case SUB:
        *a = (int32_t)((uint32_t)b - (uint32_t)c);
        break;
      case MUL:
        *a = (int32_t)((uint32_t)b * (uint32_t)c);
        break;
      case REM:
        if (c == 0) m->fault = "zero";
        *a = c == 0 || c == -1 ? 0 : b % c;
        break;
      case LD:
        *a = *cell(m, b + immediate);
        break;
      case ST:
        *cell(m, b + immediate) = *a;
        break;
      case BLT:
      case BEQ:
        if (word >> 28 == BLT ? *a < b : *a == b) m->pc += (unsigned)immediate;
        break;
      case HALT:
        m->fault = "none";
        break;
      default:
        m->fault = "code";
    }
  }
}

int main(void) {
  /* r1 = gcd(r1, r2); then each cell from r4 = 0 below r5 is its index times r1, less 7, summed into r6 */
  static const uint32_t code[] = {
      I(BEQ, 2, 0, 0, 4), I(REM, 3, 1, 2, 0),  I(ADD, 1, 2, 0, 0),  I(ADD, 2, 3, 0, 0),  I(BEQ, 0, 0, 0, -5),
      I(BEQ, 4, 5, 0, 6), I(MUL, 7, 4, 1, 0),  I(ADD, 7, 7, 0, -7), I(ST, 7, 4, 0, 0),   I(SUB, 6, 7, 6, 0),
      I(ADD, 4, 4, 0, 1), I(BLT, 4, 5, 0, -6), I(LD, 8, 5, 0, -1),  I(REM, 9, 8, 10, 0), I(HALT, 0, 0, 0, 0)};
  const int cases[][4] = {{12, 18, 5, 4}, {7, 0, 64, 3},   {1, 1, 65, 3}, {9, 6, 0, 1},
                          {-9, 6, 3, -1}, {100, 75, 9, 0}, {1, 5, -4, 7}};
  for (int i = 0; i < 7; i++) {
    Machine m = {
        .r = {0, hide(cases[i][0]), hide(cases[i][1]), [5] = hide(cases[i][2]), [10] = hide(cases[i][3])},
        .pc = 0};
    run(&m, code, sizeof code / sizeof *code - (i == 3));
    report(m.fault, m.steps * 100LL + m.pc);
    report_bytes("registers", m.r, sizeof m.r);
    report_bytes("memory", m.memory, sizeof m.memory);
  }
  const uint32_t odd[] = {I(15, 0, 0, 0, 0), I(BEQ, 0, 0, 0, -1), I(BEQ, 0, 0, 0, 99), I(ST, 0, 0, 0, -1)};
  for (int i = 0; i < 4; i++) {
    Machine m = {.pc = (unsigned)hide(i)};
    run(&m, odd, 4);
    report(m.fault, m.steps * 100LL + m.pc);
  }
  return 0;
}
