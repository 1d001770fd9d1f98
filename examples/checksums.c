// SPDX-License-Identifier: Apache-2.0
//
// checksums: the integrity checks a boot loader or a field bus stack needs.
//
// Key idea: every checksum is an (init, update, final) triple over a byte stream, so a message
// may arrive in pieces of any size; the tests feed the same bytes whole and in odd pieces and
// compare both with published check values.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
size_t strlen(const char *text);

enum { MESSAGE_SIZE = 1500 };

struct fletcher_state {
    uint32_t low;
    uint32_t high;
    uint32_t pending;
    bool has_pending;
};

static uint32_t crc32_table[256];

static void crc32_build_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t remainder = byte;
        for (int bit = 0; bit < 8; bit++)
            remainder = (remainder & 1u) ? (remainder >> 1) ^ 0xEDB88320u : remainder >> 1;
        crc32_table[byte] = remainder;
    }
}

uint32_t crc32_update(uint32_t crc, const uint8_t *data, size_t size)
{
    crc = ~crc;
    while (size-- != 0)
        crc = (crc >> 8) ^ crc32_table[(crc ^ *data++) & 0xFFu];
    return ~crc;
}

// Bit-serial form without a table; slower, but an independent witness of the fast one.
static uint32_t crc32_bitwise(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

uint16_t crc16_ccitt(uint16_t crc, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint32_t mixed = ((uint32_t)crc >> 8) ^ data[i];
        mixed ^= mixed >> 4;
        crc = (uint16_t)(((uint32_t)crc << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed);
    }
    return crc;
}

uint32_t adler32_update(uint32_t adler, const uint8_t *data, size_t size)
{
    uint32_t low = adler & 0xFFFFu;
    uint32_t high = adler >> 16;
    while (size != 0) {
        // 5552 is the longest run for which 'high' cannot overflow 32 bits.
        size_t run = size < 5552 ? size : 5552;
        size -= run;
        while (run-- != 0) {
            low += *data++;
            high += low;
        }
        low %= 65521u;
        high %= 65521u;
    }
    return high << 16 | low;
}

static void fletcher32_add_word(struct fletcher_state *state, uint32_t word)
{
    state->low = (state->low + word) % 65535u;
    state->high = (state->high + state->low) % 65535u;
}

void fletcher32_update(struct fletcher_state *state, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (state->has_pending)
            fletcher32_add_word(state, state->pending | (uint32_t)data[i] << 8);
        else
            state->pending = data[i];
        state->has_pending = !state->has_pending;
    }
}

uint32_t fletcher32_final(struct fletcher_state *state)
{
    if (state->has_pending)
        fletcher32_add_word(state, state->pending);
    state->has_pending = false;
    return state->high << 16 | state->low;
}

uint64_t fnv1a_64(const uint8_t *data, size_t size)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 0x100000001B3u;
    return hash;
}

static uint32_t fletcher32_of_text(const char *text)
{
    struct fletcher_state state = {0, 0, 0, false};
    fletcher32_update(&state, (const uint8_t *)text, strlen(text));
    return fletcher32_final(&state);
}

static void fill_message(uint8_t *message, size_t size)
{
    uint32_t seed = 2463534242u;
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        message[i] = (uint8_t)(seed >> 24);
    }
}

static const char *first_wrong_vector(void)
{
    static const uint8_t digits[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};

    if (crc32_update(0, digits, sizeof digits) != 0xCBF43926u)
        return "crc32 check value";
    if (crc16_ccitt(0xFFFF, digits, sizeof digits) != 0x29B1u)
        return "crc16 check value";
    if (adler32_update(1, (const uint8_t *)"Wikipedia", 9) != 0x11E60398u)
        return "adler32 check value";
    if (fletcher32_of_text("abcde") != 0xF04FC729u || fletcher32_of_text("abcdef") != 0x56502D2Au ||
        fletcher32_of_text("abcdefgh") != 0xEBE19591u)
        return "fletcher32 check values";
    if (fnv1a_64((const uint8_t *)"foobar", 6) != 0x85944171F73967E8u)
        return "fnv1a check value";
    return NULL;
}

static const char *first_wrong_stream(void)
{
    static uint8_t message[MESSAGE_SIZE];
    fill_message(message, sizeof message);

    uint32_t crc = 0, adler = 1;
    uint16_t crc16 = 0xFFFF;
    struct fletcher_state pieces = {0, 0, 0, false}, whole = {0, 0, 0, false};
    for (size_t at = 0, step = 1; at < sizeof message; at += step, step = step % 97 + 6) {
        size_t left = sizeof message - at;
        size_t size = step < left ? step : left;
        crc = crc32_update(crc, message + at, size);
        crc16 = crc16_ccitt(crc16, message + at, size);
        adler = adler32_update(adler, message + at, size);
        fletcher32_update(&pieces, message + at, size);
    }
    fletcher32_update(&whole, message, sizeof message);

    if (crc != crc32_bitwise(message, sizeof message) || crc != 0xD760FEF9u)
        return "crc32 in pieces";
    if (crc16 != crc16_ccitt(0xFFFF, message, sizeof message) || crc16 != 0x40B6u)
        return "crc16 in pieces";
    if (adler != 0xBFAEE480u)
        return "adler32 in pieces";
    if (fletcher32_final(&pieces) != fletcher32_final(&whole))
        return "fletcher32 in pieces";
    message[MESSAGE_SIZE / 2] ^= 0x10;
    if (crc32_update(0, message, sizeof message) == crc)
        return "crc32 of a damaged message";
    return NULL;
}

int main(void)
{
    crc32_build_table();
    const char *wrong = first_wrong_vector();
    if (wrong == NULL)
        wrong = first_wrong_stream();
    printf("checksums: %s\n", wrong == NULL ? "ok" : wrong);
    return wrong == NULL ? 0 : 1;
}
