// SPDX-License-Identifier: Apache-2.0
//
// strings: the text routines of a device with a command line: search, split, validate, format.
//
// Key idea: nothing allocates and every output is bounded by its buffer. The formatter reports
// the length it would have needed, so a caller can tell a cut-off line from a complete one.

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);

enum { MAX_WORDS = 8, SKIP_TABLE = 64 };

struct text_out {
    char *to;
    size_t used, size;
};

// Horspool search; the skip table is indexed by the low six bits of a character, and characters
// that share an entry share the smaller skip.
const char *text_find(const char *text, const char *pattern)
{
    size_t size = strlen(pattern), text_size = strlen(text);
    size_t skip[SKIP_TABLE];
    if (size == 0)
        return text;
    for (size_t i = 0; i < SKIP_TABLE; i++)
        skip[i] = size;
    for (size_t i = 0; i + 1 < size; i++)
        skip[(unsigned char)pattern[i] % SKIP_TABLE] = size - 1 - i;
    for (size_t at = 0; at + size <= text_size;) {
        if (memcmp(text + at, pattern, size) == 0)
            return text + at;
        at += skip[(unsigned char)text[at + size - 1] % SKIP_TABLE];
    }
    return NULL;
}

// Splits a line in place into words; quotes group, a backslash takes the next character as is.
// Returns the number of words, or -1 for an open quote or too many words.
int text_split(char *line, char *words[MAX_WORDS])
{
    int count = 0;
    for (;;) {
        while (*line == ' ' || *line == '\t')
            line++;
        if (*line == '\0')
            return count;
        if (count == MAX_WORDS)
            return -1;
        char *to = words[count++] = line;
        bool quoted = false, last = false;
        while (!last && *line != '\0') {
            char c = *line++;
            if (c == '"')
                quoted = !quoted;
            else if (c == '\\' && *line != '\0')
                *to++ = *line++;
            else if ((c == ' ' || c == '\t') && !quoted)
                last = true;
            else
                *to++ = c;
        }
        if (quoted)
            return -1;
        *to = '\0';
    }
}

// Returns the number of code points, or -1 when the bytes are not well-formed UTF-8.
int utf8_count(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    int count = 0;
    while (*at != 0) {
        unsigned lead = *at++;
        if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4)
            return -1;
        int more = (lead >= 0xC2) + (lead >= 0xE0) + (lead >= 0xF0);
        uint32_t code = more == 0 ? lead : lead & (0x3Fu >> more);
        for (int i = 0; i < more; i++) {
            if ((*at & 0xC0) != 0x80)
                return -1;
            code = code << 6 | (*at++ & 0x3Fu);
        }
        bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
        if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            return -1;
        count++;
    }
    return count;
}

static void put(struct text_out *out, char c)
{
    if (out->used + 1 < out->size)
        out->to[out->used] = c;
    out->used++;
}

static void put_number(struct text_out *out, uint32_t value, bool negative, uint32_t base, int width,
                       char pad, int decimals)
{
    char digits[40];
    int count = 0;
    do {
        if (count == decimals && count != 0)
            digits[count++] = '.';
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0 || (decimals != 0 && count < decimals + 2));
    if (negative && pad == '0')
        put(out, '-');
    for (int i = count + negative; i < width; i++)
        put(out, pad);
    if (negative && pad != '0')
        put(out, '-');
    while (count != 0)
        put(out, digits[--count]);
}

// Knows %s %c %d %u %x and %%, a width, zero padding, and for %d and %u a precision that sets a
// decimal point into the digits: ("%.2d", -5) is "-0.05".
size_t text_format(char *to, size_t size, const char *format, ...)
{
    struct text_out out = {to, 0, size};
    va_list arguments;
    va_start(arguments, format);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(&out, *format);
            continue;
        }
        char pad = *++format == '0' ? '0' : ' ';
        int width = 0, decimals = 0;
        for (; *format >= '0' && *format <= '9'; format++)
            width = width * 10 + (*format - '0');
        if (*format == '.') {
            decimals = format[1] - '0';
            format += 2;
        }
        if (*format == 's') {
            const char *text = va_arg(arguments, const char *);
            for (int i = (int)strlen(text); i < width; i++)
                put(&out, ' ');
            while (*text != '\0')
                put(&out, *text++);
        } else if (*format == 'd') {
            int value = va_arg(arguments, int);
            uint32_t magnitude = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
            put_number(&out, magnitude, value < 0, 10, width, pad, decimals);
        } else if (*format == 'u' || *format == 'x') {
            uint32_t value = va_arg(arguments, unsigned);
            put_number(&out, value, false, *format == 'u' ? 10 : 16, width, pad, decimals);
        } else {
            put(&out, *format == 'c' ? (char)va_arg(arguments, int) : *format);
        }
    }
    va_end(arguments);
    if (size != 0)
        to[out.used < size ? out.used : size - 1] = '\0';
    return out.used;
}

static bool same(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

static bool search_works(void)
{
    static const char text[] = "set pump.speed 40; set pump.limit 75; set lamp on";
    return text_find(text, "set pump.l") == text + 19 && text_find(text, "lamp on") == text + 42 &&
           text_find(text, "") == text && text_find(text, "lamp off") == NULL &&
           text_find("aab", "aaab") == NULL && text_find("ababababac", "abac") != NULL;
}

static bool split_works(void)
{
    char line[] = "  name \"pump no \\\"2\\\"\"  a\\ b\t\"\" x\"y z\"", open[] = "say \"hi";
    char many[] = "1 2 3 4 5 6 7 8 9";
    char *words[MAX_WORDS];
    return text_split(line, words) == 5 && same(words[0], "name") &&
           same(words[1], "pump no \"2\"") && same(words[2], "a b") && same(words[3], "") && same(words[4], "xy z") &&
           text_split(open, words) == -1 && text_split(many, words) == -1;
}

static bool utf8_works(void)
{
    static const char *const malformed[] = {
        "\x80", "\xC0\xAF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF8\x88\x80\x80", "a\xE2\x82z",
    };
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        if (utf8_count(malformed[i]) != -1)
            return false;
    return utf8_count("") == 0 && utf8_count("21 \xC2\xB0" "C \xE2\x82\xAC \xF0\x9F\x98\x80") == 9;
}

static bool format_works(void)
{
    char line[64], small[6];
    size_t size = text_format(line, sizeof line, "%5s|%c|%d|%06d|%4u|%08x|%.2d|%7.3d|%%", "ab", 'c',
                              -2147483647 - 1, -42, 7u, 0xBEEFu, -5, 12345);
    return same(line, "   ab|c|-2147483648|-00042|   7|0000beef|-0.05| 12.345|%") &&
           size == strlen(line) &&
           text_format(small, sizeof small, "%s-%u", "over", 123u) == 8 && same(small, "over-");
}

int main(void)
{
    const char *wrong = !search_works() ? "search" : !split_works() ? "split" : !utf8_works() ? "utf-8"
                      : !format_works() ? "format" : NULL;
    printf("strings: %s\n", wrong == NULL ? "ok" : wrong);
    return wrong == NULL ? 0 : 1;
}
