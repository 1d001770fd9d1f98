// Expression templates: vector arithmetic without temporaries, evaluated element by element on assignment,
// also when the target occurs in the expression. Provokes deep inlining, loop fusion, unrolling and
// vectorisation.
#include "check.h"

template <class E>
struct Expr {
  const E &self() const { return static_cast<const E &>(*this); }
};
template <int N>
struct Vec : Expr<Vec<N>> {
  static constexpr int size = N;
  unsigned v[N] = {};
  unsigned at(int i) const { return v[i]; }
  template <class E>
  Vec &operator=(const Expr<E> &e) {
    static_assert(E::size == N);
    for (int i = 0; i < N; i++) v[i] = e.self().at(i);
    return *this;
  }
};
template <class A, class B, class Op>
struct Binary : Expr<Binary<A, B, Op>> {
  static_assert(A::size == B::size);
  static constexpr int size = A::size;
  const A &a;
  const B &b;
  Binary(const A &x, const B &y) : a(x), b(y) {}
  unsigned at(int i) const { return Op::apply(a.at(i), b.at(i)); }
};
template <class A>
struct Shifted : Expr<Shifted<A>> {  // reads element i + by, zero beyond the ends
  static constexpr int size = A::size;
  const A &a;
  int by;
  Shifted(const A &x, int n) : a(x), by(n) {}
  unsigned at(int i) const { return i + by >= 0 && i + by < size ? a.at(i + by) : 0; }
};
struct Add {
  static unsigned apply(unsigned a, unsigned b) { return a + b; }
};
struct Mul {
  static unsigned apply(unsigned a, unsigned b) { return a * b; }
};
struct Max {
  static unsigned apply(unsigned a, unsigned b) { return a > b ? a : b; }
};

template <class A, class B>
static Binary<A, B, Add> operator+(const Expr<A> &a, const Expr<B> &b) {
  return {a.self(), b.self()};
}
template <class A, class B>
static Binary<A, B, Mul> operator*(const Expr<A> &a, const Expr<B> &b) {
  return {a.self(), b.self()};
}
template <class A, class B>
static Binary<A, B, Max> max(const Expr<A> &a, const Expr<B> &b) {
  return {a.self(), b.self()};
}
template <class A>
static Shifted<A> shift(const Expr<A> &a, int by) {
  return {a.self(), by};
}
template <class E>
static unsigned sum(const Expr<E> &e) {
  unsigned s = 0;
  for (int i = 0; i < E::size; i++) s = s * 3 + e.self().at(i);
  return s;
}

int main() noexcept {
  Vec<13> a, b, c;
  for (int i = 0; i < 13; i++) a.v[i] = (unsigned)hide(i * 7 + 1), b.v[i] = (unsigned)hide(100 - i * i);
  for (int by = -2; by <= 2; by++) report("shifted", sum(shift(a, hide(by))));
  for (int by = 12; by <= 14; by++) report("far", sum(shift(b, hide(by)) + shift(b, hide(-by))));
  report("fused", sum(a + b * a + max(a, b) * shift(b, hide(1))));
  c = a * b + max(shift(a, hide(2)), b);
  report_bytes("c", c.v, sizeof c.v);
  c = c + shift(c, hide(1));  // reads one element ahead of the one it writes
  report_bytes("ahead", c.v, sizeof c.v);
  c = c + shift(c, hide(-1));  // reads what has just been written
  report_bytes("behind", c.v, sizeof c.v);
  report("last", c.at(12));
}
