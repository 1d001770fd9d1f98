// Jumps out of and back over scopes with destructors: goto, switch with initialisers and fallthrough, local
// classes with state, likely/unlikely attributes. Provokes jump threading, tail duplication and cleanup
// flags.
#include "check.h"

static char trace[160];
static int length;

struct Mark {
  char c;
  explicit Mark(int n) : c((char)('a' + n)) { trace[length++] = c; }
  ~Mark() { trace[length++] = (char)(c - 32); }
};

static void flush(const char *label) {
  printf("%s %.*s\n", label, length, trace);
  length = 0;
}

static int wander(int start, int budget) {
  int steps = 0, sum = start;
again:
  {
    Mark outer(steps);
    if (sum % 3 == 0) {
      Mark inner(10);
      sum += 5;
      if (++steps < budget) goto again;
      goto out;
    }
    for (int i = 0; i < 3; i++) {
      Mark each(20 + i);
      sum += i;
      if (sum > 40) [[unlikely]]
        goto out;
      if (sum % 7 == 1) goto skip;
      if (sum % 5 == 4) break;
    }
    sum *= 2;
  skip:
    sum -= 1;
  }
  if (++steps <= budget) goto again;
out:
  return sum * 10 + steps;
}

static int dispatch(int kind, int n) {
  struct Local {  // a nested function by other means
    int &total;
    int calls = 0;
    void add(int v) { total += v * ++calls; }
  };
  int total = 0;
  Local local{total};
  switch (Mark m(kind + 3); int v = n < 0 ? 0 : n > 9 ? 9 : n) {
    case 0:
      return -1;
    case 2:
      if (kind == 2) break;
      local.add(v);
      [[fallthrough]];
    case 3:
      local.add(10);
      if (kind == 1) [[likely]]
        goto shared;
      break;
    case 9:
    shared:
      local.add(100);
      break;
    default:
      for (; v > 0; v -= kind + 1) local.add(v);
  }
  return total * 10 + local.calls;
}

int main() noexcept {
  for (int start = 1; start <= 6; start++)
    for (int budget = 1; budget <= 4; budget += 3) {
      int value = wander(hide(start), hide(budget));
      printf("%d %d: %d ", start, budget, value);
      flush("wander");
    }
  for (int kind = 0; kind < 3; kind++) {
    for (int n = -1; n <= 10; n += n == 4 ? 4 : 1) report("dispatch", dispatch(hide(kind), hide(n)));
    flush("trace");
  }
}
