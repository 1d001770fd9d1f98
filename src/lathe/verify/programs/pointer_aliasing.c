/* Loops over pointers that may overlap, beside restrict ones that do not: vectorising, LICM and load
   forwarding need a runtime check or must stay away. */
#include "check.h"

#define N 40
static int data[N];

static NOINLINE void add_shifted(int *out, const int *in, int n) {
  for (int i = 0; i < n; i++) out[i] = in[i] * 3 % 1000 + 1;
}

static NOINLINE void add_restrict(int *restrict out, const int *restrict in, int n) {
  for (int i = 0; i < n; i++) out[i] = in[i] * 3 % 1000 + 1;
}

static NOINLINE int scale_by(int *values, const int *factor, int n) {
  int steps = 0;
  for (int i = 0; i < n; i++) {
    values[i] = (int)((unsigned)values[i] * (unsigned)*factor);
    steps += *factor & 3;
  }
  return steps;
}

static NOINLINE int store_load(int *a, int *b, short *c) {
  *a = 10;
  *b = 20;
  *c = 3;
  int first = *a;
  *b += *a;
  return first * 100 + *a + *b + *c;
}

static NOINLINE void until_bound(unsigned char *bytes, unsigned char *bound) {
  for (unsigned char i = 0; i < *bound; i++) bytes[i] = (unsigned char)(bytes[i] / 2 + i);
}

static void fill(void) {
  for (int i = 0; i < N; i++) data[i] = hide(i * i - 7);
}

int main(void) {
  for (int shift = -9; shift <= 9; shift += shift == -1 || shift == 0 ? 1 : 2) {
    fill();
    add_shifted(data + 10 + shift, data + 10, hide(20));
    report_bytes("shifted", data, sizeof data);
  }
  fill();
  add_restrict(data + 20, data, hide(20));
  report_bytes("restrict", data, sizeof data);
  const int places[] = {-1, 0, 5, 11, 12};
  for (int i = 0; i < 5; i++) {
    fill();
    report("factor steps", scale_by(data + 4, data + 4 + places[i], hide(12)));
    report_bytes("factor", data, sizeof data);
  }
  int a, b;
  short c;
  report("apart", store_load(&a, &b, &c));
  report("together", store_load(&a, &a, &c));
  report("sum", a);
  for (int at = 0; at < 12; at += 3) {
    unsigned char bytes[16];
    for (int i = 0; i < 16; i++) bytes[i] = (unsigned char)hide(9 + (i == at));
    until_bound(bytes, bytes + hide(at));
    report_bytes("bound", bytes, sizeof bytes);
  }
  return 0;
}
