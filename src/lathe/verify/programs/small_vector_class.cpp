// A vector which keeps up to four elements in itself: spill to the heap, copy, move and swap in all
// combinations of inline and spilled. Provokes PHIs of inline and heap pointers, and memcpy formation.
#include <new>
#include <utility>

#include "check.h"

static int live;

struct Cell {
  short value;
  Cell *self;  // must always be its own address
  explicit Cell(int v) : value((short)v), self(this) { live++; }
  Cell(const Cell &o) : value(o.value), self(this) { live++; }
  Cell &operator=(const Cell &o) { return value = o.value, *this; }
  ~Cell() { live -= self == this; }
};

class Small {
 public:
  Small() = default;
  Small(const Small &o) {
    for (const Cell &c : o) push(c.value);
  }
  Small &operator=(Small o) {
    swap(o);
    return *this;
  }
  ~Small() {
    clear();
    if (data_ != inside()) operator delete(data_);
  }
  void push(int v) {
    if (size_ == room_) grow(room_ * 2);
    new (data_ + size_++) Cell(v);
  }
  void clear() {
    while (size_ > 0) data_[--size_].~Cell();
  }
  void swap(Small &o) {
    if (data_ != inside() && o.data_ != o.inside()) {
      std::swap(data_, o.data_), std::swap(size_, o.size_), std::swap(room_, o.room_);
      return;
    }
    Small &less = size_ <= o.size_ ? *this : o, &more = size_ <= o.size_ ? o : *this;
    int common = less.size_, total = more.size_;
    for (int i = 0; i < common; i++) std::swap(less.data_[i], more.data_[i]);
    for (int i = common; i < total; i++) less.push(more.data_[i].value);
    while (more.size_ > common) more.data_[--more.size_].~Cell();
  }
  const Cell *begin() const { return data_; }
  const Cell *end() const { return data_ + size_; }

 private:
  Cell *inside() { return reinterpret_cast<Cell *>(bytes_); }
  void grow(int room) {
    Cell *to = static_cast<Cell *>(operator new(sizeof(Cell) * (size_t)room));
    for (int i = 0; i < size_; i++) new (to + i) Cell(data_[i]), data_[i].~Cell();
    if (data_ != inside()) operator delete(data_);
    data_ = to, room_ = room;
  }
  alignas(Cell) unsigned char bytes_[4 * sizeof(Cell)];
  Cell *data_ = inside();
  int size_ = 0, room_ = 4;
};

static void show(const char *label, const Small &s) {
  long sum = 0;
  for (const Cell &c : s) sum = sum * 7 + c.value * (c.self == &c ? 1 : 1000);
  printf("%s: %d elements, sum %ld, live %d\n", label, (int)(s.end() - s.begin()), sum, live);
}

int main() noexcept {
  for (int n = 0; n <= 9; n += 1 + (n == 0 || n == 5) * 2) {
    Small a, b;
    for (int i = 0; i < n; i++) a.push(hide(i + 1));
    for (int i = n; i < 9; i++) b.push(hide(i));
    show("a", a);
    a.swap(b);
    show("swapped", a);
    b = b.begin() == b.end() ? a : b;
    show("assigned", b);
    a.clear();
    a = std::move(b);
    a.push(hide(n));
    show("pushed", a);
  }
  expect("live", live, 0);
}
