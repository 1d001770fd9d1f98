#include "include/unit.h"

namespace unit {
class Shape {
public:
  virtual ~Shape() {}
  virtual int area() const = 0;
};

class Square : public Shape {
  int side;

public:
  explicit Square(int side) : side(side) {}
  int area() const override { return side * side; }
};

template <typename T> T largest(T one, T two) { return one < two ? two : one; }

int twice(int side) {
  Shape *shape = new Square(largest(side, 3));
  int area = shape->area() * 2;
  delete shape;
  if (area > 1000)
    throw area;
  return area;
}
} // namespace unit
