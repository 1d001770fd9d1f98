/* qsort and bsearch with comparators over ints, strings, structs and pointers: callbacks whose sign is all
   that matters, and elements that move as bytes. */
#include "check.h"

typedef struct {
  char name[6];
  int16_t age;
  int32_t id;
} Person;

static int up(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return x < y ? -1 : x > y;
}

static int down_unsigned(const void *a, const void *b) {
  const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
  return (x < y) - (x > y);
}

static int by_low_byte(const void *a, const void *b) {
  int order = *(const unsigned char *)a - *(const unsigned char *)b;
  return order ? order : up(a, b);
}

static int by_length(const void *a, const void *b) {
  const char *x = *(const char *const *)a, *y = *(const char *const *)b;
  size_t m = strlen(x), n = strlen(y);
  return m != n ? (m < n ? -1 : 1) : strcmp(x, y);
}

static int by_age(const void *a, const void *b) {
  const Person *x = a, *y = b;
  if (x->age != y->age) return y->age - x->age;
  int order = strncmp(x->name, y->name, sizeof x->name);
  return order ? order : up(&x->id, &y->id);
}

static int find_name(const void *key, const void *element) {
  return strcmp(key, *(const char *const *)element);
}

int main(void) {
  int numbers[25], (*const orders[])(const void *, const void *) = {up, down_unsigned, by_low_byte};
  uint32_t seed = hide(17u);
  for (int i = 0; i < 25; i++) numbers[i] = (int)(seed = seed * 1664525 + 1013904223) >> (i % 3 * 11);
  numbers[3] = numbers[7], numbers[11] = INT32_MIN, numbers[12] = INT32_MAX, numbers[13] = -1,
  numbers[14] = 0;
  for (size_t n = 0; n <= 25; n += n < 3 ? 1 : 11)
    for (int order = 0; order < 3; order++) {
      qsort(numbers, hide(n), sizeof *numbers, orders[order]);
      report_bytes("numbers", numbers, sizeof numbers);
    }
  qsort(numbers, 25, sizeof *numbers, up);
  for (int i = 0; i < 25; i += 6) {
    int key = numbers[i] + (i == 6), *found = bsearch(&key, numbers, 25, sizeof key, up);
    report("found", found ? found - numbers : -1);
  }
  const char *words[] = {"delta", "pi", "omega", "mu", "alpha", "nu", "epsilon", "eta", "tau"};
  qsort(words, 9, sizeof *words, by_length);
  for (int i = 0; i < 9; i++) report_bytes("word", words[i], strlen(words[i]));
  const char **found = bsearch(hide((const char *)"nu"), words, 3, sizeof *words, find_name);
  expect("nu", found ? found - words : -1, 1);
  expect("xi", bsearch(hide((const char *)"xi"), words, 3, sizeof *words, find_name) == NULL, 1);
  Person people[] = {{"ada", 36, 1}, {"bob", 36, 2}, {"ada", 36, 0},
                     {"eve", 90, 4}, {"zoe", -1, 5}, {"adam", 36, 6}};
  qsort(people, hide((size_t)6), sizeof *people, by_age);
  for (int i = 0; i < 6; i++) report("person", people[i].id * 1000 + people[i].age);
  return 0;
}
