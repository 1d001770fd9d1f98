// Searches: first and last match, sentinels, two pointers, a substring, a majority and a saddle; loops with
// two exits whose results differ only by the place where they were left.
#include "check.h"

static int first_of(const uint8_t *v, int n, uint8_t wanted) {
  for (int i = 0; i < n; i++)
    if (v[i] == wanted) return i;
  return -1;
}

static int last_of(const uint8_t *v, int n, uint8_t wanted) {
  while (n-- > 0 && v[n] != wanted) continue;
  return n;
}

static int with_sentinel(uint8_t *v, int n, uint8_t wanted) {
  uint8_t saved = v[n];
  int i = 0;
  v[n] = wanted;
  while (v[i] != wanted) i++;
  v[n] = saved;
  return i;
}

static int pair_with_sum(const uint8_t *sorted, int n, int sum) {
  int low = 0, high = n - 1;
  while (low < high) {
    int here = sorted[low] + sorted[high];
    if (here == sum) return low * 100 + high;
    if (here < sum)
      low++;
    else
      high--;
  }
  return -1;
}

static const char *substring(const char *text, const char *pattern) {
  for (;; text++) {
    const char *t = text, *p = pattern;
    while (*p && *t == *p) t++, p++;
    if (!*p) return text;
    if (!*t) return NULL;
  }
}

static int majority(const uint8_t *v, int n) {
  int candidate = -1, votes = 0, count = 0;
  for (int i = 0; i < n; i++) {
    if (votes == 0) candidate = v[i];
    votes += v[i] == candidate ? 1 : -1;
  }
  for (int i = 0; i < n; i++) count += v[i] == candidate;
  return 2 * count > n ? candidate : -1;
}

int main(void) {
  uint8_t v[17] = {4, 9, 4, 0, 7, 255, 7, 7, 1, 128, 7, 3, 7, 7, 4, 7, 0};
  for (int i = 0; i < 17; i++) v[i] = hide(v[i]);
  const uint8_t wanted[] = {4, 9, 0, 255, 7, 128, 3, 5, 127};
  for (int n = -1; n <= 16; n += n < 2 ? 1 : 7) {
    int firsts = 0, lasts = 0, sentinels = 0;
    for (int i = 0; i < 9; i++) {
      firsts = firsts * 5 + first_of(v, hide(n), hide(wanted[i]));
      lasts = lasts * 5 + last_of(v, hide(n), hide(wanted[i]));
      sentinels = sentinels * 5 + with_sentinel(v, n < 0 ? 0 : hide(n), hide(wanted[i]));
    }
    printf("%d: %d %d %d\n", n, firsts, lasts, sentinels);
  }
  uint8_t sorted[8] = {hide((uint8_t)1),  hide((uint8_t)3), 4, 8, hide((uint8_t)13), 20, 21,
                       hide((uint8_t)250)};
  const int sums[] = {4, 251, 24, 25, 271, 272, 26, 2};
  for (int i = 0; i < 8; i++) report("pair", pair_with_sum(sorted, hide(i < 7 ? 8 : 1), hide(sums[i])));
  const char *text = hide((const char *)"abaababaabaab");
  const char *patterns[] = {
      "", "a", "bb", "babaa", "aabaab", "aabaaba", "b", "abaababaabaab", "abaababaabaabc"};
  for (int i = 0; i < 9; i++) {
    const char *at = substring(text, hide(patterns[i]));
    report("substring", at ? at - text : -1);
  }
  const int runs[][2] = {{0, 16}, {4, 12}, {4, 4}, {4, 1}, {3, 4}, {0, 0}, {0, -1}, {6, 2}, {6, 3}};
  for (int i = 0; i < 9; i++) report("majority", majority(v + runs[i][0], hide(runs[i][1])));
  return 0;
}
