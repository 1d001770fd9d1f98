// Unions with non-trivial members, anonymous unions, bit_cast between types of equal size and a packed tagged
// value. Provokes type punning through SROA, integer/float bitcasts and tag tests folded into masks.
#include <bit>
#include <new>

#include "check.h"

static int live;

struct Name {
  char *text;
  explicit Name(const char *s) : text(strdup(s)) { live++; }
  Name(const Name &o) : Name(o.text) {}
  ~Name() {
    free(text);
    live--;
  }
};

class Value {
 public:
  Value() : tag_(Tag::None), none_(0) {}
  Value(long v) : tag_(Tag::Long), long_(v) {}
  Value(double v) : tag_(Tag::Double), double_(v) {}
  Value(const char *s) : tag_(Tag::Name), name_(s) {}
  Value(const Value &o) : tag_(Tag::None), none_(0) { take(o); }
  Value &operator=(const Value &o) {
    if (this != &o) drop(), take(o);
    return *this;
  }
  ~Value() { drop(); }
  long key() const {
    if (tag_ == Tag::None) return -1;
    if (tag_ == Tag::Long) return long_ * 4 + 1;
    if (tag_ == Tag::Double) return (long)(double_ * 8) + 2;
    return (long)strlen(name_.text) * 100 + name_.text[0];
  }

 private:
  enum class Tag : unsigned char { None, Long, Double, Name } tag_;
  union {
    char none_;
    long long_;
    double double_;
    Name name_;
  };
  void drop() {
    if (tag_ == Tag::Name) name_.~Name();
    tag_ = Tag::None;
  }
  void take(const Value &o) {
    tag_ = o.tag_;
    if (tag_ == Tag::Name)
      new (&name_) Name(o.name_);
    else if (tag_ == Tag::Long)
      long_ = o.long_;
    else if (tag_ == Tag::Double)
      double_ = o.double_;
  }
};

int main() noexcept {
  {
    Value values[] = {hide(7L), hide(2.5), "union", Value(), hide(-3L), "of names"};
    unsigned state = hide(9u);
    for (int round = 0; round < 30; round++) {
      state = state * 1664525u + 1013904223u;
      values[state >> 16 & 3] = values[(state >> 20) % 6];
      if (round % 3) continue;
      long sum = live;
      for (const Value &v : values) sum = sum * 7 + v.key();
      report("keys", sum);
    }
  }
  expect("live", live, 0);
  static const float floats[] = {0.f, -0.f, 1.f, -2.5f, 1e-40f};
  for (float f : floats) {
    unsigned bits = std::bit_cast<unsigned>(hide(f));
    int ordered = std::bit_cast<int>(bits ^ (bits >> 31 ? 0x7fffffffu : 0u));
    report("ordered", ordered);
  }
  double d = hide(1.0);
  for (int i = 0; i < 3; i++)
    d = std::bit_cast<double>(std::bit_cast<uint64_t>(d) + (uint64_t)hide(1 - i * 2));
  report_double("neighbour", d);
}
