// Dispatch on strings: by length and first character, by a hash with a switch over its values, by strcmp and
// memcmp chains, which the optimiser turns into integer compares and merges.
#include "check.h"

static int by_first_letter(const char *word) {
  switch (word[0]) {
    case 'b':
      return word[1] == 'r' && strcmp(word, "break") == 0 ? 1 : 0;
    case 'c':
      if (word[1] == 'a') return strcmp(word + 2, "se") == 0 ? 2 : 0;
      if (word[1] == 'o') return strcmp(word, "continue") == 0 ? 3 : strcmp(word, "const") == 0 ? 4 : 0;
      return 0;
    case 'd':
      return strcmp(word, "do") == 0 ? 5 : strcmp(word, "default") == 0 ? 6 : 0;
    case 'i':
      return word[1] == 'f' && word[2] == '\0' ? 7 : 0;
    case '\0':
      return 8;
    default:
      return strcmp(word, "while") == 0 ? 9 : 0;
  }
}

static uint32_t hash(const char *word) {
  uint32_t h = 5381;
  for (; *word; word++) h = h * 33 + (unsigned char)*word;
  return h;
}

static int by_hash(const char *word) {
  switch (hash(word)) {
    case 5381:
      return 8;
    case 254582602:
      return strcmp(word, "break") == 0 ? 1 : -1;
    case 2090140897:
      return strcmp(word, "case") == 0 ? 2 : -1;
    case 5863320:
      return strcmp(word, "do") == 0 ? 5 : -1;
    case 5863476:
      return strcmp(word, "if") == 0 ? 7 : -1;
    case 279132286:
      return strcmp(word, "while") == 0 ? 9 : -1;
  }
  return 0;
}

static int by_length(const char *word, size_t length) {
  switch (length) {
    case 0:
      return 8;
    case 2:
      return memcmp(word, "if", 2) == 0 ? 7 : memcmp(word, "do", 2) == 0 ? 5 : 0;
    case 4:
      return memcmp(word, "case", 4) == 0 ? 2 : 0;
    case 5:
      return memcmp(word, "break", 5) == 0   ? 1
             : memcmp(word, "const", 5) == 0 ? 4
             : memcmp(word, "while", 5) < 0  ? -5
                                             : 9;
    case 7:
      return memcmp(word, "default", 7) ? 0 : 6;
    case 8:
      return memcmp(word, "continue", 8) ? 0 : 3;
    default:
      return -2;
  }
}

static int sign(int x) { return (x > 0) - (x < 0); }

int main(void) {
  const char *words[] = {"break", "case",    "continue", "const", "do",     "default", "if",    "",
                         "while", "breaK",   "casf",     "cas",   "contin", "dp",      "iff",   "whilf",
                         "whild", "defauls", "continuE", "i",     "cast",   "consu",   "Break", "z"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    const char *word = hide(words[i]);
    printf("%s: %d %d %d\n", word, by_first_letter(word), by_hash(word), by_length(word, strlen(word)));
  }
  const char bytes[] = {'a', 'b', '\x7f', '\0', 'c', 'd', 'a', 'b', '\x80', '\0', 'c', 'e'};
  size_t n = hide((size_t)6);
  expect("memcmp unsigned", sign(memcmp(bytes, bytes + n, n)), -1);
  expect("memcmp equal", memcmp(bytes, bytes + n, n - 4), 0);
  expect("strncmp short", sign(strncmp(bytes + n, bytes, hide((size_t)2))), 0);
  expect("strncmp long", sign(strncmp(bytes + n, bytes, hide((size_t)3))), 1);
  expect("strcmp prefix", sign(strcmp(hide((const char *)"pre"), "prefix")), -1);
  return 0;
}
