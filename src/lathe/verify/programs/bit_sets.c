/* Sets of bits in words: insertion, removal, ranges, iteration by lowest bit, union and difference, a sieve
   and a Bloom filter; masks at word boundaries and shifts that must stay below the width. */
#include "check.h"

enum { BITS = 200, WORDS = (BITS + 63) / 64 };

typedef struct {
  uint64_t word[WORDS];
} Set;

static int has(const Set *s, unsigned i) { return s->word[i / 64] >> i % 64 & 1; }
static void add(Set *s, unsigned i) { s->word[i / 64] |= 1ull << i % 64; }
static void drop(Set *s, unsigned i) { s->word[i / 64] &= ~(1ull << i % 64); }

static void add_range(Set *s, unsigned from, unsigned to) {
  if (from >= to) return;
  uint64_t first = ~0ull << from % 64, last = ~0ull >> (63 - (to - 1) % 64);
  if (from / 64 == (to - 1) / 64) {
    s->word[from / 64] |= first & last;
    return;
  }
  s->word[from / 64] |= first;
  for (unsigned w = from / 64 + 1; w < (to - 1) / 64; w++) s->word[w] = ~0ull;
  s->word[(to - 1) / 64] |= last;
}

static int count(const Set *s) {
  int n = 0;
  for (int w = 0; w < WORDS; w++) n += __builtin_popcountll(s->word[w]);
  return n;
}

static int next_from(const Set *s, unsigned from) {
  for (unsigned w = from / 64; w < WORDS; w++) {
    uint64_t left = s->word[w] & (w == from / 64 ? ~0ull << from % 64 : ~0ull);
    if (left) return (int)(w * 64) + __builtin_ctzll(left);
  }
  return -1;
}

static Set combine(Set a, const Set *b, char how) {
  for (int w = 0; w < WORDS; w++)
    a.word[w] = how == '|'   ? a.word[w] | b->word[w]
                : how == '-' ? a.word[w] & ~b->word[w]
                             : a.word[w] ^ b->word[w];
  return a;
}

static int bloom(Set *s, uint32_t key, int insert) {
  int known = 1;
  for (uint32_t i = 0, hash = key * 0x9e3779b1u; i < 3; i++, hash = hash * 31 + 7) {
    known &= has(s, (hash >> 16) % BITS);
    if (insert) add(s, (hash >> 16) % BITS);
  }
  return known;
}

int main(void) {
  Set primes = {{0}}, filter = {{0}};
  add_range(&primes, hide(2u), hide((unsigned)BITS));
  for (unsigned i = 2; i * i < BITS; i++)
    for (unsigned j = i * i; has(&primes, i) && j < BITS; j += i) drop(&primes, j);
  expect("primes", count(&primes), 46);
  int last = 0, gap = 0;
  for (int i = next_from(&primes, 2); i >= 0; i = next_from(&primes, (unsigned)i + 1))
    gap = i - last > gap ? i - last : gap, last = i;
  expect("last and gap", last * 100 + gap, 19914);
  const unsigned ranges[][2] = {{0, 0},  {0, 1},   {63, 64},   {63, 65},   {64, 128},
                                {1, 64}, {5, 190}, {128, 200}, {199, 200}, {9, 8}};
  for (int i = 0; i < 10; i++) {
    Set range = {{0}};
    add_range(&range, hide(ranges[i][0]), hide(ranges[i][1]));
    expect("size", count(&range), ranges[i][1] < ranges[i][0] ? 0 : (int)(ranges[i][1] - ranges[i][0]));
    report("first", next_from(&range, hide(64u)) * 1000 + next_from(&range, 0));
    Set both = combine(range, &primes, '|'), rest = combine(primes, &range, '-'),
        odd = combine(range, &primes, '^');
    report_bytes("odd", &odd, sizeof odd);
    report("counts", count(&both) * 1000 + count(&rest));
  }
  int before = 0, again = 0;
  for (uint32_t key = 0; key < 30; key++)
    before += bloom(&filter, hide(key * key), 1), again += bloom(&filter, key * key, 0);
  for (uint32_t key = 0; key < 100; key++) before = before * 3 % 10007 + bloom(&filter, hide(key), 0);
  report("bloom", before * 100 + again);
  return 0;
}
