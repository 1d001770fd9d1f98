/* Weak functions and variables, aliases, constructors and paths that do not return: interprocedural passes
   must take the definition that is linked, and what stands before an exit stays. */
#include "check.h"

__attribute__((weak)) int tunable = 5;
__attribute__((weak)) int policy(int x) { return x > 3 ? x * 2 : -x; }
extern int missing(int) __attribute__((weak));

int real_counter = 10;
extern int alias_counter __attribute__((alias("real_counter")));
int real_step(int by) { return real_counter += by; }
int alias_step(int by) __attribute__((alias("real_step")));

static int order, early, late;
__attribute__((constructor(201))) static void first(void) { early = ++order * 10; }
__attribute__((constructor(202))) static void second(void) { late = ++order * 100 + early; }
__attribute__((destructor)) static void bye(void) {
  report("destructor", order);
  fflush(stdout);
}

static void at_end(void) { report("at exit", real_counter); }

static _Noreturn void stop(int code) {
  real_counter = -code;
  report("stop", code);
  exit(code ? code - 1 : 7);
}

static int checked(int value, int low, int high) {
  if (value < low || value > high) stop(value);
  return value - low;
}

static NOINLINE int index_of(char wanted, const char *text) {
  for (int i = 0;; i++) {
    if (text[i] == wanted) return i;
    if (!text[i]) break;
  }
  if (wanted == '?') stop(2);
  return -1;
}

static int classify(int x) {
  switch (x & 3) {
    case 0:
      return 5;
    case 1:
      return tunable;
    case 2:
      return policy(x);
    case 3:
      return alias_counter;
  }
  __builtin_unreachable();
}

int main(void) {
  atexit(at_end);
  report("constructors", early * 10000 + late);
  for (int x = 2; x <= 5; x++) report("policy", policy(hide(x)));
  report("missing", missing ? missing(3) : tunable);
  tunable = hide(9);
  for (int i = 0; i < 3; i++) {
    report("alias", alias_step(hide(i + 1)));
    report("real", real_step(hide(i * 3)));
    alias_counter -= hide(i);
    report("counter", real_counter);
  }
  for (int x = 0; x < 8; x++) report("classify", classify(hide(x)));
  report("same", &real_counter == &alias_counter);
  report("checked", checked(hide(3), 3, 5) * 10 + checked(hide(5), 3, 5));
  report("index", index_of(hide('c'), "abc") * 10 + index_of(hide('d'), "abc"));
  int order_before = order;
  order = hide(4);
  report("before", order_before);
  checked(hide(1), hide(2), 9);
  report("not reached", 1);
  return 0;
}
