// Overloaded operators that look like built-in ones but are not: && and || without short circuit, comma, ->*
// chains, conversions, user-defined literals, three-way comparison and flags. Provokes branch folding that
// must not apply.
#include <compare>
#include <initializer_list>

#include "check.h"

static int evaluated;

struct Tri {  // -1 no, 0 unknown, 1 yes
  int v;
  friend Tri operator&&(Tri a, Tri b) { return {a.v < b.v ? a.v : b.v}; }
  friend Tri operator||(Tri a, Tri b) { return {a.v > b.v ? a.v : b.v}; }
  friend Tri operator,(Tri a, Tri b) { return {a.v == 0 ? b.v : a.v}; }
  Tri operator!() const { return {-v}; }
  explicit operator bool() const { return v > 0; }
};
static Tri ask(int v) {
  evaluated++;
  return {hide(v)};
}
static bool plain(int v) {
  evaluated++;
  return hide(v) > 0;
}

constexpr long operator""_ms(unsigned long long v) { return (long)v; }
constexpr long operator""_s(unsigned long long v) { return (long)v * 1000; }
constexpr unsigned operator""_bits(const char *s) {
  unsigned n = 0;
  for (; *s; s++) n += *s == '1';
  return n;
}
template <char... C>
constexpr int operator""_sum() {
  return ((C == '\'' ? 0 : C - '0') + ...);
}
static unsigned operator""_hash(const char *s, size_t n) {
  unsigned h = 17;
  for (size_t i = 0; i < n; i++) h = h * 31 + (unsigned)s[i];
  return h;
}

struct Release {
  int major;
  unsigned char minor;
  double quality;
  auto operator<=>(const Release &) const = default;
};
static int code(std::partial_ordering o) { return o < 0 ? 1 : o == 0 ? 2 : o > 0 ? 3 : 4; }

enum class Mode : unsigned { None = 0, Read = 1, Write = 2, Exec = 4, All = 7 };
constexpr Mode operator|(Mode a, Mode b) { return (Mode)((unsigned)a | (unsigned)b); }
constexpr Mode operator&(Mode a, Mode b) { return (Mode)((unsigned)a & (unsigned)b); }
constexpr Mode operator~(Mode a) { return (Mode)(~(unsigned)a & (unsigned)Mode::All); }
constexpr Mode &operator|=(Mode &a, Mode b) { return a = a | b; }

int main() noexcept {
  for (int a = -1; a <= 1; a++) {
    for (int b = -1; b <= 1; b++) {
      evaluated = 0;
      int three = (ask(a) && ask(b)).v * 100 + (ask(a) || !ask(b)).v * 10 + (ask(a), ask(b)).v;
      int before = evaluated;
      int two = (plain(a) && plain(b)) * 2 + (plain(a) || plain(b));
      printf("%d %d: %d in %d, %d in %d, %d\n", a, b, three, before, two, evaluated - before,
             Tri{hide(b)} ? 1 : 0);
    }
  }
  report("literals", hide(2_s) + 250_ms + (long)(hide(1) ? 10110_bits : 0_bits) + 1'234_sum);
  report("hash", hide(1) ? "literal"_hash : ""_hash);
  const double nan = hide(0.0) / hide(0.0);
  const Release releases[] = {
      {hide(1), 200, 1.5}, {1, 200, hide(-0.0)}, {1, 200, 0.0}, {1, 100, nan}, {-1, 255, 2}};
  for (const Release &x : releases) {
    int row = 0;
    for (const Release &y : releases) row = row * 5 + code(x <=> y);
    report("row", row * 100 + (x < releases[0]) * 10 + (x == x));
  }
  Mode mode = hide(1) ? Mode::Read : Mode::None;
  for (Mode m : {Mode::Write, Mode::Read, Mode::Exec}) {
    report("has", (mode & m) == m);
    mode |= m;
    report("mode", (int)mode * 10 + (int)~mode);
  }
}
