// A home-made value type with a constant table of operations per type, small values in a buffer and large
// ones on the heap. Provokes devirtualisation of constant tables and inlining through function pointers.
#include <new>

#include "check.h"

static int live;

template <int N>
struct Load {
  int v[N];
  explicit Load(int x) {
    live++;
    for (int i = 0; i < N; i++) v[i] = x + i * i;
  }
  Load(const Load &o) {
    live++;
    for (int i = 0; i < N; i++) v[i] = o.v[i] + 1;
  }
  ~Load() { live--; }
  int area() const {
    int s = 0;
    for (int x : v) s = s * 3 + x;
    return s;
  }
};
struct Unit {
  int area() const { return 1; }
};

class Erased {
  struct Table {
    void (*copy)(const Erased &, Erased &);
    void (*drop)(Erased &);
    int (*area)(const Erased &);
  };
  template <class T>
  struct Ops {
    static constexpr bool fits = sizeof(T) <= 16;
    static const T *get(const Erased &e) { return static_cast<const T *>(fits ? e.buffer_ : e.heap_); }
    static void copy(const Erased &from, Erased &to) { to.store(*get(from)); }
    static void drop(Erased &e) {
      if constexpr (fits)
        get(e)->~T();
      else
        delete get(e);
    }
    static int area(const Erased &e) { return get(e)->area() + (fits ? 0 : 1000); }
    static constexpr Table table{copy, drop, area};
  };
  template <class T>
  void store(const T &t) {
    if constexpr (Ops<T>::fits)
      new (buffer_) T(t);
    else
      heap_ = new T(t);
    table_ = &Ops<T>::table;
  }
  alignas(8) unsigned char buffer_[16];
  void *heap_ = nullptr;
  const Table *table_ = nullptr;

 public:
  template <class T>
  explicit Erased(const T &t) {
    store(t);
  }
  Erased(const Erased &o) { o.table_->copy(o, *this); }
  Erased &operator=(const Erased &o) {
    if (this == &o) return *this;
    table_->drop(*this);
    o.table_->copy(o, *this);
    return *this;
  }
  ~Erased() { table_->drop(*this); }
  int area() const { return table_->area(*this); }
};

int main() noexcept {
  {
    Erased shapes[] = {Erased(Load<4>(hide(2))), Erased(Unit()), Erased(Load<5>(hide(3))),
                       Erased(Load<1>(hide(4)))};
    for (int round = 0; round < 3; round++) {
      for (const Erased &e : shapes) report("area", e.area());
      shapes[hide(round)] = shapes[hide(round + 1)];
      shapes[3] = shapes[hide(3 - (round & 1))];
    }
  }
  expect("live", live, 0);
}
