/* Permutations in lexical order with repeated letters, ranking and unranking, cycles and parity, Heap's
   algorithm and combinations as bit patterns: loops that run backwards and swap. */
#include "check.h"

static void swap(char *a, char *b) {
  char kept = *a;
  *a = *b;
  *b = kept;
}

static int next_permutation(char *s, int n) {
  int i = n - 2, j = n - 1;
  while (i >= 0 && s[i] >= s[i + 1]) i--;
  if (i < 0) return 0;
  while (s[j] <= s[i]) j--;
  swap(s + i, s + j);
  for (int low = i + 1, high = n - 1; low < high; low++, high--) swap(s + low, s + high);
  return 1;
}

static unsigned rank_of(const char *s, int n) {
  unsigned rank = 0;
  for (int i = 0; i < n; i++) {
    unsigned smaller = 0;
    for (int j = i + 1; j < n; j++) smaller += s[j] < s[i];
    rank = rank * (unsigned)(n - i) + smaller;
  }
  return rank;
}

static void unrank(unsigned rank, char *s, int n) {
  for (int i = n - 1; i >= 0; i--) {
    s[i] = (char)('a' + rank % (unsigned)(n - i));
    rank /= (unsigned)(n - i);
    for (int j = i + 1; j < n; j++) s[j] = (char)(s[j] + (s[j] >= s[i]));
  }
}

static int parity(const char *s, int n) {
  unsigned seen = 0;
  int cycles = 0;
  for (int i = 0; i < n; i++) {
    if (seen >> i & 1) continue;
    cycles++;
    for (int at = i; !(seen >> at & 1); at = s[at] - 'a') seen |= 1u << at;
  }
  return (n - cycles) % 2 * 10 + cycles;
}

static unsigned heap_order(char *s, int n, unsigned hash) {
  if (n <= 1) return hash * 31 + (unsigned char)s[0] * 3u + (unsigned char)s[1];
  for (int i = 0; i < n; i++) {
    hash = heap_order(s, n - 1, hash);
    if (i < n - 1) swap(n % 2 ? s : s + i, s + n - 1);
  }
  return hash;
}

int main(void) {
  const char *words[] = {"a", "ab", "ba", "aab", "abcd", "bbbb", "level", "dcab"};
  for (int w = 0; w < 8; w++) {
    char s[8];
    strcpy(s, hide(words[w]));
    int n = (int)strlen(s), count = 0;
    unsigned hash = 0;
    do {
      for (int i = 0; i < n; i++) hash = hash * 37 + (unsigned char)s[i];
      count++;
    } while (next_permutation(s, n));
    report(words[w], hash * 1000LL + count);
  }
  for (int n = 1; n <= 7; n += 2) {
    char s[8] = "";
    const unsigned last = (const unsigned[]){1, 1, 2, 6, 24, 120, 720, 5040}[n] - 1,
                   ranks[] = {0, last / 2, last};
    for (int i = 0; i < 3; i++) {
      unrank(hide(ranks[i]), s, n);
      expect("rank", rank_of(s, hide(n)), ranks[i]);
      report_bytes("string", s, (size_t)n);
      if (i != 1) report("parity", parity(s, n));
    }
  }
  char s[] = "abcde";
  report("heap", heap_order(s, hide(5), 0));
  return 0;
}
