// Containers with a stateful allocator on a fixed pool: propagation on copy, move and swap, exhaustion,
// reuse. Provokes elimination of allocation pairs, which must not happen here, since the allocator counts.
#include <new>
#include <vector>

#include "check.h"

struct Pool {
  int id, blocks = 0, freed = 0;
  size_t used = 0, peak = 0;
  alignas(16) unsigned char bytes[1024] = {};
};

template <class T>
struct Alloc {
  using value_type = T;
  using propagate_on_container_copy_assignment = std::false_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  Pool *pool;
  explicit Alloc(Pool *p) : pool(p) {}
  template <class U>
  Alloc(const Alloc<U> &o) : pool(o.pool) {}
  T *allocate(size_t n) {
    size_t size = (n * sizeof(T) + 15) & ~size_t{15};
    if (pool->used + size > sizeof pool->bytes) throw std::bad_alloc();
    void *p = pool->bytes + pool->used;
    pool->used += size;
    if (pool->used > pool->peak) pool->peak = pool->used;
    pool->blocks++;
    return static_cast<T *>(p);
  }
  void deallocate(T *p, size_t n) {  // only the latest block goes back
    size_t size = (n * sizeof(T) + 15) & ~size_t{15};
    if (reinterpret_cast<unsigned char *>(p) + size == pool->bytes + pool->used) pool->used -= size;
    pool->freed++;
  }
  Alloc select_on_container_copy_construction() const { return *this; }
  template <class U>
  bool operator==(const Alloc<U> &o) const {
    return pool == o.pool;
  }
};
using Vec = std::vector<int, Alloc<int>>;

static void show(const char *label, const Pool &p) {
  printf("%s: pool %d blocks %d freed %d used %d peak %d\n", label, p.id, p.blocks, p.freed, (int)p.used,
         (int)p.peak);
}
static int sum(const Vec &v) {
  int s = 0;
  for (int x : v) s = s * 2 + x;
  return s;
}

int main() noexcept {
  Pool one{hide(1)}, two{hide(2)};
  {
    Vec a{Alloc<int>(&one)}, b{Alloc<int>(&two)};
    a.reserve(6);
    for (int i = 0; i < 6; i++) a.push_back(hide(i * i));
    b.assign((size_t)hide(5), 3);
    show("filled", one);
    b = a;  // keeps its own pool
    show("copied", two);
    Vec c(a);
    report("same pool", c.get_allocator() == a.get_allocator());
    c[0] = hide(9);
    b = std::move(c);  // takes the pool along
    report("moved", sum(b) * 10 + (b.get_allocator().pool == &one));
    show("moved", two);
    Vec d{Alloc<int>(&two)};
    d.push_back(hide(7));
    d.swap(a);
    report("swapped", sum(d) * 100 + sum(a) * 10 + a.get_allocator().pool->id);
    int before = two.blocks, failed = 0;
    try {
      a.reserve((size_t)hide(240));
      a.reserve((size_t)hide(250));
    } catch (const std::bad_alloc &) {
      failed = 1;
    }
    report("failed", failed * 10 + two.blocks - before);
    report("intact", sum(a));
    show("full", two);
  }
  show("left", one);
  show("left", two);
  expect("balance", one.blocks + two.blocks - one.freed - two.freed, 0);
}
