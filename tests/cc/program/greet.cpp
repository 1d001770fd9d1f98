#include <cstdio>

namespace unit {
int twice(int side);
}

static int tried(int side) {
  try {
    return unit::twice(side);
  } catch (int area) {
    return -area;
  }
}

int main() { std::printf("%d %d\n", tried(5), tried(50)); }
