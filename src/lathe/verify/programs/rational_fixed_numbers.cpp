// Number classes with operators: rationals kept in lowest terms and fixed point with rounding to even and
// saturation. Provokes division by constants, sign handling and min/max recognition.
#include <compare>
#include <initializer_list>
#include <numeric>

#include "check.h"

class Rational {
 public:
  Rational(long n = 0, long d = 1) : n_(n), d_(d) {
    if (d_ < 0) n_ = -n_, d_ = -d_;
    if (long g = std::gcd(n_, d_); g > 1) n_ /= g, d_ /= g;
  }
  friend Rational operator+(Rational a, Rational b) { return {a.n_ * b.d_ + b.n_ * a.d_, a.d_ * b.d_}; }
  friend Rational operator*(Rational a, Rational b) { return {a.n_ * b.n_, a.d_ * b.d_}; }
  friend Rational operator/(Rational a, Rational b) { return {a.n_ * b.d_, a.d_ * b.n_}; }
  Rational operator-() const { return {-n_, d_}; }
  friend std::strong_ordering operator<=>(Rational a, Rational b) { return a.n_ * b.d_ <=> b.n_ * a.d_; }
  friend bool operator==(Rational a, Rational b) = default;
  long floor() const { return n_ >= 0 ? n_ / d_ : -((-n_ + d_ - 1) / d_); }
  void print(const char *label) const { printf("%s %ld/%ld\n", label, n_, d_); }

 private:
  long n_, d_;
};

template <int Bits>
class Fixed {  // signed 16 bits, Bits of them after the point
 public:
  static Fixed raw(int v) {
    Fixed f;
    f.v_ = (short)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
    return f;
  }
  int raw() const { return v_; }
  friend Fixed operator+(Fixed a, Fixed b) { return raw(a.v_ + b.v_); }
  friend Fixed operator-(Fixed a, Fixed b) { return raw(a.v_ - b.v_); }
  friend Fixed operator*(Fixed a, Fixed b) {
    int p = a.v_ * b.v_, low = p & ((1 << Bits) - 1), half = 1 << (Bits - 1), q = p >> Bits;
    return raw(q + (low > half || (low == half && (q & 1))));
  }

 private:
  short v_ = 0;
};

int main() noexcept {
  Rational harmonic, continued(hide(1L));
  for (long i = 1; i <= 10; i++) {
    harmonic = harmonic + Rational(hide(i) % 2 ? 1 : -1, i);
    continued = Rational(hide(2L)) + Rational(1) / continued;
  }
  harmonic.print("alternating");
  continued.print("continued");
  (-harmonic * Rational(hide(4L), -6)).print("product");
  report("root", (continued * continued > Rational(5)) * 2 + (continued < Rational(hide(29L), 12)));
  const Rational third(hide(2L), 6),
      values[] = {third, {1, 3}, {hide(-1L), 3}, {1, hide(-2L)}, {0, hide(5L)}, {4, 2}};
  for (Rational v : values)
    report("order", (v < third) + 2 * (v == third) + 4 * (v >= third) + 10 * (v.floor() + 5));
  for (long n = -4; n <= 4; n++) report("floor", Rational(hide(n), 3).floor());
  using F = Fixed<4>;
  int rounded = 0;
  for (int v = -40; v <= 40; v++)
    rounded = (rounded * 5 + (F::raw(hide(v)) * F::raw(hide(4))).raw() + 16) % 100003;
  report("rounded", rounded);
  for (int v : {6, 10, 14, -6, -10, 2}) report("to even", (F::raw(hide(v)) * F::raw(hide(4))).raw());
  for (int v = 32766; v <= 32768; v++) {
    report("saturated", (F::raw(hide(v - 1)) + F::raw(hide(1))).raw());
    report("saturated", (F::raw(hide(-v)) - F::raw(hide(1))).raw());
  }
  report("large", (F::raw(hide(-32768)) * F::raw(hide(-32768))).raw() +
                      (F::raw(hide(700)) * F::raw(hide(-750))).raw());
}
