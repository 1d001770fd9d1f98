// Arbitrary precision naturals on std::vector of 32-bit limbs: carries, borrows, multiplication, long
// division by limbs, decimal output. Provokes widening products and add-with-carry idioms.
#include <vector>

#include "check.h"

struct Big {
  explicit Big(unsigned v = 0) : limbs(v ? 1 : 0, v) {}
  friend Big operator+(const Big &a, const Big &b) {
    Big r;
    uint64_t carry = 0;
    for (size_t i = 0; i < a.limbs.size() || i < b.limbs.size() || carry; i++) {
      carry += (uint64_t)a.at(i) + b.at(i);
      r.limbs.push_back((uint32_t)carry);
      carry >>= 32;
    }
    return r;
  }
  friend Big operator-(const Big &a, const Big &b) {  // a >= b
    Big r;
    bool borrow = false;
    for (size_t i = 0; i < a.limbs.size(); i++) {
      uint64_t d = (uint64_t)a.at(i) - b.at(i) - borrow;
      r.limbs.push_back((uint32_t)d);
      borrow = d >> 63;
    }
    r.trim();
    return r;
  }
  friend Big operator*(const Big &a, const Big &b) {
    Big r;
    r.limbs.assign(a.limbs.size() + b.limbs.size(), 0);
    for (size_t i = 0; i < a.limbs.size(); i++) {
      uint64_t carry = 0;
      for (size_t j = 0; j < b.limbs.size(); j++) {
        carry += (uint64_t)a.limbs[i] * b.limbs[j] + r.limbs[i + j];
        r.limbs[i + j] = (uint32_t)carry;
        carry >>= 32;
      }
      r.limbs[i + b.limbs.size()] = (uint32_t)carry;
    }
    r.trim();
    return r;
  }
  uint32_t divide(uint32_t by) {  // returns the rest
    uint64_t rest = 0;
    for (size_t i = limbs.size(); i-- > 0;) {
      rest = rest << 32 | limbs[i];
      limbs[i] = (uint32_t)(rest / by);
      rest %= by;
    }
    trim();
    return (uint32_t)rest;
  }
  void print(const char *label) const {
    char digits[160];
    int at = 159;
    digits[at] = 0;
    Big rest = *this;
    do digits[--at] = (char)('0' + rest.divide(10));
    while (!rest.limbs.empty());
    printf("%s %s (%d limbs)\n", label, digits + at, (int)limbs.size());
  }
  uint32_t at(size_t i) const { return i < limbs.size() ? limbs[i] : 0; }
  void trim() {
    while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  }
  std::vector<uint32_t> limbs;
};

int main() noexcept {
  Big factorial(1), a(0), b(1), power(hide(~0u));
  for (unsigned i = 1; i <= 40; i++) {
    factorial = factorial * Big(hide(i));
    a = a + b;
    std::swap(a, b);
    if (i % 13 == 0) factorial.print("factorial");
  }
  for (int i = 0; i < 3; i++) {
    power = power * power;
    (power + Big(hide(1u))).print("power");
  }
  Big carried = power - power + Big(hide(~0u)) + Big(hide(1u));
  carried.print("carried");
  (carried - Big(hide(1u))).print("borrowed");
  (carried * carried - carried).print("borrowed far");
  b.print("fibonacci");
  (Big(hide(0u)) * power).print("zero");
}
