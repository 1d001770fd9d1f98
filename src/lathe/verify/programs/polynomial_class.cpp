// Sparse and dense polynomials over a small field: evaluation, product, Euclidean division, greatest common
// divisor, derivative. Provokes modulo strength reduction, loop peeling and nested trip counts.
#include "check.h"

constexpr int kField = 97;

struct Poly {
  int degree = -1;  // of the zero polynomial
  int c[24] = {};
  void settle(int from) {
    degree = from;
    while (degree >= 0 && c[degree] == 0) degree--;
  }
  int operator()(int x) const {
    int y = 0;
    for (int i = degree; i >= 0; i--) y = (y * x + c[i]) % kField;
    return y;
  }
  Poly derived() const {
    Poly d;
    for (int i = 1; i <= degree; i++) d.c[i - 1] = c[i] * i % kField;
    d.settle(degree - 1);
    return d;
  }
};

static int inverse(int a) {  // a to the power of field - 2
  int r = 1;
  for (int e = kField - 2; e > 0; e >>= 1, a = a * a % kField)
    if (e & 1) r = r * a % kField;
  return r;
}
static Poly operator*(const Poly &a, const Poly &b) {
  Poly p;
  for (int i = 0; i <= a.degree; i++)
    for (int j = 0; j <= b.degree; j++) p.c[i + j] = (p.c[i + j] + a.c[i] * b.c[j]) % kField;
  p.settle(a.degree < 0 || b.degree < 0 ? -1 : a.degree + b.degree);
  return p;
}
static Poly divide(Poly &a, const Poly &b) {  // leaves the rest in a
  Poly q;
  int lead = inverse(b.c[b.degree]);
  for (int shift = a.degree - b.degree; shift >= 0; shift--) {
    int factor = a.c[shift + b.degree] * lead % kField;
    q.c[shift] = factor;
    for (int i = 0; i <= b.degree; i++)
      a.c[shift + i] = (a.c[shift + i] + (kField - factor) * b.c[i]) % kField;
  }
  if (a.degree >= b.degree) {
    q.settle(a.degree - b.degree);
    a.settle(b.degree - 1);
  }
  return q;
}
static Poly common(Poly a, Poly b) {
  while (b.degree >= 0) {
    divide(a, b);
    Poly t = a;
    a = b, b = t;
  }
  Poly scale{0, {inverse(a.c[a.degree])}};
  return a * scale;
}
static void show(const char *label, const Poly &p) {
  printf("%s (%d):", label, p.degree);
  for (int i = p.degree; i >= 0; i--) printf(" %d", p.c[i]);
  puts("");
}

int main() noexcept {
  Poly a{3, {hide(5), 0, 96, 2}}, b{2, {hide(1), 1, 1}}, c{1, {hide(90), 1}}, zero;
  show("a b", a * b);
  Poly product = a * b * c * c, rest = product;
  show("quotient", divide(rest, b * c));
  show("no rest", rest);
  rest = product;
  rest.c[hide(1)] = 42;
  show("quotient", divide(rest, b));
  show("rest", rest);
  show("common", common(product, c * Poly{1, {3, hide(4)}}));
  show("repeated root", common(product, product.derived()));
  show("coprime", common(a, b));
  show("zero", zero * a);
  show("constant", Poly{0, {hide(9)}}.derived());
  int roots = 0;
  for (int x = 0; x < kField; x++) roots = roots * 2 % 1009 + (product(hide(x)) == 0) * x;
  report("roots", roots);
  for (int x = 1; x < kField; x += 19) expect("inverse", x * inverse(hide(x)) % kField, 1);
}
