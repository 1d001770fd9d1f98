// Exceptions kept in std::exception_ptr, passed around in arrays and thrown again later: lifetime, identity
// and shared state of the exception object. Provokes alias analysis over the exception object.
#include <exception>

#include "check.h"

static int alive, copies;

struct Payload {
  int number, uses = 0;
  explicit Payload(int n) : number(n) { alive++; }
  Payload(const Payload &o) : number(o.number), uses(o.uses) { alive++, copies++; }
  virtual ~Payload() { alive--; }
};
struct Special : Payload {
  int extra;
  Special(int n, int e) : Payload(n), extra(e) {}
};

static std::exception_ptr capture(int kind) {
  try {
    switch (kind % 4) {
      case 0:
        return nullptr;
      case 1:
        throw Payload(kind);
      case 2:
        throw Special(kind, kind * kind);
      default:
        throw kind;
    }
  } catch (...) {
    return std::current_exception();
  }
}

static int open(const std::exception_ptr &p) {
  if (!p) return 0;
  try {
    std::rethrow_exception(p);
  } catch (Special &s) {
    s.uses += 2;
    return s.extra * 10 + s.uses;
  } catch (Payload &o) {
    o.uses++;
    return -o.number * 10 - o.uses;
  } catch (int &i) {
    return i += 1000;
  }
}

int main() {
  {
    std::exception_ptr slots[12];
    for (int i = 0; i < 12; i++) slots[i] = capture(hide(i));
    report("alive", alive);
    for (int round = 0; round < 3; round++)
      for (int i = round; i < 12; i += 3) report("open", open(slots[i]));
    slots[3] = slots[1];  // the same object, now shared by two
    report("shared", open(slots[3]));
    report("shared again", open(slots[1]));
    report("same", slots[3] == slots[1]);
    report("different", slots[1] == slots[5]);
    slots[1] = nullptr;
    report("one owner left", open(slots[3]));
    int before = alive;
    slots[3] = nullptr;
    report("released", before - alive);
    std::exception_ptr made = std::make_exception_ptr(Special(hide(21), hide(2)));
    report("made", open(made));
    report("alive", alive);
    for (int i = 0; i < 12; i += 2) slots[i] = nullptr;
    report("alive", alive);
  }
  expect("alive at the end", alive, 0);
  report("copied", copies > 0);
  expect("outside a handler", std::current_exception() == nullptr, 1);
}
