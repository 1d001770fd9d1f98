// Sorting and partitioning of records with equal keys: a stable merge sort and a stable partition by rotation
// against std::sort; nth_element, heaps, set operations. Provokes inlined comparators, select and memmove
// formation.
#include <algorithm>

#include "check.h"

struct Record {
  unsigned char key, tag;
};
static unsigned state;
static void fill(Record *r, int n, unsigned keys) {
  for (int i = 0; i < n; i++) {
    state = state * 1664525u + 1013904223u;
    r[i] = {(unsigned char)((state >> 20) % keys), (unsigned char)i};
  }
}
static bool by_key(const Record &a, const Record &b) { return a.key < b.key; }
static bool by_both(const Record &a, const Record &b) {
  return a.key != b.key ? a.key < b.key : a.tag < b.tag;
}

static void merge_sort(Record *r, int n, Record *scratch) {
  if (n < 2) return;
  merge_sort(r, n / 2, scratch);
  merge_sort(r + n / 2, n - n / 2, scratch);
  std::merge(r, r + n / 2, r + n / 2, r + n, scratch, by_key);
  std::copy(scratch, scratch + n, r);
}
static Record *divide(Record *from, Record *to) {  // multiples of three first
  if (to - from < 2) return from != to && from->tag % 3 == 0 ? to : from;
  Record *middle = from + (to - from) / 2, *right = divide(middle, to);
  return std::rotate(divide(from, middle), middle, right);
}

int main() noexcept {
  state = hide(2024u);
  for (int n : {0, 1, 2, 15, 16, 17, 60}) {
    Record r[60], s[60], scratch[60];
    fill(r, hide(n), 9);
    std::copy(r, r + n, s);
    merge_sort(r, n, scratch);
    std::sort(s, s + n, by_both);
    report("agree", std::equal(r, r + n, s, [](auto a, auto b) { return a.key == b.key && a.tag == b.tag; }));
    report_bytes("sorted", r, (size_t)n * sizeof *r);
    Record *low = std::lower_bound(r, r + n, Record{4, 0}, by_key);
    Record *high = std::upper_bound(r, r + n, Record{4, 0}, by_key);
    printf("fours from %d to %d\n", (int)(low - r), (int)(high - r));
    Record *middle = divide(r, r + n);
    std::rotate(r, middle, r + n);
    std::reverse(r + n / 3, r + n / 2);
    report_bytes("rotated", r, (size_t)n * sizeof *r);
  }
  Record r[40];
  int values[40], merged[60], count = 0;
  fill(r, 40, 25);
  for (const Record &x : r) values[count++] = x.key;
  std::nth_element(values, values + hide(13), values + 40);
  int pivot = values[13];
  report("nth", pivot);
  report("below", std::count_if(values, values + 13, [=](int x) { return x > pivot; }));
  report("above", std::count_if(values + 14, values + 40, [=](int x) { return x < pivot; }));
  std::make_heap(values, values + 40);
  int popped = 0;
  for (int i = 40; i > 30; i--) {
    std::pop_heap(values, values + i);
    popped = popped * 3 + values[i - 1];
  }
  report("popped", popped);
  std::sort_heap(values, values + 30);
  int *last = std::unique(values, values + 40);
  report("unique", last - values);
  int odd[] = {1, 3, 5, 5, 9, hide(11)}, few[] = {3, 5, 8, hide(9)};
  int *end = std::set_difference(odd, odd + 6, few, few + 4, merged);
  end = std::set_intersection(odd, odd + 6, few, few + 4, end);
  end = std::set_union(odd, odd + 6, few, few + 4, end);
  report_bytes("sets", merged, (size_t)(end - merged) * sizeof *merged);
  report("includes",
         std::includes(odd, odd + 6, few, few + 2) * 2 + std::includes(odd, odd + 6, few, few + 3));
}
