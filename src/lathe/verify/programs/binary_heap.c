/* A binary heap as a priority queue, with ties broken by age, and heapsort: index arithmetic with halves and
   doubles. */
#include "check.h"

typedef struct {
  int16_t priority;
  uint16_t age;
} Item;

typedef struct {
  Item item[33];
  int size;
} Heap;

static int before(Item a, Item b) {
  return a.priority != b.priority ? a.priority > b.priority : a.age < b.age;
}

static int push(Heap *heap, Item item) {
  if (heap->size == 33) return 0;
  int at = heap->size++;
  for (; at > 0 && before(item, heap->item[(at - 1) / 2]); at = (at - 1) / 2)
    heap->item[at] = heap->item[(at - 1) / 2];
  heap->item[at] = item;
  return 1;
}

static int pop(Heap *heap, Item *out) {
  if (heap->size == 0) return 0;
  *out = heap->item[0];
  Item last = heap->item[--heap->size];
  int at = 0, child;
  while ((child = 2 * at + 1) < heap->size) {
    if (child + 1 < heap->size && before(heap->item[child + 1], heap->item[child])) child++;
    if (!before(heap->item[child], last)) break;
    heap->item[at] = heap->item[child];
    at = child;
  }
  heap->item[at] = last;
  return 1;
}

static void sift(int *a, int at, int n) {
  for (int child; (child = 2 * at + 1) < n; at = child) {
    if (child + 1 < n && a[child] < a[child + 1]) child++;
    if (a[at] >= a[child]) return;
    int kept = a[at];
    a[at] = a[child];
    a[child] = kept;
  }
}

static void heapsort_ints(int *a, int n) {
  for (int i = n / 2 - 1; i >= 0; i--) sift(a, i, n);
  while (n > 1) {
    int kept = a[0];
    a[0] = a[--n];
    a[n] = kept;
    sift(a, 0, n);
  }
}

int main(void) {
  Heap heap = {.size = 0};
  Item item = {0, 0};
  uint32_t seed = hide(3u), hash = 0;
  uint16_t age = 0;
  for (int round = 0; round < 12; round++) {
    for (int i = 0; i < 9; i++) {
      seed = seed * 22695477 + 1;
      hash = hash * 3 + (uint32_t)push(&heap, (Item){(int16_t)((int)(seed >> 27) - 16), age++});
    }
    for (int i = 0; i < 3 + round; i++)
      if (pop(&heap, &item)) hash = hash * 65599 + (uint32_t)(item.priority * 131 + item.age);
    report("size", heap.size);
    report("popped", hash);
  }
  while (pop(&heap, &item)) hash = hash * 65599 + (uint32_t)(item.priority * 131 + item.age);
  report("drained", hash * 10LL + pop(&heap, &item));
  for (int n = 0; n <= 20; n += n < 4 ? 1 : 4) {
    int values[20];
    for (int i = 0; i < n; i++) values[i] = (int)(seed = seed * 22695477 + 1) / (n == 8 ? 1 << 29 : 1);
    heapsort_ints(values, hide(n));
    report_bytes("heapsort", values, (size_t)n * sizeof *values);
  }
  return 0;
}
