// Pointers to data members and to member functions, virtual or not, converted between base and derived
// classes and kept in tables. Provokes folding of the virtual bit, the this-adjustment and constant offsets.
#include "check.h"

struct Point {
  int x, y;
  int axis[3];
};
struct Engine {
  int power = 5;
  int start(int n) { return power += n; }
  virtual int run(int n) { return power * n; }
  virtual int stop(int) { return power = 1; }
  virtual ~Engine() = default;
};
struct Radio {
  int volume = 2;
  int tune(int n) { return volume = n > 9 ? 9 : n; }
  virtual int mute(int n) { return volume -= n; }
  virtual ~Radio() = default;
};
struct Low {
  int low = 3;
  int dig(int n) { return low -= n; }
};
struct High {
  int high = 4;
  int climb(int n) { return high += n * n; }
};
struct Lift : Low, High {
  int ride(int n) { return high * n + low; }
};
struct Car : Radio, Engine {
  int speed = 50;
  int run(int n) override { return (speed += n) + power; }
  int mute(int n) override { return -(volume += n); }
  int brake(int n) { return speed = n < speed ? speed - n : 0; }
};

template <class T, int T::*...Members>
static int mix(const T &t) {
  int h = 7;
  ((h = h * 31 + t.*Members), ...);
  return h;
}

static int largest(const Point *points, int count, int Point::*member) {
  int best = 0;
  for (int i = 1; i < count; i++)
    if (points[i].*member >= points[best].*member) best = i;
  return best;
}

int main() noexcept {
  Point points[] = {{3, 8, {1, 2, 3}}, {5, 2, {4, 5, 6}}, {5, 8, {7, 8, 9}}, {1, 7, {0, 1, 0}}};
  int Point::*members[] = {&Point::x, &Point::y};
  for (auto m : members)
    for (int n = 1; n <= 4; n++) report("largest", largest(points, hide(n), m));
  int (Point::*whole)[3] = &Point::axis;
  for (auto &p : points) report("axis", (p.*whole)[hide(1)] + mix<Point, &Point::x, &Point::y, &Point::x>(p));

  using Action = int (Car::*)(int);
  const Action actions[] = {&Car::run, &Car::tune, nullptr, &Car::mute, &Car::brake};
  Car car;
  Engine engine;
  for (int round = 0; round < 3; round++) {
    int n = hide(8) + round, skipped = 0;
    for (Action a : actions) {
      if (a)
        report("action", (car.*a)(n));
      else
        skipped++;
    }
    report("skipped", skipped);
    int (Engine::*run)(int) = hide(round) == 1 ? &Engine::stop : &Engine::run;
    Engine *targets[] = {&engine, &car};
    for (Engine *e : targets) report("through base", (e->*run)(n));
  }
  int (Lift::*const moves[])(int) = {&Lift::dig, &Lift::climb, &Lift::ride};  // `this` moves for the second
  Lift lift;
  for (int i = 0; i < 6; i++) report("lift", (lift.*moves[hide(i) % 3])(hide(i + 2)));
  int Engine::*power = &Engine::power;
  int Car::*in_car = power;  // the offset grows by that of Engine within Car
  report("power", car.*in_car * 100 + engine.*power);
}
