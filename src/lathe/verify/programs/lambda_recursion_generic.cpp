// Generic and recursive lambdas: fixed-point combinator, self-passing, packs captured and forwarded, lambdas
// as template arguments. Provokes recursion unrolling, tail-call elimination and inlining of instantiations.
#include <utility>

#include "check.h"

template <class F>
struct Fix {
  F f;
  template <class... A>
  long operator()(A... a) const {
    return f(*this, a...);
  }
};
template <class F>
Fix(F) -> Fix<F>;

template <auto Compare>
static int extreme(const int *values, int count) {
  int best = values[0];
  for (int i = 1; i < count; i++)
    if (Compare(values[i], best)) best = values[i];
  return best;
}

static auto compose(auto f) { return f; }
static auto compose(auto f, auto... rest) {
  return [=](auto x) { return f(compose(rest...)(x)); };
}

template <class... A>
static auto bind_front(auto f, A... a) {
  return [f, ... kept = std::move(a)](auto... more) { return f(kept..., more...); };
}

int main() noexcept {
  Fix ackermann{[](auto &self, long m, long n) -> long {
    if (m == 0) return n + 1;
    return n == 0 ? self(m - 1, 1) : self(m - 1, self(m, n - 1));
  }};
  expect("ackermann", ackermann(hide(2L), hide(3L)), 9);
  expect("ackermann", ackermann(hide(3L), hide(2L)), 29);
  auto gcd = [](auto &&self, auto a, auto b) -> decltype(a) { return b == 0 ? a : self(self, b, a % b); };
  expect("gcd", gcd(gcd, hide(1071), hide(462)), 21);
  expect("gcd", gcd(gcd, hide(5ull), hide(0ull)), 5);
  int moves = 0;
  Fix hanoi{[&moves](auto &self, int n, int from, int to) -> long {
    if (n == 0) return 0;
    int other = 6 - from - to;
    long checksum = self(n - 1, from, other);
    moves++;
    checksum = checksum * 3 + from * 4 + to;
    return (checksum ^ self(n - 1, other, to)) % 100003;
  }};
  for (int n = 0; n <= 5; n++) {
    moves = 0;
    report("hanoi", hanoi(hide(n), 1, 3));
    expect("moves", moves, (1 << n) - 1);
  }
  int values[] = {hide(4), hide(-7), hide(9), hide(4), hide(-7), hide(12)};
  for (int n = 1; n <= 6; n++) {
    report("largest", extreme<[](int a, int b) { return b < a; }>(values, hide(n)));
    report("smallest size", extreme<[](int a, int b) { return a * a <= b * b; }>(values, hide(n)));
  }
  auto chain =
      compose([](auto x) { return x * 2; }, [](auto x) { return x - 3; }, [](auto x) { return x * x; });
  report("int", chain(hide(5)));
  report_double("double", chain(hide(1.5)));
  report("unsigned char", chain(static_cast<unsigned char>(hide(200))));
  auto weigh = [](auto... v) {
    int place = 1;
    long sum = 0;
    ((sum += place++ * static_cast<long>(v)), ...);
    return sum;
  };
  report("bound", bind_front(weigh, hide(7), hide(2.75))(hide(300L), static_cast<signed char>(hide(-5))));
  report("empty", bind_front(weigh)());
}
