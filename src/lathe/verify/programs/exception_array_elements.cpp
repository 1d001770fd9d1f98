// An element constructor that throws inside new[], a local array and a two-dimensional array: the elements
// built so far die in reverse, the storage goes back. Provokes loop transforms over invokes and array
// cookies.
#include <new>

#include "check.h"

static int built, destroyed, fail_at, order;
static size_t taken, given;

struct Element {
  int id;
  Element() : id(built) {
    if (built == fail_at) throw built * 11;
    built++;
  }
  explicit Element(int base) : Element() { id += base; }
  ~Element() {
    destroyed++;
    order = (int)((unsigned)order * 31u + (unsigned)id + 1u);
  }
  static void *operator new[](size_t size) {
    taken += size;
    if (void *p = malloc(size)) return p;
    throw std::bad_alloc();
  }
  static void operator delete[](void *p, size_t size) {
    given += size;
    free(p);
  }
};

static int on_heap(int count) {
  Element *e = new Element[(size_t)count];
  int sum = 0;
  for (int i = 0; i < count; i++) sum += e[i].id * (i + 1);
  delete[] e;
  return sum;
}

static int rows(int count) {
  using Row = Element[3];
  Row *m = new Row[(size_t)count];
  int sum = 0;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < 3; j++) sum = sum * 2 + m[i][j].id;
  delete[] m;
  return sum;
}

static int on_stack(int) {
  Element e[4] = {Element(100), Element(200)};
  return e[0].id + e[1].id * 2 + e[2].id * 3 + e[3].id * 5;
}

static void run(const char *label, int (*f)(int), int count, int fail) {
  built = destroyed = order = 0;
  taken = given = 0;
  fail_at = fail;
  int value;
  try {
    value = f(count);
  } catch (int code) {
    value = -code;
  }
  printf("%s %d %d: %d built %d destroyed %d order %d bytes %d\n", label, count, fail, value, built,
         destroyed, order, (int)taken);
  if (taken != given || built != destroyed) exit(1);
}

int main() {
  for (int count = 0; count <= 4; count++)
    for (int fail = 0; fail <= count; fail += 2) run("heap", on_heap, hide(count), hide(fail));
  for (int fail = 0; fail <= 6; fail++) run("rows", rows, hide(2), hide(fail));
  for (int fail = 0; fail <= 4; fail++) run("stack", on_stack, 0, hide(fail));
}
