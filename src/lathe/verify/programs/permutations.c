// Permutations: Heap's algorithm, lexicographic successors, ranks and unranks, cycles and inversions, each
// checked against the others.
#include "check.h"

static void swap(unsigned char *a, unsigned char *b) {
  unsigned char held = *a;
  *a = *b;
  *b = held;
}

static void heap(unsigned char *v, int k, uint32_t *trace, int *count) {
  if (k == 1) {
    ++*count;
    for (int i = 0; i < 5; i++) *trace = *trace * 7 + v[i];
    return;
  }
  for (int i = 0; i < k; i++) {
    heap(v, k - 1, trace, count);
    if (i < k - 1) swap(&v[k % 2 ? 0 : i], &v[k - 1]);
  }
}

static int successor(unsigned char *v, int n) {
  int i = n - 1, j = n - 1;
  while (i > 0 && v[i - 1] >= v[i]) i--;
  if (i > 0) {
    while (v[j] <= v[i - 1]) j--;
    swap(&v[i - 1], &v[j]);
  }
  for (int low = i, high = n - 1; low < high; low++, high--) swap(&v[low], &v[high]);
  return i > 0;
}

static int rank(const unsigned char *v, int n) {
  int result = 0;
  for (int i = 0; i < n; i++) {
    int smaller = 0;
    for (int j = i + 1; j < n; j++) smaller += v[j] < v[i];
    result = result * (n - i) + smaller;
  }
  return result;
}

static void unrank(unsigned char *v, int n, int number) {
  for (int i = n - 1; i >= 0; i--) {
    v[i] = (unsigned char)(number % (n - i));
    number /= n - i;
    for (int j = i + 1; j < n; j++) v[j] = (unsigned char)(v[j] + (v[j] >= v[i]));
  }
}

static int cycles(const unsigned char *v, int n) {
  unsigned seen = 0;
  int count = 0;
  for (int i = 0; i < n; i++) {
    if (seen >> i & 1) continue;
    count++;
    for (int j = i; !(seen >> j & 1); j = v[j]) seen |= 1u << j;
  }
  return count;
}

int main(void) {
  unsigned char v[6] = {0, 1, 2, 3, 4, 5};
  uint32_t trace = 1;
  int count = 0;
  heap(v, hide(5), &trace, &count);
  expect("by Heap", count, 120);
  report("trace", trace);
  unrank(v, hide(6), hide(0));
  int total = 0, by_cycles[7] = {0};
  do {
    unsigned char again[6];
    unrank(again, 6, hide(total));
    int place = rank(v, 6), same = memcmp(v, again, 6) == 0;
    if (place != total || !same) expect("rank", place, total + !same);
    by_cycles[cycles(v, 6)]++;
    total++;
  } while (successor(v, hide(6)));
  expect("all", total, 720);
  expect("around", rank(v, 6), 0);
  for (int i = 0; i <= 6; i++) report("by cycles", by_cycles[i]);  // Stirling's numbers
  unsigned char repeated[5] = {hide((unsigned char)1), 1, 2, hide((unsigned char)2), 2};
  for (count = 1; successor(repeated, 5); count++) trace = trace * 3 + repeated[count % 5];
  expect("with repetitions", count, 10);
  report("trace", trace);
  expect("of one", successor(repeated, hide(1)), 0);
  return 0;
}
