// Tables filled from their neighbours: knapsack in one row, backwards and forwards, edit distance in two
// rows, longest common and increasing subsequences, and ways to change money; each loop order is the point of
// its algorithm.
#include "check.h"

static int knapsack(const int *weights, const int *values, int items, int capacity, int repeat) {
  int best[64] = {0};
  for (int i = 0; i < items; i++) {
    if (repeat) {
      for (int w = weights[i]; w <= capacity; w++)
        if (best[w - weights[i]] + values[i] > best[w]) best[w] = best[w - weights[i]] + values[i];
    } else {
      for (int w = capacity; w >= weights[i]; w--)
        if (best[w - weights[i]] + values[i] > best[w]) best[w] = best[w - weights[i]] + values[i];
    }
  }
  return best[capacity];
}

static int edit_distance(const char *a, const char *b) {
  int rows[2][24], n = (int)strlen(b), current = 0;
  for (int j = 0; j <= n; j++) rows[0][j] = j;
  for (int i = 1; *a; a++, i++) {
    const int *above = rows[current];
    int *row = rows[current ^= 1];
    row[0] = i;
    for (int j = 1; j <= n; j++) {
      int best = above[j - 1] + (*a != b[j - 1]);
      if (above[j] + 1 < best) best = above[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return rows[current][n];
}

static int common_subsequence(const char *a, const char *b, char *out) {
  unsigned char lengths[24][24] = {{0}};
  int n = (int)strlen(a), m = (int)strlen(b);
  for (int i = n - 1; i >= 0; i--)
    for (int j = m - 1; j >= 0; j--)
      lengths[i][j] = a[i] == b[j]                            ? (unsigned char)(lengths[i + 1][j + 1] + 1)
                      : lengths[i + 1][j] > lengths[i][j + 1] ? lengths[i + 1][j]
                                                              : lengths[i][j + 1];
  for (int i = 0, j = 0; i < n && j < m;) {
    if (a[i] == b[j])
      *out++ = a[i], i++, j++;
    else if (lengths[i + 1][j] >= lengths[i][j + 1])
      i++;
    else
      j++;
  }
  *out = '\0';
  return lengths[0][0];
}

static int increasing(const int *v, int n) {
  int tails[16], length = 0;
  for (int i = 0; i < n; i++) {
    int at = 0;
    while (at < length && tails[at] < v[i]) at++;
    tails[at] = v[i];
    if (at == length) length++;
  }
  return length;
}

int main(void) {
  int weights[] = {hide(5), hide(4), hide(6), hide(3)}, values[] = {hide(10), hide(40), hide(30), hide(50)};
  for (int capacity = 0; capacity <= 20; capacity += capacity < 10 ? 1 : 5)
    printf("%d: %d %d\n", capacity, knapsack(weights, values, 4, hide(capacity), hide(0)),
           knapsack(weights, values, 4, hide(capacity), hide(1)));
  expect("ten", knapsack(weights, values, hide(4), hide(10), hide(0)), 90);
  const char *words[] = {"kitten", "sitting", "", "intention", "execution", "flaw", "lawn", "a", "flaw"};
  for (int i = 0; i < 8; i++) {
    char common[24];
    int distance = edit_distance(hide(words[i]), hide(words[i + 1]));
    int length = common_subsequence(hide(words[i]), hide(words[i + 1]), common);
    printf("%d %d %s\n", distance, length, common);
  }
  int v[] = {hide(10), hide(9), hide(2), hide(5), hide(3), hide(7), hide(7), hide(101), hide(18)};
  for (int n = 0; n <= 9; n += 3) report("increasing", increasing(v, hide(n)));
  return 0;
}
