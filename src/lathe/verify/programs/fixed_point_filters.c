/* Fixed-point signals: FIR and IIR filters, CORDIC rotation, adaptive delta coding and
   Q15 products with rounding; shifts of signed values and clamps. */
#include "check.h"

static int16_t saturate(int32_t x) { return (int16_t)(x > 32767 ? 32767 : x < -32768 ? -32768 : x); }

static int16_t times_q15(int16_t a, int16_t b) { return saturate(((int32_t)a * b + 0x4000) >> 15); }

static void fir(int16_t *out, const int16_t *in, int n, const int16_t *taps, int order) {
  for (int i = 0; i < n; i++) {
    int32_t sum = 1 << 13;
    for (int k = 0; k < order; k++)
      if (i >= k) sum += in[i - k] * taps[k];
    out[i] = saturate(sum >> 14);
  }
}

typedef struct {
  int32_t b0, b1, b2, a1, a2;
  int32_t x1, x2, y1, y2;
} Biquad;

static int32_t biquad(Biquad *f, int32_t x) {
  int64_t sum = (int64_t)f->b0 * x + (int64_t)f->b1 * f->x1 + (int64_t)f->b2 * f->x2;
  sum -= (int64_t)f->a1 * f->y1 + (int64_t)f->a2 * f->y2;
  f->x2 = f->x1, f->x1 = x;
  f->y2 = f->y1, f->y1 = (int32_t)(sum >> 14);
  return f->y1;
}

static void rotate(int32_t *x, int32_t *y, int32_t angle) {
  static const int32_t arctan[] = {51472, 30386, 16055, 8150, 4091, 2047, 1024, 512, 256, 128};
  for (int i = 0; i < 10; i++) {
    int32_t dx = *y >> i, dy = *x >> i;
    if (angle >= 0)
      *x -= dx, *y += dy, angle -= arctan[i];
    else
      *x += dx, *y -= dy, angle += arctan[i];
  }
}

static int encode(const int16_t *in, int n, signed char *code) {
  int guess = 0, step = 16, error = 0;
  for (int i = 0; i < n; i++) {
    int difference = in[i] - guess, size = abs(difference) / step;
    if (size > 7) size = 7;
    code[i] = (signed char)(difference < 0 ? -size : size);
    guess = saturate(guess + code[i] * step);
    error += abs(in[i] - guess);
    step = size > 3 ? (step < 4096 ? step * 2 : step) : (step > 4 ? step - step / 4 : step);
  }
  return error;
}

int main(void) {
  int16_t in[64], out[64], taps[] = {4096, -8000, 30000, 4096, -16384};
  signed char code[64];
  for (int i = 0; i < 64; i++)
    in[i] = (int16_t)hide(i < 8 ? (i & 1 ? 32767 : -32768) : (i * i * 517) % 40000 - 20000);
  for (int order = 0; order <= 5; order++) {
    fir(out, in, hide(order ? 64 : 3), taps, hide(order));
    report_bytes("fir", out, order ? sizeof out : 6);
  }
  Biquad low = {hide(1000), 2000, 1000, -24000, hide(11000), 0, 0, 0, 0};
  for (int i = 0; i < 64; i++) out[i] = (int16_t)biquad(&low, in[i] / 2);
  report_bytes("biquad", out, sizeof out);
  const int32_t edges[] = {32766, 32767, 32768, -32767, -32768, -32769};
  for (int i = 0; i < 6; i++) report("saturated", saturate(hide(edges[i])));
  report("q15", times_q15(hide((int16_t)-32768), -32768) * 100000LL + times_q15(hide((int16_t)1), 16384));
  report("q15 below", times_q15(hide((int16_t)1), 16383) * 10 + times_q15(hide((int16_t)-1), 16385));
  for (int angle = -60000; angle <= 60000; angle += 30000) {
    int32_t x = hide(39797), y = 0;
    rotate(&x, &y, hide(angle));
    report("x", x);
    report("y", y);
  }
  report("error", encode(in, hide(64), code));
  report_bytes("code", code, sizeof code);
  return 0;
}
