// Covariant returns through a non-primary base (the result must be adjusted too) and pure virtual functions
// that have a body. Provokes devirtualisation through thunks with return adjustment.
#include "check.h"

namespace {
int live;

struct Printable {
  int style = 6;
  virtual ~Printable() = default;
  virtual int print() const = 0;
};
int Printable::print() const { return style * 2; }  // a default, to be asked for by name

struct Figure {
  int serial = ++live;
  virtual ~Figure() { live--; }
  virtual Figure *clone() const = 0;
  virtual Figure &grow(int n) = 0;
  virtual int size() const = 0;
};
Figure &Figure::grow(int n) {
  serial += n;
  return *this;
}

struct Dot : Figure {
  int r;
  explicit Dot(int v) : r(v) {}
  Dot(const Dot &o) : Figure(), r(o.r + 1) {}
  Dot *clone() const override { return new Dot(*this); }
  Dot &grow(int n) override {
    Figure::grow(n);
    r += n > 2 ? 2 : n;
    return *this;
  }
  int size() const override { return r; }
};
struct Text : Printable, Figure {  // Figure is not at offset zero
  char letters[12];
  explicit Text(const char *s) { strncpy(letters, s, 11)[11] = 0; }
  Text(const Text &o) : Printable(o), Figure() {
    for (int i = 0; i < 12; i++) letters[i] = o.letters[i];
    letters[0]++;
  }
  Text *clone() const override { return new Text(*this); }
  Text &grow(int n) override {
    if (n >= 3) Figure::grow(-n);
    letters[n & 3] = (char)('A' + n);
    return *this;
  }
  int size() const override { return (int)strlen(letters); }
  int print() const override { return Printable::print() + letters[0]; }
};

int generations(const Figure &f, int n) {
  int sum = 0;
  Figure *current = f.clone();
  for (int i = 1; i < n; i++) {
    Figure *next = current->grow(i).clone();
    sum = sum * 5 + current->size() + next->serial % 4;
    delete current;
    current = next;
  }
  sum += current->size();
  delete current;
  return sum;
}
}  // namespace

int main() noexcept {
  Dot dot(hide(3));
  Text text("covariant");
  for (int n = 1; n <= 5; n++) {
    report("dot", generations(dot, hide(n)));
    report("text", generations(text, hide(n)));
  }
  Text *copy = text.clone();  // no cast needed: the static type is Text
  report("print", copy->print() * 1000 + text.grow(hide(2)).grow(hide(0)).print());
  const Figure &base = *copy;
  Figure *again = base.clone();
  report("cross", dynamic_cast<Printable *>(again)->print());
  printf("%s %s %s\n", text.letters, copy->letters, static_cast<Text *>(again)->letters);
  report("serial", text.grow(hide(3)).grow(hide(2)).serial);
  delete again;
  delete copy;
  expect("live", live, 2);
}
