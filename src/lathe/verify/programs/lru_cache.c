/* A cache that drops what was used least recently: a doubly linked list through indices with chained buckets,
   compared with a model that searches an array. */
#include "check.h"

enum { ROOM = 6, BUCKETS = 4, NONE = 255 };

typedef struct {
  uint8_t before, after, chain;
  int key, value;
} Slot;

typedef struct {
  Slot slot[ROOM + 1]; /* the last is the head of the ring */
  uint8_t bucket[BUCKETS];
  int used, hits, dropped;
} Cache;

static void unlink_slot(Cache *c, uint8_t at) {
  c->slot[c->slot[at].before].after = c->slot[at].after;
  c->slot[c->slot[at].after].before = c->slot[at].before;
}

static void link_front(Cache *c, uint8_t at) {
  c->slot[at].before = ROOM;
  c->slot[at].after = c->slot[ROOM].after;
  c->slot[c->slot[ROOM].after].before = at;
  c->slot[ROOM].after = at;
}

static uint8_t *find(Cache *c, int key) {
  uint8_t *at = &c->bucket[(unsigned)key % BUCKETS];
  while (*at != NONE && c->slot[*at].key != key) at = &c->slot[*at].chain;
  return at;
}

static int get(Cache *c, int key) {
  uint8_t at = *find(c, key);
  if (at == NONE) return -1;
  c->hits++, unlink_slot(c, at), link_front(c, at);
  return c->slot[at].value;
}

static void put(Cache *c, int key, int value) {
  uint8_t at = *find(c, key);
  if (at != NONE) {
    unlink_slot(c, at);
  } else {
    if (c->used < ROOM) {
      at = (uint8_t)c->used++;
    } else {
      at = c->slot[ROOM].before;
      *find(c, c->slot[at].key) = c->slot[at].chain;
      unlink_slot(c, at), c->dropped++;
    }
    c->slot[at].key = key;
    c->slot[at].chain = c->bucket[(unsigned)key % BUCKETS];
    c->bucket[(unsigned)key % BUCKETS] = at;
  }
  c->slot[at].value = value;
  link_front(c, at);
}

int main(void) {
  Cache cache = {.slot[ROOM] = {ROOM, ROOM, NONE, 0, 0}, .bucket = {NONE, NONE, NONE, NONE}};
  int model[ROOM], size = 0;
  uint32_t seed = hide(13u), wrong = 0, sum = 0;
  for (int i = 0; i < 400; i++) {
    seed = seed * 1664525 + 1013904223;
    int key = (int)(seed >> 16) % (i < 200 ? 9 : 25) - 4, at = 0;
    while (at < size && model[at] != key) at++;
    int value = get(&cache, hide(key));
    wrong += (at == size) != (value == -1);
    if (at == size) {
      if (seed >> 30 == 0) continue;
      put(&cache, key, i);
      at = size < ROOM ? size++ : ROOM - 1;
    }
    memmove(model + 1, model, sizeof *model * (size_t)at);
    model[0] = key;
    if (value >= 0 && i % 5 == 0) put(&cache, hide(key), value + 1000);
    sum = sum * 31 + (uint32_t)value;
    if (i % 8 == 7) report("sum", sum);
  }
  expect("wrong", wrong, 0);
  report("hits", cache.hits * 1000 + cache.dropped);
  uint8_t at = cache.slot[ROOM].after;
  for (int i = 0; i < size; i++, at = cache.slot[at].after) expect("order", cache.slot[at].key, model[i]);
  expect("ring", at, ROOM);
  return 0;
}
