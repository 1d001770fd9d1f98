// An exception that meets a noexcept boundary must reach std::terminate, never a handler further out; the
// handler installed here ends the program with status 3. Provokes nounwind inference and removal of "dead"
// invokes.
#include <exception>

#include "check.h"

static int stage;

[[noreturn]] static void on_terminate() {
  report("terminate at stage", stage);
  std::exception_ptr current = std::current_exception();
  report("has current exception", current != nullptr);
  try {
    if (current) std::rethrow_exception(current);
  } catch (const int &code) {
    report("code", code);
  } catch (...) {
    report("unexpected type", 0);
  }
  fflush(stdout);
  _Exit(3);
}

static int risky(int x) {
  if (x > 6) throw x * 7;
  return x * 3;
}

static int contained(int x) noexcept {  // throws inside, but nothing escapes
  try {
    return risky(x);
  } catch (int code) {
    return -code;
  }
}

static int boundary(int x) noexcept {
  stage++;
  return risky(x) + 1;
}

template <bool Safe>
static int conditional(int x) noexcept(Safe) {
  return risky(x) + 2;
}

int main() {
  std::set_terminate(on_terminate);
  static_assert(noexcept(boundary(1)) && noexcept(conditional<true>(1)) && !noexcept(conditional<false>(1)));
  for (int x = -1; x <= 8; x += x < 0 ? 6 : 1)
    expect("contained", contained(hide(x)), x > 6 ? -7 * x : 3 * x);
  for (int x = -2; x <= 8; x += x < 0 ? 7 : 1) {
    int caught = 0, value = 0;
    try {
      value = conditional<false>(hide(x));
    } catch (int code) {
      caught = code;
    }
    expect("conditional value", value, x > 6 ? 0 : 3 * x + 2);
    expect("conditional caught", caught, x > 6 ? 7 * x : 0);
  }
  report("safe", conditional<true>(hide(6)));
  for (int x = 4; x <= 9; x++) {
    try {
      report("boundary", boundary(hide(x)));
    } catch (int code) {
      report("must not arrive here", code);
      return 1;
    }
  }
  return 2;
}
