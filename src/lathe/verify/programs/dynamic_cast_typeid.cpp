// dynamic_cast down, across and to void, on public, private and ambiguous bases, and typeid comparisons on
// polymorphic and static types. Provokes folding of casts from known vtables and loops over type checks.
#include <typeinfo>

#include "check.h"

namespace {
struct Animal {
  virtual ~Animal() = default;
  int legs = 4;
};
struct Swims {
  virtual ~Swims() = default;
  int depth = 10;
};
struct Flies {
  virtual ~Flies() = default;
  int height = 20;
};
struct Fish : Animal, Swims {
  Fish() { legs = 0; }
};
struct Bird : Animal, virtual Flies {
  Bird() { legs = 2; }
};
struct Duck : Bird, Swims {
  Duck() { depth = 1, height = 30; }
};
struct Submarine : private Animal, public Swims {};
struct Chimera final : Fish, Bird {};  // two Animals

int probe(Swims *s) {
  int result = 0;
  if (auto *a = dynamic_cast<Animal *>(s)) result += 1 + a->legs * 10;
  if (auto *f = dynamic_cast<Flies *>(s)) result += 2 + f->height * 100;
  if (auto *d = dynamic_cast<Duck *>(s)) result += 4 + d->depth * 10000;
  if (dynamic_cast<Chimera *>(s)) result += 8;
  if (dynamic_cast<void *>(s) != static_cast<void *>(s)) result = -result;
  return result;
}

int demand(Animal &a) {
  int grade = 0;
  try {
    grade = 1;
    Swims &s = dynamic_cast<Swims &>(a);
    grade += s.depth;
    Flies &f = dynamic_cast<Flies &>(s);
    grade += f.height * 100;
  } catch (const std::bad_cast &) {
    grade = -grade;
  }
  return grade;
}
}  // namespace

int main() noexcept {
  Animal animal;
  Swims swims;
  Fish fish;
  Bird bird;
  Duck duck;
  Submarine submarine;
  Chimera chimera;
  Swims *swimmers[] = {&swims, &fish, &duck, &submarine, &chimera, nullptr};
  for (Swims *s : swimmers) report("probe", s ? probe(s) : probe(hide(0) ? &duck : nullptr));
  Animal *animals[] = {
      &animal, &fish, &bird, &duck, static_cast<Fish *>(&chimera), static_cast<Bird *>(&chimera)};
  for (Animal *a : animals) report("demand", demand(*a));
  for (Animal *a : animals) {
    int same = 0;
    for (Animal *b : animals) same = same * 2 + (typeid(*a) == typeid(*b));
    report("same type", same * 10 + (typeid(*a) == typeid(Bird)));
  }
  expect("static", typeid(animals[0]) == typeid(Animal *) && typeid(const Duck &) == typeid(Duck), 1);
  int bad = 0;
  Animal *none = hide(0) ? &bird : nullptr;
  try {
    bad = typeid(*none) == typeid(Bird) ? 2 : 3;
  } catch (const std::bad_typeid &) {
    bad = 1;
  }
  expect("bad typeid", bad, 1);
}
