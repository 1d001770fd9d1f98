// SPDX-License-Identifier: Apache-2.0
//
// lz_compressor: a byte-oriented LZ77 compressor and a decoder that survives damaged input.
//
// Key idea: repeats are found through hash chains over three-byte prefixes, and a match gives way
// to a longer one that starts a byte later ("lazy" matching). Stream: a control byte c < 128 is
// followed by c + 1 literal bytes; c >= 128 copies (c - 128) + MIN_MATCH bytes from a distance
// given by the next two bytes, low byte first.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
int memcmp(const void *a, const void *b, size_t size);
void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

enum { MAX_INPUT = 4096, MIN_MATCH = 4, MAX_MATCH = 127 + MIN_MATCH, MAX_LITERALS = 128 };
enum { HASH_SIZE = 512, MAX_CHAIN = 24, NOWHERE = 0xFFFF };

struct matcher {
    const uint8_t *data;
    size_t size;
    uint16_t head[HASH_SIZE], previous[MAX_INPUT];
};

struct match {
    size_t length, distance;
};

struct sink {
    uint8_t *to;
    size_t used, size;
    bool overflow;
};

static uint32_t prefix_hash(const uint8_t *at)
{
    uint32_t prefix = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
    return prefix * 2654435761u >> 23;
}

static void remember(struct matcher *m, size_t at)
{
    if (at + 3 > m->size)
        return;
    uint16_t *head = &m->head[prefix_hash(m->data + at)];
    m->previous[at] = *head;
    *head = (uint16_t)at;
}

static struct match longest_match(const struct matcher *m, size_t at)
{
    struct match best = {0, 0};
    size_t limit = m->size - at < MAX_MATCH ? m->size - at : MAX_MATCH;
    if (limit < MIN_MATCH)
        return best;
    unsigned candidate = m->head[prefix_hash(m->data + at)];
    for (int tries = 0; candidate != NOWHERE && tries < MAX_CHAIN; tries++) {
        size_t length = 0;
        while (length < limit && m->data[candidate + length] == m->data[at + length])
            length++;
        if (length >= MIN_MATCH && length > best.length)
            best = (struct match){length, at - candidate};
        candidate = m->previous[candidate];
    }
    return best;
}

static void put(struct sink *out, uint32_t byte)
{
    out->overflow |= out->used == out->size;
    if (!out->overflow)
        out->to[out->used++] = (uint8_t)byte;
}

static void put_literals(struct sink *out, const uint8_t *from, size_t count)
{
    while (count != 0) {
        size_t run = count < MAX_LITERALS ? count : MAX_LITERALS;
        put(out, (uint32_t)run - 1);
        for (size_t i = 0; i < run; i++)
            put(out, from[i]);
        from += run;
        count -= run;
    }
}

// Returns the compressed size, or 0 when it does not fit or the input is too long.
size_t lz_compress(const uint8_t *data, size_t size, uint8_t *to, size_t capacity)
{
    static struct matcher m;
    struct sink out = {to, 0, capacity, size > MAX_INPUT};
    size_t at = 0, literals_from = 0;
    m.data = data;
    m.size = size;
    memset(m.head, 0xFF, sizeof m.head);
    while (at < size && !out.overflow) {
        struct match found = longest_match(&m, at);
        remember(&m, at);
        if (found.length == 0 || longest_match(&m, at + 1).length > found.length + 1) {
            at++;
            continue;
        }
        put_literals(&out, data + literals_from, at - literals_from);
        put(&out, 128 + (uint32_t)found.length - MIN_MATCH);
        put(&out, (uint32_t)found.distance & 0xFF);
        put(&out, (uint32_t)found.distance >> 8);
        for (size_t end = at++ + found.length; at < end; at++)
            remember(&m, at);
        literals_from = at;
    }
    put_literals(&out, data + literals_from, at - literals_from);
    return out.overflow ? 0 : out.used;
}

// Returns false, with *size unspecified, when the stream is damaged or the output too long.
bool lz_expand(const uint8_t *from, size_t from_size, uint8_t *to, size_t capacity, size_t *size)
{
    size_t at = 0, used = 0;
    while (at < from_size) {
        unsigned control = from[at++];
        if (control < 128) {
            size_t run = control + 1;
            if (run > from_size - at || run > capacity - used)
                return false;
            memcpy(to + used, from + at, run);
            at += run;
            used += run;
            continue;
        }
        size_t length = control - 128 + MIN_MATCH;
        if (from_size - at < 2)
            return false;
        size_t distance = from[at] | (size_t)from[at + 1] << 8;
        at += 2;
        if (distance == 0 || distance > used || length > capacity - used)
            return false;
        for (; length != 0; length--, used++) // may overlap: a distance of one repeats a byte
            to[used] = to[used - distance];
    }
    *size = used;
    return true;
}

enum input_kind { ZEROS, NOISE, LOG_LINES, SAWTOOTH, INPUT_KINDS };

static void make_input(uint8_t *data, size_t size, enum input_kind kind)
{
    static const char *const phrases[] = {"sensor ",  "temperature ", "is out of range",
                                          "; retry ", "\n",           "pump "};
    uint32_t seed = 31;
    for (size_t at = 0; at < size;) {
        seed = seed * 1664525u + 1013904223u;
        if (kind == LOG_LINES) {
            for (const char *text = phrases[(seed >> 24) % 6]; *text != '\0' && at < size; text++)
                data[at++] = (uint8_t)*text;
        } else {
            data[at] = (uint8_t)(kind == ZEROS ? 0 : kind == NOISE ? seed >> 24 : at * 3 % 41);
            at++;
        }
    }
}

static bool round_trips(enum input_kind kind, size_t size, size_t most)
{
    static uint8_t data[MAX_INPUT], packed[MAX_INPUT + 64], back[MAX_INPUT];
    size_t back_size = 0;
    make_input(data, size, kind);
    size_t packed_size = lz_compress(data, size, packed, sizeof packed);
    if (packed_size > most || (packed_size == 0 && size != 0))
        return false;
    if (!lz_expand(packed, packed_size, back, sizeof back, &back_size) || back_size != size)
        return false;
    if (memcmp(data, back, size) != 0)
        return false;
    // A stream cut anywhere is refused or gives a prefix; one byte less room is always refused.
    for (size_t cut = 0; cut < packed_size; cut += 1 + packed_size / 50)
        if (lz_expand(packed, cut, back, size, &back_size) && memcmp(data, back, back_size) != 0)
            return false;
    return size == 0 || !lz_expand(packed, packed_size, back, size - 1, &back_size);
}

static bool decodes_known_stream(void)
{
    static const uint8_t stream[] = {2, 'a', 'b', '-', 129, 3, 0, 0, '!', 128, 1, 0};
    static const uint8_t before_start[] = {0, 'a', 128, 2, 0};
    uint8_t back[32];
    size_t size = 0;
    return lz_expand(stream, sizeof stream, back, sizeof back, &size) && size == 13 &&
           memcmp(back, "ab-ab-ab!!!!!", 13) == 0 &&
           !lz_expand(before_start, sizeof before_start, back, sizeof back, &size);
}

int main(void)
{
    static const size_t sizes[] = {0, 1, 5, 130, 1000, MAX_INPUT};
    static const size_t most[INPUT_KINDS] = {100, MAX_INPUT + 32, MAX_INPUT / 3, 200};
    if (!decodes_known_stream()) {
        printf("lz_compressor: known stream\n");
        return 1;
    }
    for (unsigned trial = 0; trial < 6 * INPUT_KINDS; trial++) {
        enum input_kind kind = (enum input_kind)(trial % INPUT_KINDS);
        if (!round_trips(kind, sizes[trial / INPUT_KINDS], most[kind])) {
            printf("lz_compressor: round trip %u\n", trial);
            return 1;
        }
    }
    printf("lz_compressor: ok\n");
    return 0;
}
