// SPDX-License-Identifier: Apache-2.0
//
// fixed_point_dsp: filters and a spectrum in Q15 arithmetic, as on a microcontroller without FPU.
//
// Key idea: a Q15 number is a 16-bit integer that stands for value / 32768. Products are formed
// in 32 bits, rounded back, and sums saturate; the FFT halves its data in every stage, so no
// input can overflow it. Negative numbers are never shifted, so every machine agrees on results.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int printf(const char *format, ...);

enum { FFT_BITS = 6, FFT_SIZE = 1 << FFT_BITS, TAPS = 9, ONE = 32767 };

typedef int16_t q15;

struct complex_q15 {
    q15 re, im;
};

struct fir {
    q15 history[TAPS];
    unsigned newest;
};

struct biquad {
    int32_t b0, b1, b2, a1, a2; // Q14, so that coefficients up to 2 fit
    int32_t x1, x2, y1, y2;
};

// The first quarter of a sine over 64 steps.
static const q15 quarter_sine[] = {0,     3212,  6393,  9512,  12539, 15446, 18204, 20787, 23170,
                                   25329, 27245, 28898, 30273, 31356, 32137, 32609, 32767};

// A symmetric low-pass; the taps add up to ONE.
static const q15 low_pass[TAPS] = {655, 1966, 3932, 6225, 7211, 6225, 3932, 1966, 655};

static q15 saturate(int32_t value)
{
    return (q15)(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
}

// Division by a power of two, rounding to nearest, halves upwards.
static int32_t scale_down(int32_t value, unsigned bits)
{
    int32_t biased = value + (1 << (bits - 1));
    return biased >= 0 ? biased >> bits : -((-biased + (1 << bits) - 1) >> bits);
}

static q15 multiply(q15 a, q15 b)
{
    return saturate(scale_down((int32_t)a * b, 15));
}

q15 sine(unsigned step)
{
    unsigned within = step % 32;
    q15 value = quarter_sine[within <= 16 ? within : 32 - within];
    return step % 64 < 32 ? value : (q15)-value;
}

q15 fir_step(struct fir *filter, const q15 *taps, q15 sample)
{
    filter->newest = (filter->newest + 1) % TAPS;
    filter->history[filter->newest] = sample;
    int32_t sum = 0;
    for (unsigned t = 0, at = filter->newest; t < TAPS; t++, at = at == 0 ? TAPS - 1 : at - 1)
        sum += scale_down((int32_t)taps[t] * filter->history[at], 3);
    return saturate(scale_down(sum, 12));
}

q15 biquad_step(struct biquad *f, q15 sample)
{
    int64_t sum = (int64_t)f->b0 * sample + (int64_t)f->b1 * f->x1 + (int64_t)f->b2 * f->x2 -
                  (int64_t)f->a1 * f->y1 - (int64_t)f->a2 * f->y2;
    int64_t limited = sum > 0x1FFFFFFF ? 0x1FFFFFFF : sum < -0x1FFFFFFF ? -0x1FFFFFFF : sum;
    f->x2 = f->x1;
    f->x1 = sample;
    f->y2 = f->y1;
    f->y1 = saturate(scale_down((int32_t)limited, 14));
    return (q15)f->y1;
}

static void bit_reverse(struct complex_q15 *data)
{
    for (unsigned i = 0; i < FFT_SIZE; i++) {
        unsigned mirrored = 0;
        for (unsigned bit = 0; bit < FFT_BITS; bit++)
            mirrored |= (i >> bit & 1u) << (FFT_BITS - 1 - bit);
        if (i < mirrored) {
            struct complex_q15 held = data[i];
            data[i] = data[mirrored];
            data[mirrored] = held;
        }
    }
}

// In-place forward transform; the result is scaled by 1 / FFT_SIZE.
void fft(struct complex_q15 *data)
{
    bit_reverse(data);
    for (unsigned half = 1, stride = FFT_SIZE / 2; half < FFT_SIZE; half *= 2, stride /= 2) {
        for (unsigned k = 0; k < half; k++) {
            q15 wr = sine(k * stride + 16), wi = (q15)-sine(k * stride);
            for (unsigned at = k; at < FFT_SIZE; at += 2 * half) {
                struct complex_q15 *a = &data[at], *b = &data[at + half];
                int32_t re = multiply(b->re, wr) - multiply(b->im, wi);
                int32_t im = multiply(b->re, wi) + multiply(b->im, wr);
                b->re = saturate(scale_down(a->re - re, 1));
                b->im = saturate(scale_down(a->im - im, 1));
                a->re = saturate(scale_down(a->re + re, 1));
                a->im = saturate(scale_down(a->im + im, 1));
            }
        }
    }
}

// Integer square root, bit by bit.
static uint32_t square_root(uint32_t value)
{
    uint32_t root = 0;
    for (uint32_t bit = 1u << 15; bit != 0; bit >>= 1)
        if ((root | bit) * (root | bit) <= value)
            root |= bit;
    return root;
}

static bool is_near(int32_t value, int32_t wanted, int32_t slack)
{
    return value >= wanted - slack && value <= wanted + slack;
}

static bool fir_works(void)
{
    struct fir filter = {.newest = 0}, step = {.newest = 3};
    for (unsigned t = 0; t < TAPS; t++) // the impulse response is the taps
        if (!is_near(fir_step(&filter, low_pass, t == 0 ? ONE : 0), low_pass[t], 1))
            return false;
    q15 last = 0;
    for (unsigned t = 0; t < TAPS; t++) { // the step response rises to one
        q15 now = fir_step(&step, low_pass, -32768);
        if (now >= last)
            return false;
        last = now;
    }
    return is_near(last, -ONE, 2);
}

// A second-order Butterworth low-pass at a tenth of the sampling rate.
static bool biquad_works(void)
{
    struct biquad filter = {.b0 = 1105, .b1 = 2210, .b2 = 1105, .a1 = -18727, .a2 = 6763};
    int32_t highest = 0;
    for (int t = 0; t < 200; t++) {
        int32_t now = biquad_step(&filter, 16384);
        highest = now > highest ? now : highest;
        if (t > 100 && !is_near(now, 16384, 6))
            return false;
    }
    for (int t = 0; t < 200; t++) { // the highest frequency is a zero of the filter
        q15 now = biquad_step(&filter, t % 2 != 0 ? 16384 : -16384);
        if (t > 100 && !is_near(now, 0, 6))
            return false;
    }
    return is_near(highest, 17199, 40); // the known overshoot of this filter
}

// A tone in bin 5, a weaker one in bin 12 and an offset must come back in their bins only.
static bool fft_works(void)
{
    static struct complex_q15 data[FFT_SIZE];
    for (unsigned t = 0; t < FFT_SIZE; t++) {
        data[t].re = saturate(sine(5 * t) / 2 + sine(12 * t + 16) / 8 + 4000);
        data[t].im = 0;
    }
    fft(data);
    for (unsigned bin = 0; bin < FFT_SIZE; bin++) {
        int32_t re = data[bin].re, im = data[bin].im;
        unsigned mirrored = bin <= FFT_SIZE / 2 ? bin : FFT_SIZE - bin;
        int32_t wanted = bin == 0 ? 4000 : mirrored == 5 ? 8192 : mirrored == 12 ? 2048 : 0;
        if (!is_near((int32_t)square_root((uint32_t)(re * re + im * im)), wanted, 8))
            return false;
    }
    return is_near(data[5].im, -8192, 8) && is_near(data[12].re, 2048, 8);
}

int main(void)
{
    const char *wrong = !fir_works() ? "fir" : !biquad_works() ? "biquad" : !fft_works() ? "fft" : NULL;
    printf("fixed_point_dsp: %s\n", wrong == NULL ? "ok" : wrong);
    return wrong == NULL ? 0 : 1;
}
