// Cooperative tasks on coroutines: a round-robin scheduler, awaiting values and other tasks with symmetric
// transfer, a channel. Provokes inlining of awaiters, tail calls on resumption and splitting around
// suspension points.
#include <coroutine>
#include <exception>

#include "check.h"

static std::coroutine_handle<> ready[16];
static int head, tail, frames;
static void schedule(std::coroutine_handle<> h) { ready[tail++ % 16] = h; }

struct Yield {  // goes to the end of the queue `turns` times
  int turns;
  bool await_ready() const { return turns <= 0; }
  void await_suspend(std::coroutine_handle<> h) const { schedule(h); }
  int await_resume() const { return turns * 2; }
};

struct Task {
  struct promise_type {
    int result = 0;
    std::coroutine_handle<> waiting = std::noop_coroutine();
    promise_type() { frames++; }
    ~promise_type() { frames--; }
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    auto final_suspend() noexcept {
      struct Resume {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          return h.promise().waiting;
        }
        void await_resume() noexcept {}
      };
      return Resume{};
    }
    void return_value(int v) { result = v; }
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
  Task(std::coroutine_handle<promise_type> h) : handle(h) {}
  ~Task() { handle.destroy(); }
  bool await_ready() const { return handle.done(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) const {
    return handle.promise().waiting = h, handle;
  }
  int await_resume() const { return handle.promise().result; }
};

static char trace[128];
static int length, channel[3], used;

static Task square(int n) {
  if (n > 3) co_await Yield{1};
  trace[length++] = 's';
  co_return n *n;
}
static Task producer(int n) {
  int sum = 0;
  for (int i = 0; i < n; i++) {
    while (used == 3) sum += co_await Yield{1};
    channel[used++] = co_await square(i);
    trace[length++] = (char)('0' + used);
  }
  co_return sum;
}
static Task consumer(int n, int patience) {
  int sum = 0;
  for (int got = 0; got < n; got++) {
    for (int tries = 0; used == 0 && tries < patience; tries++) co_await Yield{1};
    trace[length++] = used ? 'c' : '!';
    sum = sum * 2 + (used ? channel[--used] : -1);
    sum += co_await Yield{got % 2};
  }
  co_return sum;
}

int main() noexcept {
  for (int n = 0; n <= 8; n += 2)
    for (int patience = 0; patience <= 2; patience++) {
      head = tail = length = used = 0;
      Task a = producer(hide(n)), b = consumer(hide(6), hide(patience));
      int steps = (schedule(b.handle), schedule(a.handle), 0);
      for (; head < tail && steps < 60; steps++) ready[head++ % 16].resume();
      printf("%d %d: steps %d left %d results %d %d %.*s\n", n, patience, steps, used,
             a.handle.promise().result, b.handle.promise().result, length, trace);
    }
  expect("frames", frames, 0);
}
