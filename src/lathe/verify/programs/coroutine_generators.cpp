// Generators by hand on C++20 coroutines: lazy sequences, recursion, early destruction with cleanups and
// exceptions out of a body. Provokes coroutine splitting, frame layout and elision of the frame's allocation.
#include <coroutine>
#include <exception>
#include <utility>

#include "check.h"

static int cleanups;
struct Cleanup {
  int weight;
  ~Cleanup() { cleanups += weight; }
};

template <class T>
class Generator {
 public:
  struct promise_type {
    T current{};
    std::exception_ptr failure;
    Generator get_return_object() { return Generator(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T v) { return current = v, std::suspend_always(); }
    void return_void() {}
    void unhandled_exception() { failure = std::current_exception(); }
  };
  using Handle = std::coroutine_handle<promise_type>;
  explicit Generator(Handle h) : handle_(h) {}
  Generator(Generator &&o) noexcept : handle_(std::exchange(o.handle_, nullptr)) {}
  ~Generator() {
    if (handle_) handle_.destroy();
  }
  bool next() {
    handle_.resume();
    if (handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
    return !handle_.done();
  }
  T value() const { return handle_.promise().current; }

 private:
  Handle handle_;
};

static Generator<int> count(int from, int to, int step) {
  Cleanup whole{1};
  for (int i = from; i < to; i += step) {
    Cleanup each{10};
    if (i == 13) throw i * 2;
    co_yield i;
  }
}
static Generator<long> fibonacci() {
  for (long a = 0, b = 1;; a = std::exchange(b, a + b)) co_yield a;
}
static Generator<int> inorder(const int *tree, int n, int at) {  // a heap-shaped tree
  if (at >= n) co_return;
  Cleanup node{100};
  for (auto left = inorder(tree, n, 2 * at + 1); left.next();) co_yield left.value();
  co_yield tree[at];
  for (auto right = inorder(tree, n, 2 * at + 2); right.next();) co_yield right.value();
}
template <class T, class F>
static Generator<T> filter(Generator<T> source, F keep) {
  while (source.next())
    if (keep(source.value())) co_yield source.value();
}

int main() noexcept {
  for (int to = 11; to <= 14; to++) {
    int sum = 0;
    cleanups = 0;
    try {
      for (auto g = count(hide(1), hide(to), hide(3)); g.next();) sum = sum * 3 + g.value();
    } catch (int code) {
      sum = -code;
    }
    report("sum", sum * 1000 + cleanups);
  }
  auto odd = filter(fibonacci(), [skip = hide(2)](long v) mutable { return v % 2 && skip-- <= 0; });
  for (int i = 0; i < 5 && odd.next(); i++) report("odd", odd.value());
  const int tree[] = {hide(8), 4, 12, 2, 6, 10};
  for (int stop = 4; stop <= 12; stop += 4) {
    cleanups = 0;
    long walk = 0;
    for (auto g = inorder(tree, hide(6), 0); g.next() && g.value() < stop;) walk = walk * 16 + g.value();
    report("walk", walk * 1000 + cleanups);
  }
}
