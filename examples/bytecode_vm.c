// SPDX-License-Identifier: Apache-2.0
//
// bytecode_vm: an assembler and a stack machine, as used for user scripts on a small controller.
//
// Key idea: the script is untrusted. Every operand, jump, stack access and step is checked, so
// any byte sequence either halts or ends in a named trap. Cells are unsigned 32-bit words that
// wrap; comparison and division read them as two's complement without leaving defined C.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);

enum { CODE_SIZE = 128, STACK_SIZE = 64, CALL_DEPTH = 24, GLOBALS = 256 };
enum { MAX_STEPS = 100000, LABELS = 10 };

enum opcode {
    OP_HALT, OP_PUSH, OP_POP, OP_DUP, OP_SWAP, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_LESS,
    OP_EQUAL, OP_NOT, OP_JUMP, OP_BRANCH, OP_CALL, OP_RETURN, OP_LOAD, OP_STORE, OP_COUNT
};

static const char *const mnemonics[OP_COUNT] = {
    "halt", "push", "pop", "dup", "swap", "add", "sub", "mul", "div", "mod", "less",
    "equal", "not", "jump", "branch", "call", "return", "load", "store",
};

enum trap {
    TRAP_NONE, TRAP_OPCODE, TRAP_CODE_END, TRAP_STACK,
    TRAP_CALLS, TRAP_DIVISION, TRAP_GLOBAL, TRAP_STEPS
};

struct machine {
    uint8_t code[CODE_SIZE];
    uint32_t code_size, at;
    uint32_t stack[STACK_SIZE], depth;
    uint32_t returns[CALL_DEPTH], calls;
    uint32_t globals[GLOBALS];
};

static bool has_operand(unsigned op)
{
    return op == OP_PUSH || op == OP_JUMP || op == OP_BRANCH || op == OP_CALL;
}

static unsigned find_mnemonic(const char *word, size_t size)
{
    unsigned op = 0;
    for (; op < OP_COUNT; op++) {
        size_t i = 0;
        while (i < size && mnemonics[op][i] == word[i])
            i++;
        if (i == size && mnemonics[op][i] == '\0')
            break;
    }
    return op;
}

// Assembles words separated by blanks: mnemonics, numbers 0..255, ":3" to place label 3 and "@3"
// to use its address. Two passes over the text: the first only places the labels.
static bool assemble(struct machine *m, const char *source)
{
    uint8_t labels[LABELS] = {0};
    for (int pass = 0; pass < 2; pass++) {
        m->code_size = 0;
        for (const char *word = source; *word != '\0';) {
            size_t size = 0;
            while (word[size] != ' ' && word[size] != '\0')
                size++;
            unsigned value = 0;
            if (*word == ':') {
                labels[word[1] - '0'] = (uint8_t)m->code_size;
            } else {
                if (*word == '@')
                    value = labels[word[1] - '0'];
                else if (*word >= '0' && *word <= '9')
                    for (size_t i = 0; i < size; i++)
                        value = value * 10 + (unsigned)(word[i] - '0');
                else if ((value = find_mnemonic(word, size)) == OP_COUNT)
                    return false;
                if (m->code_size == CODE_SIZE)
                    return false;
                m->code[m->code_size++] = (uint8_t)value;
            }
            word += size + (word[size] == ' ');
        }
    }
    return true;
}

static enum trap divide(uint32_t *a, uint32_t b, bool want_rest)
{
    if (b == 0)
        return TRAP_DIVISION;
    bool negative_a = *a >> 31 != 0, negative_b = b >> 31 != 0;
    uint32_t size_a = negative_a ? 0u - *a : *a, size_b = negative_b ? 0u - b : b;
    uint32_t result = want_rest ? size_a % size_b : size_a / size_b;
    bool negative = want_rest ? negative_a : negative_a != negative_b;
    *a = negative ? 0u - result : result;
    return TRAP_NONE;
}

// Stack cells each instruction takes and leaves, checked before it runs.
static enum trap check_stack(const struct machine *m, enum opcode op)
{
    static const struct {
        uint8_t takes, leaves;
    } effect[OP_COUNT] = {
        [OP_PUSH] = {0, 1}, [OP_POP] = {1, 0},  [OP_DUP] = {1, 2},    [OP_SWAP] = {2, 2},
        [OP_ADD] = {2, 1},  [OP_SUB] = {2, 1},  [OP_MUL] = {2, 1},    [OP_DIV] = {2, 1},
        [OP_MOD] = {2, 1},  [OP_LESS] = {2, 1}, [OP_EQUAL] = {2, 1},  [OP_NOT] = {1, 1},
        [OP_LOAD] = {1, 1}, [OP_STORE] = {2, 0}, [OP_BRANCH] = {1, 0},
    };
    bool fits = m->depth >= effect[op].takes &&
                m->depth - effect[op].takes + effect[op].leaves <= STACK_SIZE;
    return fits ? TRAP_NONE : TRAP_STACK;
}

static enum trap step(struct machine *m, enum opcode op, uint32_t operand)
{
    uint32_t *top = m->depth >= 1 ? &m->stack[m->depth - 1] : m->stack;
    uint32_t *below = m->depth >= 2 ? top - 1 : m->stack;
    uint32_t held = *top;
    switch (op) {
    case OP_PUSH: m->stack[m->depth++] = operand; return TRAP_NONE;
    case OP_DUP: m->stack[m->depth++] = held; return TRAP_NONE;
    case OP_SWAP: *top = *below; *below = held; return TRAP_NONE;
    case OP_NOT: *top = held == 0; return TRAP_NONE;
    case OP_JUMP: m->at = operand; return TRAP_NONE;
    case OP_CALL:
        if (m->calls == CALL_DEPTH)
            return TRAP_CALLS;
        m->returns[m->calls++] = m->at;
        m->at = operand;
        return TRAP_NONE;
    case OP_RETURN:
        if (m->calls == 0)
            return TRAP_CALLS;
        m->at = m->returns[--m->calls];
        return TRAP_NONE;
    case OP_LOAD:
        if (held >= GLOBALS)
            return TRAP_GLOBAL;
        *top = m->globals[held];
        return TRAP_NONE;
    case OP_STORE:
        if (held >= GLOBALS)
            return TRAP_GLOBAL;
        m->globals[held] = *below;
        m->depth -= 2;
        return TRAP_NONE;
    default: break;
    }
    m->depth--; // all that is left takes its top operand off the stack
    switch (op) {
    case OP_ADD: *below += held; break;
    case OP_SUB: *below -= held; break;
    case OP_MUL: *below *= held; break;
    case OP_DIV: return divide(below, held, false);
    case OP_MOD: return divide(below, held, true);
    case OP_LESS: *below = (*below ^ 0x80000000u) < (held ^ 0x80000000u); break;
    case OP_EQUAL: *below = *below == held; break;
    case OP_BRANCH: m->at = held != 0 ? operand : m->at; break;
    default: break;
    }
    return TRAP_NONE;
}

enum trap machine_run(struct machine *m)
{
    enum trap trap = TRAP_NONE;
    m->at = m->depth = m->calls = 0;
    for (uint32_t steps = 0; trap == TRAP_NONE; steps++) {
        if (m->at >= m->code_size)
            return TRAP_CODE_END;
        if (steps == MAX_STEPS)
            return TRAP_STEPS;
        unsigned op = m->code[m->at++];
        uint32_t operand = 0;
        if (op >= OP_COUNT)
            return TRAP_OPCODE;
        if (has_operand(op)) {
            if (m->at >= m->code_size)
                return TRAP_CODE_END;
            operand = m->code[m->at++];
        }
        if (op == OP_HALT)
            return TRAP_NONE;
        trap = check_stack(m, (enum opcode)op);
        if (trap == TRAP_NONE)
            trap = step(m, (enum opcode)op, operand);
    }
    return trap;
}

static const struct {
    const char *source;
    enum trap trap;
    uint32_t result; // what is left on top of the stack
} scripts[] = {
    // fib(17), recursively: f(n) = n < 2 ? n : f(n - 1) + f(n - 2)
    {"push 17 call @1 halt :1 dup push 2 less branch @2 dup push 1 sub call @1 swap push 2 sub "
     "call @1 add :2 return", TRAP_NONE, 1597},
    // primes below 200 by a sieve; globals 250: candidate, 251: count, 252: multiple
    {"push 2 push 250 store :1 push 250 load push 200 less not branch @4 push 250 load load "
     "branch @3 push 251 load push 1 add push 251 store push 250 load dup mul push 252 store "
     ":2 push 252 load push 200 less not branch @3 push 1 push 252 load store push 252 load "
     "push 250 load add push 252 store jump @2 :3 push 250 load push 1 add push 250 store jump @1 "
     ":4 push 251 load halt", TRAP_NONE, 46},
    // the greatest common divisor of 1071 = 21 * 51 and 462 = 21 * 22
    {"push 21 push 51 mul push 21 push 22 mul :1 dup not branch @2 swap push 0 store push 1 store "
     "push 1 load push 0 load push 1 load mod jump @1 :2 pop halt", TRAP_NONE, 21},
    {"push 0 push 10 sub push 3 div halt", TRAP_NONE, 0xFFFFFFFDu},
    {"push 0 push 10 sub push 3 mod push 1 less halt", TRAP_NONE, 1},
    {"push 1 push 0 div halt", TRAP_DIVISION, 1},
    {"push 1 add halt", TRAP_STACK, 1},
    {":1 push 7 jump @1", TRAP_STACK, 7},
    {":1 call @1", TRAP_CALLS, 0},
    {":1 jump @1", TRAP_STEPS, 0},
    {"push 200 dup add load halt", TRAP_GLOBAL, 400},
    {"push", TRAP_CODE_END, 0},
    {"push 3 200", TRAP_OPCODE, 3},
};

// No byte sequence may leave the machine's limits.
static bool survives_noise(struct machine *m)
{
    uint32_t seed = 5;
    for (int round = 0; round < 200; round++) {
        for (m->code_size = 0; m->code_size < CODE_SIZE; m->code_size++) {
            seed = seed * 1664525u + 1013904223u;
            m->code[m->code_size] = (uint8_t)((seed >> 24) % (OP_COUNT + 1));
        }
        if (machine_run(m) > TRAP_STEPS || m->depth > STACK_SIZE || m->calls > CALL_DEPTH)
            return false;
    }
    return true;
}

int main(void)
{
    static struct machine m;
    for (unsigned i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        for (unsigned g = 0; g < GLOBALS; g++)
            m.globals[g] = 0;
        bool good = assemble(&m, scripts[i].source) && machine_run(&m) == scripts[i].trap;
        if (!good || (m.depth != 0 ? m.stack[m.depth - 1] : 0) != scripts[i].result) {
            printf("bytecode_vm: script %u\n", i);
            return 1;
        }
    }
    bool good = !assemble(&m, "push 1 shove") && survives_noise(&m);
    printf("bytecode_vm: %s\n", good ? "ok" : "bad mnemonic or noise");
    return good ? 0 : 1;
}
