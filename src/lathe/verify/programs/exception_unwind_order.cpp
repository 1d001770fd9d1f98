// Unwinding through recursion, loops and temporaries: every cleanup must run once, in reverse order of
// construction. Provokes inlining through invokes, cleanup merging and tail-call elimination.
#include "check.h"

static char trace[512];
static int length;
static void note(char c) { trace[length++] = c; }
static void flush(const char *label) {
  trace[length] = 0;
  printf("%s %s\n", label, trace);
  length = 0;
}

struct Guard {
  char name;
  explicit Guard(char n) : name(n) { note(n); }
  ~Guard() { note((char)(name - 'a' + 'A')); }
  Guard(const Guard &) = delete;
};
struct Stop {
  int depth;
};

static int descend(int depth, int limit) {
  Guard g((char)('a' + depth));
  if (depth == limit) throw Stop{depth};
  if (depth >= 5) return depth;
  int below = descend(depth + 1, limit);
  Guard after((char)('p' + depth));
  return below + depth;
}

static int use(const Guard &a, const Guard &b, int fail) {
  if (fail == 1) throw Stop{a.name * b.name};
  return a.name - b.name;
}

static int looped(int rounds, int fail_at) {
  Guard outer('o');
  int sum = 0;
  for (int i = 0; i < rounds; i++) {
    Guard inner((char)('a' + i));
    if (i == fail_at) throw Stop{sum};
    if (i % 2) {
      Guard odd('z');
      if (i + 1 == fail_at) continue;
      sum += 10;
    }
    sum += i;
  }
  return sum;
}

template <class F>
static void run(const char *label, F f) {
  int value = 0, caught = 0;
  try {
    value = f();
  } catch (const Stop &s) {
    note('!');
    caught = s.depth;
  }
  printf("value %d caught %d ", value, caught);
  flush(label);
}

int main() {
  for (int limit = 0; limit <= 6; limit++) run("descend", [=] { return descend(0, hide(limit)); });
  for (int fail = -1; fail <= 5; fail++) run("looped", [=] { return looped(hide(4), hide(fail)); });
  for (int fail = 0; fail < 2; fail++) {
    run("temporaries", [=] {
      Guard first('f');
      int n = use(Guard{'x'}, first, hide(fail));
      note('-');
      return n;
    });
  }
}
