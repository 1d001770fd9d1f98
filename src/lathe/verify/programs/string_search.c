/* Four ways to find a pattern (plain, Knuth-Morris-Pratt, Horspool, rolling hash) that must agree, and edit
   distance and longest common subsequence by rows. */
#include "check.h"

static int plain(const char *text, int n, const char *pattern, int m) {
  for (int at = 0; at + m <= n; at++) {
    int i = 0;
    while (i < m && text[at + i] == pattern[i]) i++;
    if (i == m) return at;
  }
  return -1;
}

static int knuth(const char *text, int n, const char *pattern, int m) {
  int back[32] = {0}, have = 0;
  if (m == 0) return 0;
  for (int i = 1; i < m; i++) {
    while (have && pattern[i] != pattern[have]) have = back[have - 1];
    if (pattern[i] == pattern[have]) have++;
    back[i] = have;
  }
  have = 0;
  for (int i = 0; i < n; i++) {
    while (have && text[i] != pattern[have]) have = back[have - 1];
    if (text[i] == pattern[have] && ++have == m) return i - m + 1;
  }
  return -1;
}

static int horspool(const char *text, int n, const char *pattern, int m) {
  int skip[128];
  for (int i = 0; i < 128; i++) skip[i] = m;
  for (int i = 0; i + 1 < m; i++) skip[pattern[i] & 127] = m - 1 - i;
  for (int at = 0; at + m <= n; at += m ? skip[text[at + m - 1] & 127] : 1) {
    int i = m;
    while (i > 0 && text[at + i - 1] == pattern[i - 1]) i--;
    if (i == 0) return at;
  }
  return -1;
}

static int rolling(const char *text, int n, const char *pattern, int m) {
  uint32_t wanted = 0, hash = 0, top = 1;
  if (m > n) return -1;
  for (int i = 0; i < m; i++)
    wanted = wanted * 257 + (uint32_t)pattern[i], hash = hash * 257 + (uint32_t)text[i], top *= 257;
  for (int at = 0;; at++) {
    if (hash == wanted && memcmp(text + at, pattern, (size_t)m) == 0) return at;
    if (at + m >= n) return -1;
    hash = hash * 257 + (uint32_t)text[at + m] - top * (uint32_t)text[at];
  }
}

static int edit_distance(const char *a, const char *b) {
  int row[32], n = (int)strlen(b);
  for (int j = 0; j <= n; j++) row[j] = j;
  for (int i = 1; *a; i++, a++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= n; j++) {
      int best = diagonal + (*a != b[j - 1]);
      diagonal = row[j];
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[n];
}

int main(void) {
  const char *text = hide((const char *)"abababcabababdabcabdababa");
  const char *patterns[] = {"",      "a",   "d",      "ababd", "abababd", "cab", "babc",
                            "ababa", "abd", "ababab", "z",     "bdab",    "aba!"};
  int n = (int)strlen(text);
  for (int i = 0; i < 13; i++) {
    const char *pattern = hide(patterns[i]);
    int m = (int)strlen(pattern), at = plain(text, n, pattern, m);
    report("at", at);
    expect("knuth", knuth(text, n, pattern, m), at);
    expect("horspool", horspool(text, hide(n), pattern, m) * 100 + rolling(text, n, pattern, m), at * 101);
  }
  report("shorter", plain(text, hide(4), "ababa", 5) + rolling(text, hide(4), "ababa", 5) +
                        horspool(text, 5, "ababa", hide(5)));
  expect("last", rolling(text, n, text + n - hide(3), 3) + knuth(text + 13, n - 13, "daba", 4) * 100, 600);
  const char *words[] = {"kitten", "sitting", "", "flaw", "lawn", "lawns"};
  for (int i = 0; i < 6; i++) report("distance", edit_distance(hide(words[i]), words[(i + 1) % 6]));
  expect("kitten", edit_distance(hide(words[0]), words[1]), 3);
  return 0;
}
