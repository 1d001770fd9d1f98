// thread_local objects with constructors and destructors, one set per thread, reached through functions and
// static members. Provokes hoisting of thread-local addresses and folding of initialisation guards.
#include <thread>

#include "check.h"

static char trace[8][24];  // one row per thread, written by that thread only

struct Log {
  int row = -1, length = 0;
  void note(char c) {
    if (row >= 0) trace[row][length++] = c;
  }
  ~Log() { note('.'); }
};
static thread_local Log log_;
static thread_local int counter = 5;
static thread_local const int *address;

struct Scratch {
  int cells[4];
  explicit Scratch(int v) {
    for (int &c : cells) c = v++;
    log_.note('S');
  }
  ~Scratch() { log_.note((char)('a' + cells[3] % 26)); }
};
static Scratch &scratch() {
  thread_local Scratch s(counter * 2);
  return s;
}
struct Holder {
  static thread_local Scratch member;
  static inline thread_local unsigned state = 1;
};
thread_local Scratch Holder::member(100);

static int work(int row, int rounds) {
  log_.row = row;
  int sum = 0;
  for (int i = 0; i < rounds; i++) {
    counter += i;
    Holder::state = Holder::state * 5 + (unsigned)counter;
    if (i >= 2) sum += scratch().cells[i % 4]++;
    if (i == 4) sum += Holder::member.cells[1] += row;
  }
  address = &counter;
  return sum * 100 + counter + *address + (int)(Holder::state % 97);
}

int main() noexcept {
  int results[5] = {}, again[5] = {};
  const int *addresses[5] = {};
  for (int row = 0; row < 5; row++) {
    std::thread t([&, row] {
      results[row] = work(row, hide(row + 1));
      again[row] = work(row, hide(2));
      addresses[row] = address;
    });
    t.join();
  }
  std::thread first([&] { results[0] = work(5, hide(6)); }), second([&] { results[1] = work(6, hide(7)); });
  first.join();
  second.join();
  for (int row = 0; row < 5; row++) printf("thread %d: %d %d\n", row, results[row], again[row]);
  report("main's own", counter * 10 + (address == nullptr));
  report("main works", work(7, hide(4)));
  int shared = 0;
  for (const int *a : addresses) shared += a == &counter;
  expect("shared", shared, 0);
  for (int row = 0; row < 8; row++) printf("trace %d %s\n", row, trace[row]);
}
