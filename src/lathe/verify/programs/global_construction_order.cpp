// Constructors and destructors of globals, static members, inline variables and function statics in one file:
// the order is that of definition, destruction the reverse of completion. Provokes globalopt and static
// evaluation.
#include "check.h"

static char early_trace[64];  // zero before any constructor runs
static int early_length;
static void note(char c) { early_trace[early_length++] = c; }
static int input() { return hide(3); }

struct Tracked {
  char name;
  int value;
  Tracked(char n, int v) : name(n), value(v) { note(n); }
  ~Tracked() {
    printf("destroyed %c %d after %s\n", name, value, early_trace);
    note((char)(name ^ 0x20));
    early_trace[early_length] = 0;
  }
};

static Tracked &lazy(int v) {
  static Tracked local('l', v);  // completed while 'b' is under construction
  return local;
}

constinit int fixed = 5 * 7;
inline Tracked shared('i', fixed + input());
extern Tracked later;
static int peek = later.value;  // zero: not yet constructed
static Tracked a('a', input());
static Tracked b('b', lazy(a.value * 2).value + 1);
Tracked later('z', peek + b.value);
static int after = later.value;

struct Registry {
  static Tracked member;
  static inline int entries = input() + 1;
  int slots[4];
  Registry() : slots{entries, member.value, after, peek} { note('R'); }
};
Tracked Registry::member('m', Registry::entries * 2);
static const Registry registry;
static const int table[] = {registry.slots[0] + after, a.value << 2, later.value - 1, fixed};
static Tracked array[2] = {{'x', table[1]}, {'y', table[2]}};

template <int N>
struct Level {
  static const int depth;
};
template <int N>
const int Level<N>::depth = Level<N - 1>::depth * 2 + 1;
template <>
const int Level<0>::depth = 1;

static struct AtEnd {
  ~AtEnd() { report("still usable", a.value + b.value + lazy(99).value); }
} at_end;

int main() noexcept {
  printf("before main %s\n", early_trace);
  report("peek", peek);
  report("a", a.value);
  report("b", b.value);
  report("later", later.value);
  report("shared", shared.value);
  for (int i = 0; i < 4; i++) report("table", table[hide(i)] * 1000 + registry.slots[hide(3 - i)]);
  report("array", array[hide(0)].value * 100 + array[hide(1)].value);
  report("level", Level<4>::depth);
  static Tracked last('L', early_length);
  last.value += lazy(hide(50)).value;
  b.value += hide(100);
  note('>');
}
