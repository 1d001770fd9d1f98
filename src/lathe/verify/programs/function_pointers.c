/* Arrays of function pointers, callbacks with a context and functions that return functions: indirect calls
   that may be promoted, inlined or merged with equal functions. */
#include "check.h"

typedef int (*Binary)(int, int);
typedef int (*Visit)(void *context, int value);

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int mul(int a, int b) { return a * b; }
static int least(int a, int b) { return a < b ? a : b; }
static int minimum(int a, int b) { return b <= a ? b : a; } /* may be merged with least */
static int power(int a, int b) { return b <= 0 ? 1 : a * power(a, b - 1); }

static const struct {
  char symbol;
  Binary apply;
} operators[] = {{'+', add}, {'-', sub}, {'*', mul}, {'<', least}, {'m', minimum}, {'^', power}};

static Binary choose(char symbol) {
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
    if (operators[i].symbol == symbol) return operators[i].apply;
  return NULL;
}

static int fold(Binary apply, int start, const int *values, int n) {
  for (int i = 0; i < n; i++) start = apply(start, values[i]);
  return start;
}

static int each(const int *values, int n, Visit visit, void *context) {
  int visited = 0;
  while (visited < n && visit(context, values[visited])) visited++;
  return visited;
}

typedef struct {
  int sum, limit;
} Capped;

static int add_capped(void *context, int value) {
  Capped *capped = context;
  capped->sum += value;
  return capped->sum < capped->limit;
}

static int store_next(void *context, int value) {
  int **next = context;
  *(*next)++ = value * value;
  return value >= 0;
}

typedef struct State {
  struct State (*next)(int input);
  int code;
} State;

static State idle(int input);
static State busy(int input) { return input == 0 ? (State){idle, 1} : (State){busy, 2 + input}; }
static State idle(int input) { return input > 1 ? (State){busy, 3} : (State){idle, 4 - input}; }

int main(void) {
  const char *symbols = hide((const char *)"+-*<m^?");
  int values[6];
  for (int i = 0; i < 6; i++) values[i] = hide(i * 5 % 7 + 1);
  for (; *symbols; symbols++) {
    Binary apply = choose(*symbols);
    if (!apply) break;
    report("apply", apply(hide(3), hide(4)) * 100 + apply(4, hide(3)) + apply(hide(-2), -2));
    report("fold", fold(apply, hide(2), values, apply == power ? 2 : 6));
  }
  report("unknown", *symbols);
  Capped capped = {0, 0};
  for (capped.limit = 0; capped.limit <= 24; capped.limit += 6) {
    report("visited", each(values, hide(6), add_capped, &capped));
    report("sum", capped.sum);
    capped.sum = 0;
  }
  int squares[6] = {0}, *next = squares;
  values[3] = hide(-9);
  report("stored", each(values, 6, store_next, &next));
  report("next", (next - squares) * 1000 + squares[3]);
  State state = {idle, 0};
  for (int i = 0; i < 7; i++) {
    state = state.next(hide(i * 3 % 4));
    report("state", state.code);
  }
  return 0;
}
