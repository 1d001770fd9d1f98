// SPDX-License-Identifier: Apache-2.0
//
// hash_map: an open-addressing string-to-integer map, used to count words.
//
// Key idea: Robin Hood hashing. An insertion takes the slot of any entry that sits closer to its
// home than the newcomer does, which keeps probe lengths even, lets a search stop early, and
// lets removal close the gap by shifting back instead of leaving tombstones.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
int memcmp(const void *a, const void *b, size_t size);
void *memset(void *to, int byte, size_t size);
size_t strlen(const char *text);

enum { SLOTS = 256, MAX_ENTRIES = SLOTS * 7 / 8, NAMES = 300 };

struct slot {
    const char *key; // not terminated; NULL marks an empty slot
    uint32_t size, hash;
    int32_t value;
};

struct map {
    struct slot slots[SLOTS];
    unsigned count;
};

static uint32_t hash_bytes(const char *key, uint32_t size)
{
    uint32_t hash = 0x811C9DC5u;
    for (uint32_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)key[i]) * 0x01000193u;
    return hash ^ hash >> 15;
}

// How far the entry in slot 'at' sits from the slot its hash asks for.
static uint32_t distance(const struct map *map, uint32_t at)
{
    return (at - map->slots[at].hash) % SLOTS;
}

static struct slot *find_slot(struct map *map, const char *key, uint32_t size)
{
    uint32_t hash = hash_bytes(key, size);
    for (uint32_t walked = 0; walked < SLOTS; walked++) {
        uint32_t at = (hash + walked) % SLOTS;
        struct slot *slot = &map->slots[at];
        if (slot->key == NULL || distance(map, at) < walked)
            return NULL;
        if (slot->hash == hash && slot->size == size && memcmp(slot->key, key, size) == 0)
            return slot;
    }
    return NULL;
}

void map_clear(struct map *map)
{
    for (uint32_t at = 0; at < SLOTS; at++)
        map->slots[at].key = NULL;
    map->count = 0;
}

// The value stored under the key, which is added with value 0 when absent; NULL when full.
int32_t *map_at(struct map *map, const char *key, uint32_t size)
{
    struct slot *known = find_slot(map, key, size);
    if (known != NULL)
        return &known->value;
    if (map->count == MAX_ENTRIES)
        return NULL;
    map->count++;

    struct slot carried = {key, size, hash_bytes(key, size), 0};
    int32_t *placed = NULL;
    for (uint32_t walked = 0, at = carried.hash % SLOTS;; walked++, at = (at + 1) % SLOTS) {
        struct slot *slot = &map->slots[at];
        if (slot->key != NULL && distance(map, at) >= walked)
            continue;
        uint32_t evicted_distance = slot->key != NULL ? distance(map, at) : 0;
        struct slot evicted = *slot;
        *slot = carried;
        if (placed == NULL)
            placed = &slot->value;
        if (evicted.key == NULL)
            return placed;
        carried = evicted;
        walked = evicted_distance;
    }
}

const int32_t *map_get(struct map *map, const char *key, uint32_t size)
{
    struct slot *slot = find_slot(map, key, size);
    return slot != NULL ? &slot->value : NULL;
}

bool map_remove(struct map *map, const char *key, uint32_t size)
{
    struct slot *slot = find_slot(map, key, size);
    if (slot == NULL)
        return false;
    uint32_t hole = (uint32_t)(slot - map->slots);
    for (;;) {
        uint32_t next = (hole + 1) % SLOTS;
        if (map->slots[next].key == NULL || distance(map, next) == 0)
            break;
        map->slots[hole] = map->slots[next];
        hole = next;
    }
    map->slots[hole].key = NULL;
    map->count--;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void count_words(struct map *map, const char *text)
{
    while (*text != '\0') {
        uint32_t size = 0;
        while (is_letter(text[size]))
            size++;
        int32_t *count = size != 0 ? map_at(map, text, size) : NULL;
        if (count != NULL)
            ++*count;
        text += size != 0 ? size : 1;
    }
}

static bool counts_words(struct map *map)
{
    static const char text[] =
        "the pump starts when the level is low and the tank is not locked; the pump stops when "
        "the level is high, when the tank is locked, or when the pump is hot. a hot pump waits "
        "until it is cold, and then it starts only if the level is still low";
    static const struct {
        const char *word;
        int32_t count;
    } expected[] = {{"the", 8}, {"is", 7}, {"pump", 4}, {"hot", 2}, {"until", 1}};
    map_clear(map);
    count_words(map, text);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const int32_t *count = map_get(map, expected[i].word, (uint32_t)strlen(expected[i].word));
        if (count == NULL || *count != expected[i].count)
            return false;
    }
    return map->count == 24 && map_get(map, "lev", 3) == NULL;
}

// Names the keys k0, k1, ... in one text block; key i is the four characters at 4 * i.
static void make_names(char *names)
{
    for (unsigned i = 0; i < NAMES; i++, names += 4) {
        names[0] = 'k';
        for (unsigned digit = 3, rest = i; digit != 0; digit--, rest /= 10)
            names[digit] = (char)('0' + rest % 10);
    }
}

// Random insertions and removals, against a plain array that records what should be there.
static bool matches_model(struct map *map)
{
    static char names[NAMES * 4];
    static int32_t model[NAMES]; // 0: absent
    uint32_t seed = 99;
    unsigned present = 0, refused = 0;
    make_names(names);
    memset(model, 0, sizeof model);
    map_clear(map);
    for (int32_t round = 1; round <= 6000; round++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t i = (seed >> 16) % NAMES;
        if ((seed >> 8) % 5 != 0) {
            int32_t *value = map_at(map, names + 4 * i, 4);
            present += value != NULL && model[i] == 0;
            refused += value == NULL;
            if (value == NULL ? present != MAX_ENTRIES || model[i] != 0 : *value != model[i])
                return false;
            if (value != NULL)
                *value = model[i] = round;
        } else {
            if (map_remove(map, names + 4 * i, 4) != (model[i] != 0))
                return false;
            present -= model[i] != 0;
            model[i] = 0;
        }
    }
    for (uint32_t i = 0; i < NAMES; i++) {
        const int32_t *value = map_get(map, names + 4 * i, 4);
        if ((value == NULL ? 0 : *value) != model[i])
            return false;
    }
    return map->count == present && refused != 0;
}

int main(void)
{
    static struct map map;
    const char *wrong = !counts_words(&map) ? "word counts" : !matches_model(&map) ? "model" : NULL;
    printf("hash_map: %s\n", wrong == NULL ? "ok" : wrong);
    return wrong == NULL ? 0 : 1;
}
