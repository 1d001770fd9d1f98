// Packed bits behind proxies: std::vector<bool>, std::bitset and a bit field struct must agree with plain
// arrays around word boundaries. Provokes shift and mask combining, popcount and funnel shift idioms.
#include <bitset>
#include <new>
#include <vector>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

struct Fields {
  unsigned a : 3, b : 13, c : 16;
  signed d : 5;
  unsigned long e : 40;
  bool f : 1;
};

static unsigned state;
static unsigned next() { return (state = state * 1103515245u + 12345u) >> 16; }

template <int N>
static void compare(const char *label) {
  std::vector<bool> packed(N);
  std::bitset<N> set;
  unsigned char plain[N] = {};
  int wrong = 0;
  for (int step = 0; step < 3 * N; step++) {
    size_t at = (size_t)next() % N;
    switch (next() % 4) {
      case 0:
        plain[at] = 1;
        packed[at] = set[at] = true;
        break;
      case 1:
        packed[at].flip(), set.flip(at), plain[at] ^= 1;
        break;
      case 2:
        packed[at] = packed[N - 1 - at];
        set[at] = set[N - 1 - at];
        plain[at] = plain[N - 1 - at];
        break;
      default: {
        bool t = packed[at];
        packed[at] = packed[0], packed[0] = t;
        t = set[at];
        set[at] = set[0], set[0] = t;
        unsigned char u = plain[at];
        plain[at] = plain[0], plain[0] = u;
      }
    }
  }
  unsigned hash = 0, ones = 0, shifted = 0;
  std::bitset<N> moved = (set << (size_t)hide(N / 3)) ^ (set >> (size_t)hide(5)), inverse = ~set;
  for (size_t i = 0; i < N; i++) {
    wrong += packed[i] != (plain[i] != 0) || set[i] != (plain[i] != 0) || inverse[i] == set[i];
    hash = hash * 33 + plain[i], ones += plain[i];
    shifted = shifted * 33 + moved[i];
  }
  packed.push_back(true);
  packed.insert(packed.begin() + N / 2, false);
  for (bool bit : packed) hash = hash * 33 + bit;
  printf("%s wrong %d hash %08x shifted %08x ones %u %d any %d all %d\n", label, wrong, hash, shifted, ones,
         (int)set.count(), set.any(), (set | inverse).all());
}

static void run() noexcept {
  state = hide(99u);
  compare<64>("64");
  compare<65>("65");
  compare<129>("129");
  Fields x = {};
  for (int i = 0; i < 5; i++) {
    x.a += (unsigned)hide(3), x.b -= (unsigned)hide(5 * i + 1), x.c ^= next(), x.e = x.e * 77777 + x.c;
    x.d = (int)(next() % 32) - 16, x.f = x.d < 0;
    printf("fields %d %d %d %d %ld %d\n", x.a, x.b, x.c, x.d, (long)x.e, x.f);
  }
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
