// Observers which subscribe and unsubscribe while being notified, fed from a priority queue of events ordered
// by time and then by sequence. Provokes heap sifting loops, indirect calls and reloads after callbacks.
#include <queue>
#include <vector>

#include "check.h"

namespace {
struct Event {
  int time, sequence, kind, value;
  bool operator<(const Event &o) const {  // the earliest is the greatest
    return time != o.time ? time > o.time : sequence > o.sequence;
  }
};

class Bus;
struct Observer {
  int seen = 0;
  virtual ~Observer() = default;
  virtual void on(const Event &e, Bus &bus) = 0;
};

class Bus {
 public:
  void post(int time, int kind, int value) { queue_.push({time, sequence_++, kind, value}); }
  void add(Observer *o) { observers_.push_back(o); }
  void remove(Observer *o) {
    for (Observer *&slot : observers_)
      if (slot == o) slot = nullptr;
  }
  int run(int until) {
    int handled = 0;
    while (!queue_.empty() && queue_.top().time <= until) {
      Event e = queue_.top();
      queue_.pop();
      size_t present = observers_.size();  // those added meanwhile wait for the next event
      for (size_t i = 0; i < present; i++)
        if (observers_[i]) observers_[i]->on(e, *this);
      handled++;
    }
    return handled;
  }
  int waiting() const { return (int)queue_.size(); }

 private:
  std::priority_queue<Event> queue_;
  std::vector<Observer *> observers_;
  int sequence_ = 0;
};

struct Adder : Observer {
  unsigned sum = 0;
  void on(const Event &e, Bus &) override { seen++, sum = sum * 31 + (unsigned)(e.value * 4 + e.kind); }
};
struct Echo : Observer {  // posts again, ever later
  void on(const Event &e, Bus &bus) override {
    seen++;
    if (e.kind == 1 && e.value > 0) bus.post(e.time + e.value % 4, e.value % 3, e.value - 2);
  }
};
struct Limited : Observer {
  Observer *heir;
  explicit Limited(Observer *h) : heir(h) {}
  void on(const Event &e, Bus &bus) override {
    if (e.kind == 2 && ++seen == 3) {
      bus.remove(this);
      if (heir) bus.add(heir);
    }
  }
};
}  // namespace

int main() noexcept {
  Bus bus;
  Adder adder, late;
  Echo echo;
  Limited second(&late), first(&second);
  for (Observer *o :
       {static_cast<Observer *>(&first), static_cast<Observer *>(&adder), static_cast<Observer *>(&echo)})
    bus.add(o);
  for (int i = 0; i < 14; i++) bus.post(hide(i * 5 % 9), hide(i % 3), hide(17 - i));
  for (int until = 0; until <= 14; until += 2) {
    int handled = bus.run(hide(until));
    printf("until %d: handled %d waiting %d adder %08x late %08x echo %d first %d second %d\n", until,
           handled, bus.waiting(), adder.sum, late.sum, echo.seen, first.seen, second.seen);
  }
}
