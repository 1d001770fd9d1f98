// Hash containers with own hash and equality, rehashing, erasure while iterating, multi-maps; everything is
// sorted before it is reported. Provokes inlining of bucket walks and modulo strength reduction.
#include <algorithm>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

struct Fold {  // case does not matter
  static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
  size_t operator()(const std::string &s) const {
    size_t h = 5381;
    for (char c : s) h = (h * 33) ^ (unsigned char)lower(c);
    return h % 11;  // many collisions
  }
  bool operator()(const std::string &a, const std::string &b) const {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
  }
};
using Counts = std::unordered_map<std::string, int, Fold, Fold>;

static void show(const char *label, const Counts &counts) {
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto &[word, n] : counts) {
    sorted.emplace_back(-n, word);
    for (char &c : sorted.back().second) c = Fold::lower(c);
  }
  std::sort(sorted.begin(), sorted.end());
  for (const auto &[n, word] : sorted) printf("%s:%d ", word.c_str(), -n);
  puts(label);
}

static void run() noexcept {
  static const char text[] = "the Cat and THE dog and a cat @ZONE [zone` Zone zones AND zo zone";
  Counts counts;
  std::string word;
  for (size_t i = 0; i < sizeof text; i++) {
    char c = hide(text[i]);
    if (c != ' ' && c != 0)
      word += c;
    else if (!word.empty())
      counts[word]++, word.clear();
  }
  show("words", counts);
  for (const char *s : {"CAT", "ca", "ZONES", "none", "tHe"}) {
    auto at = counts.find(s);
    report(s, at == counts.end() ? -1 : at->second);
  }
  Counts copy = counts;
  for (auto at = copy.begin(); at != copy.end();) at = at->second >= hide(2) ? copy.erase(at) : std::next(at);
  show("rare", copy);
  report("erased", (long long)(counts.erase("AND") * 10 + counts.erase("and")));
  copy.merge(counts);
  show("merged", copy);
  show("left", counts);
  std::unordered_multimap<int, int> factors;
  for (int n = hide(2); n <= 40; n++)
    for (int p = 2, rest = n; rest > 1; p++)
      for (; rest % p == 0; rest /= p) factors.emplace(p, n);
  factors.rehash(3);
  for (int p : {2, 3, 4, 19, 37, 41}) {
    auto [from, to] = factors.equal_range(hide(p));
    long sum = (long)factors.count(p) * 100000;
    for (auto it = from; it != to; ++it) sum += it->second * it->second;
    report("multiples", sum);
  }
  std::unordered_map<int, std::vector<int>> groups;
  for (int i = 0; i < 300; i++) groups[(hide(i) * 7919) % 101].push_back(i);
  long weighted = 0;
  for (int key = 0; key < 101; key++)
    if (auto at = groups.find(key); at != groups.end())
      weighted += (long)key * at->second.back() + at->second[0];
  report("groups", weighted * 1000 + (long long)groups.size());
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
