// std::optional chains and std::variant with visitors, valueless states, in-place alternatives and
// comparison. Provokes jump tables from visit, SROA of tagged storage and tests of the index.
#include <optional>
#include <variant>

#include "check.h"

static int live;
struct Text {
  char *s;
  explicit Text(const char *t) : s(strdup(t)) { live++; }
  Text(const Text &o) : s(strdup(o.s)) { live++; }
  Text(Text &&o) : s(strdup(o.s)) {
    live++;
    o.s[0] = '-';
  }
  Text &operator=(Text &&o) {
    char *t = strdup(o.s);
    free(s);
    s = t;
    return *this;
  }
  ~Text() {
    free(s);
    live--;
  }
};
struct Bomb {
  operator int() const { throw 7; }
};
struct Circle {
  int r;
};

using Value = std::variant<std::monostate, int, Text, Circle, double>;

struct Weight {
  int operator()(std::monostate) const { return 1; }
  int operator()(int i) const { return i > 10 ? 2 : i; }
  int operator()(const Text &t) const { return 100 + (int)strlen(t.s); }
  int operator()(const Circle &c) const { return 3 * c.r * c.r; }
  int operator()(double d) const { return d >= 0.5 ? (int)(d * 2) : -1; }
};

static std::optional<int> half(int x) {
  if (x % 2) return std::nullopt;
  return x / 2;
}
static int halvings(int x) {
  int n = 0;
  for (std::optional<int> h = x; (h = half(*h)) && *h; n++) continue;
  return n;
}
static Value next(Value v, int step) {
  if (int *i = std::get_if<int>(&v)) return *i % 2 ? Value(Text("odd")) : Value(Circle{*i});
  if (auto *t = std::get_if<Text>(&v)) return t->s[1] == 'd' ? Value(step * 0.25) : Value();
  if (std::holds_alternative<Circle>(v)) return std::move(v.emplace<Text>("circle"));
  return v.index() == 4 ? Value(step + (int)std::get<double>(v)) : Value(step);
}

int main() noexcept {
  for (int x : {0, 1, 2, 12, 64, -8}) report("halvings", halvings(hide(x)));
  {
    Value v;
    for (int step = 1; step <= 12; step++) {
      v = next(std::move(v), hide(step));
      printf("step %d: index %d weight %d live %d\n", step, (int)v.index(), std::visit(Weight(), v), live);
    }
    const Value pairs[] = {Value(9), Value(10), Value(11), Value(0.5), Value(0.4)};
    for (const Value &p : pairs)
      report("both", std::visit([](auto &a, auto &b) { return Weight()(a) * 1000 + Weight()(b); }, p, v));
    v.emplace<Text>("last");
    report("live", live);
    try {
      v.emplace<int>(Bomb());
    } catch (int code) {
      report("valueless", v.valueless_by_exception() * 10 + code);
    }
  }
  std::optional<Text> text;
  report("empty", text.has_value());
  text.emplace("first");
  std::optional<Text> other = std::move(text);
  printf("%s %s %d\n", text->s, other->s, live);
  report("compare",
         (half(hide(4)) == 2) + 2 * (half(3) < half(hide(2))) + 4 * half(hide(5)).value_or(hide(6)));
  report("live", live);
}
