/* Three-way quicksort, bottom-up merge sort, shell sort and radix sort of the same input: indices that cross,
   stable orders and histograms. */
#include "check.h"

enum { N = 70 };

typedef struct {
  int16_t key;
  uint16_t order;
} Item;

static void swap(Item *a, Item *b) {
  Item kept = *a;
  *a = *b;
  *b = kept;
}

static void quick(Item *v, int n) {
  while (n > 1) {
    int16_t pivot = v[n / 2].key;
    int low = 0, at = 0, high = n;
    while (at < high) {
      if (v[at].key < pivot)
        swap(&v[low++], &v[at++]);
      else if (v[at].key > pivot)
        swap(&v[at], &v[--high]);
      else
        at++;
    }
    quick(v, low);
    v += high;
    n -= high;
  }
}

static void merge(Item *v, int n) {
  Item other[N], *from = v, *to = other;
  for (int width = 1; width < n; width *= 2) {
    for (int start = 0; start < n; start += 2 * width) {
      int i = start, middle = start + width < n ? start + width : n, j = middle;
      int end = middle + width < n ? middle + width : n;
      for (int k = start; k < end; k++)
        to[k] = i < middle && (j == end || from[i].key <= from[j].key) ? from[i++] : from[j++];
    }
    from = to;
    to = from == v ? other : v;
  }
  if (from != v) memcpy(v, from, (size_t)n * sizeof *v);
}

static void shell(Item *v, int n) {
  for (int gap = n / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11)
    for (int i = gap; i < n; i++)
      for (int j = i; j >= gap && v[j - gap].key > v[j].key; j -= gap) swap(&v[j], &v[j - gap]);
}

static void radix(Item *v, int n) {
  Item other[N];
  for (int shift = 0; shift < 16; shift += 4) {
    int start[17] = {0};
    for (int i = 0; i < n; i++) start[(((uint16_t)v[i].key ^ 0x8000) >> shift & 15) + 1]++;
    for (int i = 0; i < 16; i++) start[i + 1] += start[i];
    for (int i = 0; i < n; i++) other[start[((uint16_t)v[i].key ^ 0x8000) >> shift & 15]++] = v[i];
    memcpy(v, other, (size_t)n * sizeof *v);
  }
}

int main(void) {
  void (*const sorts[])(Item *, int) = {quick, merge, shell, radix};
  uint32_t seed = hide(1u);
  const int sizes[] = {0, 1, 2, 3, 16, 33, N}, ranges[] = {65536, 3, 40};
  for (int s = 0; s < 7; s++)
    for (int r = 0; r < 3; r++) {
      Item in[N], v[N];
      for (int i = 0; i < sizes[s]; i++) {
        seed = seed * 22695477 + 1;
        in[i] = (Item){(int16_t)((int)(seed >> 16) % ranges[r] - ranges[r] / 2), (uint16_t)i};
      }
      uint32_t hash = 0, stable = 0;
      for (int k = 0; k < 4; k++) {
        memcpy(v, in, (size_t)sizes[s] * sizeof *v);
        sorts[k](v, hide(sizes[s]));
        for (int i = 0; i < sizes[s]; i++)
          hash = hash * 31 + (uint16_t)v[i].key, stable = stable * 37 + v[i].order;
      }
      report("keys", hash);
      report("orders", stable);
    }
  return 0;
}
