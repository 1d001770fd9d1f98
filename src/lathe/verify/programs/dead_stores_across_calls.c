/* Stores that look dead but are read by a callee, through another pointer, on one path only or after a loop:
   DSE, MemorySSA and sinking must keep them; really dead ones may go. */
#include "check.h"

typedef struct {
  int a, b, c, d;
} Four;

static Four shared;
static int *watched = &shared.b, trace;

static NOINLINE void look(void) { trace = trace * 7 + shared.a + *watched; }

static void call_between(int x) {
  shared.a = x;
  look();
  shared.a = x + 1;
  look();
  shared.a = x + 2;
}

static int through_pointer(Four *f, int *p, int x) {
  f->c = x;
  int seen = *p;
  f->c = x + 10;
  *p = seen + 1;
  return f->c;
}

static int one_path(Four *f, int early) {
  f->d = 1;
  if (early) return f->a;
  f->d = 2;
  f->a += f->d;
  return f->a;
}

static int overwritten_by_call(int n, int sure) {
  Four local;
  memset(&local, 0x11, sizeof local);
  local.b = n;
  Four *maybe = sure ? &local : &shared;
  maybe->b = 5;
  return local.b + local.c;
}

static void loop_last(int *out, int n) {
  for (int i = 0; i < n; i++) {
    *out = i * i;
    if (*out > 50) break;
    out[1] = *out;
  }
}

static int partly_covered(Four *f, int with) {
  f->a = f->b = f->c = f->d = with;
  memset(&f->b, 0, sizeof(int) * 2);
  f->c = with * 2;
  return f->a * 1000 + f->b * 100 + f->c * 10 + f->d;
}

int main(void) {
  shared.b = hide(3);
  call_between(hide(4));
  report("trace", trace);
  watched = hide(1) ? &shared.a : watched;
  call_between(hide(6));
  report("trace", trace);
  report("a", shared.a);
  Four f = {hide(1), 2, hide(3), 4};
  report("same", through_pointer(&f, &f.c, hide(20)));
  report("other", through_pointer(&f, &f.d, hide(30)));
  report_bytes("four", &f, sizeof f);
  report("late", one_path(&f, hide(0)));
  report("d", f.d);
  report("early", one_path(&f, hide(1)));
  report("d", f.d);
  expect("sure", overwritten_by_call(hide(9), hide(1)), 5 + 0x11111111);
  expect("unsure", overwritten_by_call(hide(9), hide(0)), 9 + 0x11111111);
  expect("shared", shared.b, 5);
  const int lengths[] = {0, 1, 7, 8, 9, 20};
  for (int i = 0; i < 6; i++) {
    int out[2] = {-1, -2};
    loop_last(out, hide(lengths[i]));
    report("loop", out[0] * 100 + out[1]);
  }
  expect("partly", partly_covered(&f, hide(3)), 3063);
  report_bytes("four", &f, sizeof f);
  return 0;
}
