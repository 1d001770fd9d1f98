// Constructors that throw at each possible point: bases and members built so far are destroyed in reverse
// order, and function try blocks translate the error. Provokes cleanup sharing and dead store elimination in
// objects.
#include "check.h"

namespace {
char trace[256];
int length, countdown;
void note(char c) { trace[length++] = c; }
void flush(const char *label, int fail, long value) {
  trace[length] = 0;
  printf("%s %d: %ld %s\n", label, fail, value, trace);
  length = 0;
}

struct Part {
  char name;
  explicit Part(char n) : name(n) {
    if (--countdown == 0) {
      note('!');
      throw (int)n;
    }
    note(n);
  }
  ~Part() { note((char)(name ^ 0x20)); }
};

struct Root {
  Part r{'r'};
  ~Root() { note('1'); }
  virtual int id() const { return 1; }
};
struct Left : virtual Root {
  Part l{'l'};
  ~Left() { note('2'); }
};
struct Right : virtual Root {
  Part s{'s'};
  ~Right() { note('3'); }
};
struct Whole : Left, Right {
  Part a[3];
  Part z;
  int sum;
  Whole() try : a{Part('a'), Part('b'), Part('c')}, z('z'), sum(0) {
    Part body('y');
    for (const Part &p : a) sum += p.name;
    note('+');
  } catch (int code) {
    note('*');
    throw (long)code * 2;
  }
  ~Whole() { note('4'); }
  int id() const override { return sum; }
};

int guarded(int fail) try {
  countdown = fail;
  Whole w;
  return w.id();
} catch (long code) {
  note('?');
  return (int)-code;
}

long delegated(int fail) {
  struct Twice {
    Part first{'f'};
    int value;
    explicit Twice(int v) : value(v) { Part p('p'); }
    Twice() : Twice(40) {  // the object is complete once the target is: its destructor runs
      value += 2;
      Part q('q');
    }
    ~Twice() { note('~'); }
  };
  countdown = fail;
  try {
    return Twice().value;
  } catch (int c) {
    return -c;
  }
}
}  // namespace

int main() noexcept {
  for (int fail = 1; fail <= 9; fail++) flush("whole", fail, guarded(hide(fail)));
  for (int fail = 1; fail <= 4; fail++) flush("twice", fail, delegated(hide(fail)));
}
