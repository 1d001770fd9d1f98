// Threads with mutexes and condition variables: a bounded queue with producers and consumers, a barrier and a
// strict hand-over. Provokes code motion across lock and unlock, which must not happen.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "check.h"

class Queue {
 public:
  void push(int v) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return count_ < 3; });
    cells_[(head_ + count_++) % 3] = v;
    if (count_ > most_) most_ = count_;
    changed_.notify_all();
  }
  bool pop(int &v) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return count_ > 0 || closed_; });
    if (count_ == 0) return false;
    v = cells_[head_];
    head_ = (head_ + 1) % 3;
    count_--;
    changed_.notify_all();
    return true;
  }
  void close() {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  int most() const { return most_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int cells_[3], head_ = 0, count_ = 0, most_ = 0;
  bool closed_ = false;
};

struct Turns {  // each thread in its turn: the result depends on the order
  std::mutex mutex;
  std::condition_variable next;
  int turn = 0;
  unsigned value = 1;
  void run(int me, int threads, int rounds) {
    for (int i = 0; i < rounds; i++) {
      std::unique_lock<std::mutex> lock(mutex);
      while (turn % threads != me) next.wait(lock);
      value = value * 31 + (unsigned)(me * 7 + i);
      turn++;
      next.notify_all();
    }
  }
};

int main() noexcept {
  Queue in, out;
  long sums[2] = {}, total = 0;
  unsigned mixed = 0;
  int from = hide(1), to = hide(60);
  std::thread squares([&] {
    for (int v; in.pop(v);) out.push(v * v);
    out.close();
  });
  std::thread collect([&] {
    for (int v; out.pop(v); mixed = mixed * 3 + (unsigned)v) sums[v & 1] += v;
  });
  for (int v = from; v <= to; v++) in.push(v);
  in.close();
  squares.join();
  collect.join();
  for (long s : sums) report("sum", s), total += s;
  expect("total", total, 60L * 61 * 121 / 6);
  report("in order", mixed);
  report("bounded", in.most() <= 3 && in.most() > 0 && out.most() <= 3);
  for (int threads = 1; threads <= 3; threads++) {
    Turns turns;
    std::thread others[2];
    for (int i = 1; i < threads; i++)
      others[i - 1] = std::thread(&Turns::run, &turns, i, hide(threads), hide(4));
    turns.run(0, threads, hide(4));
    for (int i = 1; i < threads; i++) others[i - 1].join();
    report("turns", turns.turn * 1000000000000L + turns.value);
  }
}
