// Overload resolution by concepts, subsumption, SFINAE and detection of members, all instantiated over one
// set of types and values. Provokes function merging: many instantiations differ in little but must not be
// mixed up.
#include <concepts>

#include "check.h"

template <class T>
concept Integral = std::integral<T>;
template <class T>
concept Signed = Integral<T> && (T)-1 < (T)0;
template <class T>
concept Small = Signed<T> && sizeof(T) < 4;
template <class T>
concept Sized = requires(const T &t) {
  { t.size() } -> std::same_as<int>;
};
template <class T>
concept Indexed = Sized<T> && requires(T &t, int i) { t[i] = t[i]; };

static long rate(auto) { return 1; }
static long rate(Integral auto x) { return 10 + (x > 100); }
static long rate(Signed auto x) { return x < 0 ? -20 - (long)x : 20 + (long)x; }
static long rate(Small auto x) { return 300 + x; }
static long rate(bool x) { return x ? 41 : 40; }

struct Range {
  int n;
  int size() const { return n; }
};
struct Block {
  int cells[4] = {};
  int size() const { return 4; }
  int &operator[](int i) { return cells[i & 3]; }
};
struct Fixed {
  long size() const { return 9; }  // not an int
};

static int fill(Sized auto &t, int v) { return t.size() * v; }
static int fill(Indexed auto &t, int v) {
  int sum = 0;
  for (int i = 0; i < t.size(); i++) sum += (t[i] = v - i) * (i + 1);
  return sum;
}
static int fill(auto &, int v) { return -v; }

template <class T>
static auto old_style(T t, int) -> decltype(t.size(), long()) {
  return 1000 + t.size();
}
template <class T>
static long old_style(T, long) {
  return 2000;
}
template <class T, std::enable_if_t<(sizeof(T) > 4), int> = 0>
static long halve(T x) {
  return (long)(x >> 33);
}
template <class T, std::enable_if_t<(sizeof(T) <= 4), int> = 0>
static long halve(T x) {
  return (long)(x >> 1);
}

template <class T>
static void all(const char *label, T v) {
  long previous = rate((T)(v - 1)), at = rate(v), next = rate((T)(v + 1));
  printf("%s %ld %ld %ld %ld\n", label, previous, at, next, halve(v));
}

int main() noexcept {
  all("signed char", (signed char)hide(-128 + 1));
  all("unsigned char", (unsigned char)hide(100));
  all("short", (short)hide(-3));
  all("unsigned short", (unsigned short)hide(65535));
  all("int", hide(0));
  all("unsigned", hide(0x80000064u));
  all("long", hide(-1L << 40));
  all("unsigned long", hide(~0UL - 1));
  report("others", rate(hide(2.5)) * 10000 + rate(hide(1) == 1) * 100 + rate(hide(1) == 0));
  Range r{hide(6)};
  Block b;
  Fixed f;
  report("fill", fill(r, hide(7)));
  report("fill", fill(b, hide(7)));
  report("fill", fill(f, hide(7)));
  report("block", b[0] * 1000 + b[3]);
  report("old style",
         old_style(r, 0) + old_style(b, 0) * 3 + old_style(f, 0) * 5 + old_style(hide(1), 0) * 7);
}
