// SPDX-License-Identifier: Apache-2.0
//
// big_integer: unsigned arithmetic on numbers of up to 1024 bits, up to modular powers.
//
// Key idea: 32-bit limbs with 64-bit intermediate results, least significant limb first, and no
// leading zero limbs, so comparing lengths compares magnitudes. Long division estimates each
// quotient limb from the top two limbs of a normalised divisor, which is at most two too high.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);

enum { MAX_LIMBS = 34, MAX_DIGITS = 330 };

struct big {
    uint32_t count;
    uint32_t limbs[MAX_LIMBS];
};

static void trim(struct big *a)
{
    while (a->count != 0 && a->limbs[a->count - 1] == 0)
        a->count--;
}

static struct big big_from(uint32_t value)
{
    struct big a = {value != 0, {value}};
    return a;
}

static int compare(const struct big *a, const struct big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (uint32_t i = a->count; i-- > 0;)
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

// a = a * factor + addend
static void multiply_add_small(struct big *a, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (uint32_t i = 0; i < a->count; i++) {
        carry += (uint64_t)a->limbs[i] * factor;
        a->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0)
        a->limbs[a->count++] = (uint32_t)carry;
}

// a = a / divisor, returns the remainder
static uint32_t divide_small(struct big *a, uint32_t divisor)
{
    uint64_t rest = 0;
    for (uint32_t i = a->count; i-- > 0;) {
        rest = rest << 32 | a->limbs[i];
        a->limbs[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    trim(a);
    return (uint32_t)rest;
}

struct big big_subtract(const struct big *a, const struct big *b) // needs a >= b
{
    struct big difference = *a;
    uint32_t borrow = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t taken = (uint64_t)(i < b->count ? b->limbs[i] : 0) + borrow;
        borrow = taken > a->limbs[i];
        difference.limbs[i] = (uint32_t)(a->limbs[i] - taken);
    }
    trim(&difference);
    return difference;
}

struct big big_multiply(const struct big *a, const struct big *b)
{
    struct big product = {a->count + b->count, {0}};
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < b->count; j++) {
            carry += (uint64_t)a->limbs[i] * b->limbs[j] + product.limbs[i + j];
            product.limbs[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        product.limbs[i + b->count] = (uint32_t)carry;
    }
    trim(&product);
    return product;
}

// Subtracts estimate * b from the limbs of rest that start at 'shift'; adds b back while that
// went below zero. Returns the corrected quotient limb.
static uint32_t subtract_multiple(struct big *rest, const struct big *b, uint32_t shift,
                                  uint32_t estimate)
{
    uint64_t borrow = 0;
    for (uint32_t i = 0; i <= b->count; i++) {
        borrow += i < b->count ? (uint64_t)estimate * b->limbs[i] : 0;
        uint32_t low = (uint32_t)borrow;
        borrow = (borrow >> 32) + (rest->limbs[shift + i] < low);
        rest->limbs[shift + i] -= low;
    }
    for (; borrow != 0; estimate--) {
        uint64_t carry = 0;
        for (uint32_t i = 0; i <= b->count; i++) {
            carry += (uint64_t)rest->limbs[shift + i] + (i < b->count ? b->limbs[i] : 0);
            rest->limbs[shift + i] = (uint32_t)carry;
            carry >>= 32;
        }
        borrow -= carry;
    }
    return estimate;
}

// Returns the quotient; the remainder goes to *rest. The divisor must not be zero.
struct big big_divide(const struct big *a, const struct big *divisor, struct big *rest)
{
    struct big quotient = {0, {0}}, b = *divisor;
    *rest = *a;
    if (compare(a, divisor) < 0)
        return quotient;
    uint32_t scale = (uint32_t)(0x100000000u / ((uint64_t)b.limbs[b.count - 1] + 1));
    multiply_add_small(&b, scale, 0);
    multiply_add_small(rest, scale, 0);
    if (rest->count == a->count)
        rest->limbs[rest->count++] = 0;
    quotient.count = rest->count - b.count;
    for (uint32_t shift = quotient.count; shift-- > 0;) {
        const uint32_t *top = &rest->limbs[shift + b.count];
        uint64_t estimate = ((uint64_t)top[0] << 32 | top[-1]) / b.limbs[b.count - 1];
        uint32_t limit = estimate > UINT32_MAX ? UINT32_MAX : (uint32_t)estimate;
        quotient.limbs[shift] = subtract_multiple(rest, &b, shift, limit);
    }
    trim(rest);
    trim(&quotient);
    divide_small(rest, scale);
    return quotient;
}

struct big big_power_mod(const struct big *base, const struct big *exponent,
                         const struct big *modulus)
{
    struct big result = big_from(1), square = *base, product;
    for (uint32_t bit = 0; bit < exponent->count * 32; bit++) {
        if ((exponent->limbs[bit / 32] >> bit % 32 & 1u) != 0) {
            product = big_multiply(&result, &square);
            big_divide(&product, modulus, &result);
        }
        product = big_multiply(&square, &square);
        big_divide(&product, modulus, &square);
    }
    return result;
}

static struct big from_decimal(const char *text)
{
    struct big a = big_from(0);
    while (*text != '\0')
        multiply_add_small(&a, 10, (uint32_t)(*text++ - '0'));
    return a;
}

static bool is_decimal(struct big a, const char *expected)
{
    char digits[MAX_DIGITS];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + divide_small(&a, 10));
    while (a.count != 0);
    size_t size = sizeof digits - at;
    return strlen(expected) == size && memcmp(digits + at, expected, size) == 0;
}

// quotient * divisor + rest == dividend, for random sizes and awkward limbs.
static bool divisions_hold(void)
{
    uint32_t seed = 7;
    for (uint32_t round = 0; round < 300; round++) {
        struct big ab[2], rest;
        for (uint32_t which = 0; which < 2; which++) {
            ab[which].count = 1 + (round * 7 + which * round / 3) % (which == 0 ? 16 : 9);
            for (uint32_t i = 0; i < ab[which].count; i++) {
                seed = seed * 1664525u + 1013904223u;
                uint32_t kind = seed >> 28;
                ab[which].limbs[i] = kind < 3 ? 0 : kind < 6 ? UINT32_MAX : seed;
            }
            ab[which].limbs[ab[which].count - 1] |= 1;
        }
        struct big quotient = big_divide(&ab[0], &ab[1], &rest);
        struct big product = big_multiply(&quotient, &ab[1]);
        struct big left = big_subtract(&ab[0], &product);
        if (compare(&rest, &ab[1]) >= 0 || compare(&left, &rest) != 0)
            return false;
    }
    return true;
}

static bool known_values(void)
{
    struct big factorial = big_from(1), two = big_from(2), three = big_from(3), one = big_from(1);
    for (uint32_t i = 2; i <= 40; i++)
        multiply_add_small(&factorial, i, 0);
    struct big prime = from_decimal("170141183460469231731687303715884105727"); // 2^127 - 1
    struct big exponent = big_subtract(&prime, &one);
    struct big fermat = big_power_mod(&three, &exponent, &prime);
    struct big modulus = from_decimal("1000000000000000000000000000057");
    struct big power = big_power_mod(&two, &factorial, &modulus);
    return is_decimal(factorial, "815915283247897734345611269596115894272000000000") &&
           is_decimal(fermat, "1") && is_decimal(big_from(0), "0") &&
           is_decimal(power, "593783302220232513638220357234");
}

int main(void)
{
    const char *wrong = !divisions_hold() ? "division" : !known_values() ? "known values" : NULL;
    printf("big_integer: %s\n", wrong == NULL ? "ok" : wrong);
    return wrong == NULL ? 0 : 1;
}
