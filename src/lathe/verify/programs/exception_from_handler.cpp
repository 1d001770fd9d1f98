// Exceptions thrown while handling others: replaced, rethrown, and chained causes; uncaught_exceptions()
// inside destructors. Provokes the merging of landing pads and reordering around begin/end catch.
#include <exception>

#include "check.h"

struct Error {
  int code;
  const Error *cause;
  int chain() const { return cause ? code * 10 + cause->chain() : code; }
};

static Error saved[8];
static int saved_count;
static int seen_in_destructor;

struct Watch {
  int before = std::uncaught_exceptions();
  ~Watch() { seen_in_destructor = seen_in_destructor * 4 + (std::uncaught_exceptions() - before) + 1; }
};

static int layer(int level, int fail) {
  Watch w;
  try {
    if (level == 0) {
      if (fail & 1) throw Error{1, nullptr};
      return 100;
    }
    return layer(level - 1, fail >> 1) + level;
  } catch (const Error &e) {
    if (fail & 1) {
      saved[saved_count] = e;
      const Error *cause = &saved[saved_count++];
      throw Error{level + 1, cause};
    }
    if (fail & 2) throw;
    return e.chain() * 10 + level;
  }
}

static int replace(int first, int second) {
  int result = 0;
  try {
    try {
      if (first > 0) throw first;
      result += 1;
    } catch (int i) {
      result += 2;
      try {
        if (second > i) throw (long)second * 1000;
        if (second == i) throw;
        result += 4;
      } catch (long l) {
        result += (int)l;
        if (l > 5000) throw (unsigned)l;
      }
      result += i;
    }
    result += 16;
  } catch (int i) {
    result = -i;
  } catch (unsigned u) {
    result = -(int)u;
  }
  return result;
}

int main() {
  for (int fail = 0; fail < 16; fail++) {
    saved_count = seen_in_destructor = 0;
    int value, escaped = 0;
    try {
      value = layer(3, hide(fail));
    } catch (Error &e) {
      value = e.chain(), escaped = 1;
    }
    printf("%d: %d %s saved %d watch %d\n", fail, value, escaped ? "escaped" : "returned", saved_count,
           seen_in_destructor);
  }
  for (int first = 0; first <= 3; first++)
    for (int second = first - 1; second <= first + 3; second += 1 + (second == first + 1))
      report("replace", replace(hide(first), hide(second)));
  expect("uncaught", std::uncaught_exceptions(), 0);
}
