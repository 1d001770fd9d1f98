/* A hash table with open addressing, linear probing, growth and removal by backward shift: masks, wrapping
   indices and memory that moves. */
#include "check.h"

typedef struct {
  uint32_t key;
  int value;
} Entry; /* key 0 is free */

typedef struct {
  Entry *entry;
  uint32_t mask, used;
} Table;

static uint32_t home(const Table *t, uint32_t key) { return (key * 0x9e3779b1u >> 15) & t->mask; }

static Entry *find(const Table *t, uint32_t key) {
  uint32_t at = home(t, key);
  while (t->entry[at].key && t->entry[at].key != key) at = (at + 1) & t->mask;
  return &t->entry[at];
}

static void put(Table *t, uint32_t key, int value);

static void grow(Table *t) {
  Table old = *t;
  t->mask = t->mask * 2 + 1;
  t->used = 0;
  t->entry = calloc(t->mask + 1, sizeof *t->entry);
  if (!t->entry) exit(2);
  for (uint32_t i = 0; i <= old.mask; i++)
    if (old.entry[i].key) put(t, old.entry[i].key, old.entry[i].value);
  free(old.entry);
}

static void put(Table *t, uint32_t key, int value) {
  Entry *entry = find(t, key);
  if (!entry->key) {
    if ((t->used + 1) * 4 > (t->mask + 1) * 3) {
      grow(t);
      entry = find(t, key);
    }
    t->used++;
  }
  *entry = (Entry){key, value};
}

static int drop(Table *t, uint32_t key) {
  Entry *entry = find(t, key);
  if (!entry->key) return 0;
  uint32_t hole = (uint32_t)(entry - t->entry), at = hole;
  while (t->entry[at = (at + 1) & t->mask].key) {
    uint32_t wanted = home(t, t->entry[at].key);
    if (((at - wanted) & t->mask) >= ((at - hole) & t->mask)) t->entry[hole] = t->entry[at], hole = at;
  }
  t->entry[hole].key = 0;
  t->used--;
  return 1;
}

static void show(const char *label, const Table *t) {
  uint32_t hash = 0;
  for (uint32_t i = 0; i <= t->mask; i++)
    hash = hash * 31 + (t->entry[i].key ? t->entry[i].key * 7 + (uint32_t)t->entry[i].value : 0);
  report(label, hash * 1000LL + t->used);
}

int main(void) {
  Table t = {calloc(4, sizeof(Entry)), 3, 0};
  uint32_t seed = hide(77u);
  if (!t.entry) return 2;
  for (int i = 1; i <= 12; i++) put(&t, hide((uint32_t)i), i * i), show("put", &t);
  for (int i = 0; i < 300; i++) put(&t, (seed = seed * 1664525 + 1013904223) % 97 + 1, i);
  show("full", &t);
  expect("capacity", t.mask, 255);
  for (uint32_t key = 1; key <= 97; key += 5) report("value", find(&t, key)->key ? find(&t, key)->value : -1);
  int dropped = 0;
  for (uint32_t key = 0; key <= 110; key += 3) dropped += key ? drop(&t, hide(key)) : 0;
  expect("dropped twice", drop(&t, 3), 0);
  report("dropped", dropped);
  show("left", &t);
  for (uint32_t key = 1; key <= 97; key++)
    if ((find(&t, key)->key == key) != (key % 3 != 0)) report("wrong", key);
  free(t.entry);
  return 0;
}
