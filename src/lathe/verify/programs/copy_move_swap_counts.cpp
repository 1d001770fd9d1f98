// Counts of copies and moves where C++17 fixes them: guaranteed elision, returns of parameters, conditionals,
// swaps and rotations, self-assignment and self-move. Provokes SROA, memcpy optimisation and argument
// promotion.
#include <utility>

#include "check.h"

static int made, copies, moves, assigns, move_assigns, dropped;

struct Value {
  int *cell;
  explicit Value(int v) : cell(new int(v)) { made++; }
  Value(const Value &o) : cell(o.cell ? new int(*o.cell) : nullptr) { copies++; }
  Value(Value &&o) noexcept : cell(std::exchange(o.cell, nullptr)) { moves++; }
  Value &operator=(const Value &o) {
    assigns++;
    if (this == &o) return *this;
    delete cell;
    cell = o.cell ? new int(*o.cell) : nullptr;
    return *this;
  }
  Value &operator=(Value &&o) noexcept {
    move_assigns++;
    std::swap(cell, o.cell);
    return *this;
  }
  ~Value() {
    dropped++;
    delete cell;
  }
  int get() const { return cell ? *cell : -1; }
};

static Value make(int v) { return Value(v); }                              // no move: elided by rule
static Value chain(int v) { return v & 1 ? make(v * 3) : Value(v + 10); }  // both arms are prvalues
static Value pass(Value v) { return v; }                                   // one implicit move
static Value bump(Value v) {
  ++*v.cell;
  return v;
}

template <class F>
static void counts(const char *label, F run) {  // all temporaries of the run are gone before the report
  int value = run();
  printf("%s %d: made %d copies %d moves %d assigns %d/%d dropped %d\n", label, value, made, copies, moves,
         assigns, move_assigns, dropped);
}

static int rotate_three(Value *v, int by) {
  for (int i = 0; i < by; i++) {
    Value t = std::move(v[0]);
    v[0] = std::move(v[1]);
    v[1] = std::move(v[2]);
    v[2] = std::move(t);
  }
  return v[0].get() * 100 + v[1].get() * 10 + v[2].get();
}

int main() noexcept {
  for (int v = 3; v <= 4; v++) counts("chain", [&] { return chain(hide(v)).get(); });
  counts("pass prvalue", [&] { return pass(make(hide(7))).get(); });
  counts("bump twice", [&] { return bump(bump(Value(hide(7)))).get(); });
  {
    Value a(hide(1)), b(hide(2));
    counts("pass lvalue", [&] { return pass(a).get() + a.get(); });
    counts("pass moved", [&] { return pass(std::move(a)).get(); });
    counts("moved from", [&] { return a.get(); });
    a = b;
    counts("copied to empty", [&] { return *a.cell += 5; });
    Value &alias = hide(1) ? a : b;
    a = alias;
    counts("self-assigned", [&] { return a.get(); });
    alias = std::move(a);
    counts("self-moved", [&] { return a.get(); });
    std::swap(a, b);
    counts("swapped", [&] { return a.get() * 10 + b.get(); });
    b = pass(hide(0) ? a : Value(hide(9)));  // the lvalue arm would be copied
    counts("conditional", [&] { return b.get(); });
  }
  counts("scope left", [] { return 0; });
  Value three[3] = {Value(1), make(2), chain(1)};
  for (int by = 0; by <= 3; by++) counts("rotated", [&] { return rotate_three(three, hide(by)); });
}
