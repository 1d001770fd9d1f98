// SPDX-License-Identifier: Apache-2.0
//
// allocator: a small best-fit allocator over a static arena, with a self-check.
//
// Key idea: boundary tags. Every block carries its size and a "used" bit in its first and last
// word, so a freed block finds both neighbours in constant time and merges with them. The arena
// is an array of 32-bit words and links are word indices, so the layout, and with it every
// decision the allocator takes, is the same on 32- and 64-bit machines.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

enum { ARENA_WORDS = 2048, FIRST_BLOCK = 1, END_MARK = ARENA_WORDS - 1, MIN_BLOCK = 4, USED = 1 };

// Word 0 and word END_MARK are sentinels marked used. Blocks start at odd indices and have even
// sizes, so payloads, one word later, are aligned to eight bytes. A free block keeps the next
// and previous free block in its first two payload words (0: none).
static _Alignas(8) uint32_t arena[ARENA_WORDS];
static uint32_t first_free;

static uint32_t size_of(uint32_t block)
{
    return arena[block] >> 1;
}

static bool is_used(uint32_t tag_index)
{
    return (arena[tag_index] & USED) != 0;
}

static void set_tags(uint32_t block, uint32_t size, uint32_t used)
{
    arena[block] = arena[block + size - 1] = size << 1 | used;
}

static void link_free(uint32_t block)
{
    arena[block + 1] = first_free;
    arena[block + 2] = 0;
    if (first_free != 0)
        arena[first_free + 2] = block;
    first_free = block;
}

static void unlink_free(uint32_t block)
{
    uint32_t next = arena[block + 1], previous = arena[block + 2];
    if (previous != 0)
        arena[previous + 1] = next;
    else
        first_free = next;
    if (next != 0)
        arena[next + 2] = previous;
}

void arena_reset(void)
{
    first_free = 0;
    arena[0] = arena[END_MARK] = USED;
    set_tags(FIRST_BLOCK, END_MARK - FIRST_BLOCK, 0);
    link_free(FIRST_BLOCK);
}

static uint32_t block_words(size_t bytes)
{
    uint32_t words = (uint32_t)((bytes + 7) / 8 * 2 + 2);
    return words < MIN_BLOCK ? MIN_BLOCK : words;
}

// Returns false, and changes nothing, for a block that is not in use.
bool arena_free(void *payload)
{
    uint32_t block = (uint32_t)((uint32_t *)payload - arena) - 1;
    if (!is_used(block))
        return false;
    uint32_t size = size_of(block), after = block + size;
    if (!is_used(after)) {
        unlink_free(after);
        size += size_of(after);
    }
    if (!is_used(block - 1)) {
        uint32_t before = block - (arena[block - 1] >> 1);
        unlink_free(before);
        size += size_of(before);
        arena[block] &= ~(uint32_t)USED; // so that a second free of this block is noticed
        block = before;
    }
    set_tags(block, size, 0);
    link_free(block);
    return true;
}

// Marks the first 'size' words of the block used and gives a large enough rest back.
static void trim_block(uint32_t block, uint32_t size)
{
    uint32_t rest = size_of(block) - size;
    if (rest < MIN_BLOCK) {
        set_tags(block, size + rest, USED);
        return;
    }
    set_tags(block, size, USED);
    set_tags(block + size, rest, USED);
    arena_free(&arena[block + size + 1]); // merges with a free neighbour
}

void *arena_alloc(size_t bytes)
{
    if (bytes == 0 || bytes > ARENA_WORDS * 4)
        return NULL;
    uint32_t size = block_words(bytes), best = 0;
    for (uint32_t block = first_free; block != 0; block = arena[block + 1]) {
        if (size_of(block) >= size && (best == 0 || size_of(block) < size_of(best)))
            best = block;
        if (best != 0 && size_of(best) == size)
            break;
    }
    if (best == 0)
        return NULL;
    unlink_free(best);
    trim_block(best, size);
    return &arena[best + 1];
}

void *arena_resize(void *payload, size_t bytes)
{
    uint32_t block = (uint32_t)((uint32_t *)payload - arena) - 1;
    uint32_t old_size = size_of(block), size = block_words(bytes), after = block + old_size;
    if (size > old_size && !is_used(after) && old_size + size_of(after) >= size) {
        unlink_free(after);
        old_size += size_of(after);
        set_tags(block, old_size, USED);
    }
    if (size <= old_size) {
        trim_block(block, size);
        return payload;
    }
    void *moved = arena_alloc(bytes);
    if (moved != NULL) {
        memcpy(moved, payload, (old_size - 2) * sizeof arena[0]);
        arena_free(payload);
    }
    return moved;
}

// Walks all blocks; false when tags disagree, free blocks touch, or the free list is incomplete.
static bool arena_is_sound(void)
{
    uint32_t free_blocks = 0, listed = 0, block = FIRST_BLOCK;
    for (bool last_used = true; block < END_MARK; block += size_of(block)) {
        if (size_of(block) < MIN_BLOCK || arena[block] != arena[block + size_of(block) - 1])
            return false;
        if (!last_used && !is_used(block))
            return false;
        last_used = is_used(block);
        free_blocks += !last_used;
    }
    for (uint32_t at = first_free; at != 0 && listed <= free_blocks; at = arena[at + 1])
        listed += !is_used(at);
    return block == END_MARK && listed == free_blocks;
}

static bool holds_pattern(const uint8_t *bytes, size_t size, uint8_t pattern)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != pattern)
            return false;
    return true;
}

// Random allocate, resize and free; every live block must keep the pattern written to it.
static bool survives_churn(void)
{
    enum { SLOTS = 40 };
    static uint8_t *slots[SLOTS];
    static size_t sizes[SLOTS];
    uint32_t seed = 12345, moves = 0;
    for (int round = 0; round < 3000; round++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t slot = (seed >> 24) % SLOTS;
        size_t size = (seed >> 8) % 400 + 1;
        uint8_t pattern = (uint8_t)(slot + 100);
        if (slots[slot] == NULL) {
            slots[slot] = arena_alloc(size);
        } else if ((seed >> 20 & 1u) != 0) {
            uint8_t *moved = arena_resize(slots[slot], size);
            size_t kept = size < sizes[slot] ? size : sizes[slot];
            if (moved == NULL)
                continue;
            moves += moved != slots[slot];
            slots[slot] = moved;
            if (!holds_pattern(moved, kept, pattern))
                return false;
        } else {
            if (!holds_pattern(slots[slot], sizes[slot], pattern) || !arena_free(slots[slot]))
                return false;
            slots[slot] = NULL;
        }
        if (slots[slot] != NULL)
            memset(slots[slot], pattern, sizes[slot] = size);
        if (!arena_is_sound())
            return false;
    }
    for (int slot = 0; slot < SLOTS; slot++)
        if (slots[slot] != NULL && !arena_free(slots[slot]))
            return false;
    return moves > 50 && size_of(FIRST_BLOCK) == END_MARK - FIRST_BLOCK;
}

static bool merges_neighbours(void)
{
    uint8_t *a = arena_alloc(100), *b = arena_alloc(30), *c = arena_alloc(1);
    bool placed = b == a + 112 && c == b + 40 && arena_alloc(8100) == NULL;
    bool freed = arena_free(a) && arena_free(c) && arena_free(b) && !arena_free(b);
    return placed && freed && first_free == FIRST_BLOCK && arena_is_sound();
}

int main(void)
{
    arena_reset();
    const char *wrong = !merges_neighbours() ? "merging" : !survives_churn() ? "churn" : NULL;
    printf("allocator: %s\n", wrong == NULL ? "ok" : wrong);
    return wrong == NULL ? 0 : 1;
}
