// std::string around the size where it leaves its internal buffer: append, insert, erase, replace, search,
// swap and move at lengths 14 to 17. Provokes small memcpy expansion and tests of the buffer pointer.
#include <new>
#include <string>

#include "check.h"

static long blocks;  // every allocation must be given back
NOINLINE void *operator new(size_t size) {
  if (void *p = malloc(size)) return blocks++, p;
  throw std::bad_alloc();
}
NOINLINE void operator delete(void *p) noexcept { free(p), blocks -= p != nullptr; }
NOINLINE void operator delete(void *p, size_t) noexcept { operator delete(p); }

static void show(const char *label, const std::string &s) {
  printf("%s %d %s|", label, (int)s.size(), s.c_str());
  report_bytes("", s.data(), s.size() + 1);
}

static std::string letters(int n, char from) {
  std::string s;
  for (int i = 0; i < n; i++) s += (char)(from + i % 26);
  return s;
}

static std::string replace_all(std::string s, const std::string &from, const std::string &to) {
  for (size_t at = 0; (at = s.find(from, at)) != std::string::npos; at += to.size())
    s.replace(at, from.size(), to);
  return s;
}

static void run() noexcept {
  for (int n = 14; n <= 17; n++) {
    std::string a = letters(hide(n), 'a'), b = letters(hide(31 - n), 'A');
    show("pushed", a + '!');
    std::string c = a;
    c.insert((size_t)hide(n / 2), b, 1, (size_t)hide(2));
    show("inserted", c);
    c.erase((size_t)hide(1), (size_t)hide(3));
    show("erased", c);
    a.swap(b);
    show("swapped", b.append(a, (size_t)hide(n - 15 > 0 ? n - 15 : 0), 3));
    c = std::move(b);
    c.replace(c.begin(), c.begin() + hide(4), (size_t)hide(n - 12), '*');
    show("replaced", c);
    show("own tail", c.append(c, (size_t)hide(n), std::string::npos));
  }
  std::string text = "the cat sat on the mat at that";
  text[(size_t)hide(0)] = 'T';
  show("all", replace_all(text, "at", "o"));
  show("all", replace_all(text, "t", "tt"));
  report("rfind", (long long)text.rfind("at", (size_t)hide(21)));
  report("first of", (long long)text.find_first_of("xyzm", (size_t)hide(3)));
  report("last not of", (long long)text.find_last_not_of("aht", (size_t)hide(29)));
  report("absent", text.find("dog", (size_t)hide(0)) == std::string::npos);
  const std::string sorted[] = {"", "a", "aa", "ab", "b", std::string("b\0", 2)};
  for (const std::string &x : sorted) {
    int row = 0;
    for (const std::string &y : sorted) row = row * 4 + (x < y) + 2 * (x == y);
    report("compared", row);
  }
  int thrown = 0;
  for (int at = 29; at <= 31; at++) {
    try {
      thrown = thrown * 10 + (int)text.substr((size_t)hide(at), 5).size();
    } catch (...) {
      thrown = thrown * 10 + 9;
    }
  }
  expect("substr", thrown, 109);
}

int main() {
  run();
  expect("blocks", blocks, 0);
}
