// Promises and futures carrying values and exceptions between threads, packaged tasks, shared futures and
// call_once. Provokes inlining through type-erased results and cleanup paths.
#include <future>
#include <mutex>
#include <thread>

#include "check.h"

static long collatz(long n) {
  long steps = 0;
  for (; n != 1; steps++) {
    if (n <= 0) throw n;
    n = n % 2 ? 3 * n + 1 : n / 2;
  }
  return steps;
}

static std::once_flag once;
static int attempts, initialised;
static int ensure(int amount) {
  attempts++;
  std::call_once(once, [=] { initialised += amount; });
  return initialised;
}

static long outcome(std::future<long> &f) {
  try {
    return f.get();
  } catch (long n) {
    return -1000 + n;
  } catch (const std::future_error &e) {
    return e.code() == std::future_errc::broken_promise ? -1 : -2;
  }
}

int main() noexcept {
  const long inputs[] = {hide(27L), hide(1L), hide(0L), hide(-5L)};
  for (long input : inputs) {
    std::promise<long> promise;
    std::future<long> result = promise.get_future();
    std::thread worker([&promise, input] {
      try {
        promise.set_value(collatz(input));
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    });
    report("promised", outcome(result));
    worker.join();
    report("still valid", result.valid());
    report("packaged", [&] {
      std::packaged_task<long(long)> task(collatz);
      auto f = task.get_future();
      task(input + hide(1));
      return outcome(f);
    }());
  }
  std::future<long> orphan;
  {
    std::promise<long> dropped;
    orphan = dropped.get_future();
    if (hide(0)) dropped.set_value(3);
  }
  report("orphan", outcome(orphan));
  std::promise<int> start;
  std::shared_future<int> gate = start.get_future().share();
  int sums[3] = {};
  std::thread waiting[3];
  for (int i = 0; i < 3; i++) waiting[i] = std::thread([&sums, gate, i] { sums[i] = gate.get() * (i + 1); });
  start.set_value(hide(14));
  for (std::thread &t : waiting) t.join();
  report("gate", sums[0] + sums[1] * 100 + sums[2] * 10000);
  int twice = 0;
  try {
    start.set_value(hide(15));
  } catch (const std::future_error &e) {
    twice = e.code() == std::future_errc::promise_already_satisfied;
  }
  expect("twice", twice, 1);
  for (int i = 0; i < 3; i++) report("ensured", ensure(hide(i + 10)));
  expect("attempts", attempts, 3);
}
