/* Structs that mix int, float and double, nest, and hold arrays, through calls by value: SROA and the calling
   convention split them over general, vector and memory arguments. */
#include "check.h"

typedef struct {
  float x, y;
} Pair;
typedef struct {
  double weight;
  int count;
} Tagged;
typedef struct {
  short id;
  float ratio;
  double value;
} Mixed;
typedef struct {
  Pair corner[2];
  signed char kind;
} Box;
typedef struct {
  Tagged tag;
  Box box;
  Mixed last;
} Whole;

static NOINLINE Pair swap_pair(Pair p) { return (Pair){p.y, p.x}; }

static NOINLINE Tagged weigh(Pair p, Tagged t) {
  t.weight += p.x < p.y ? p.x : p.y;
  t.count -= p.x == p.y;
  return t;
}

static NOINLINE Mixed blend(Mixed m, int scale, Tagged t, float f) {
  m.id = (short)(m.id * scale + t.count);
  m.ratio = m.ratio - f;
  m.value = m.value * scale + t.weight;
  return m;
}

static Box order(Box box) {
  Pair low = box.corner[0], high = box.corner[1];
  if (low.x > high.x) box.corner[0].x = high.x, box.corner[1].x = low.x, box.kind |= 1;
  if (low.y > high.y) box.corner[0].y = high.y, box.corner[1].y = low.y, box.kind |= 2;
  return box;
}

static NOINLINE Whole combine(Whole w, Pair p, Mixed m) {
  Whole out = w;
  out.box.corner[1] = swap_pair(p);
  out.box = order(out.box);
  out.tag = weigh(w.box.corner[0], w.tag);
  out.last = blend(m, w.box.kind, out.tag, w.last.ratio);
  return out;
}

static void show(Whole w) {
  report_double("weight", w.tag.weight);
  report("count and kind", w.tag.count * 1000 + w.box.kind);
  report_bytes("corners", w.box.corner, sizeof w.box.corner);
  report("id", w.last.id);
  report_double("ratio", w.last.ratio);
  report_double("value", w.last.value);
}

int main(void) {
  Whole w = {
      {hide(2.5), hide(7)}, {{{hide(1.5f), hide(-3.0f)}, {8, 9}}, hide((signed char)4)}, {5, 0.25f, -6}};
  Pair corners[] = {{hide(-4.0f), hide(1.0f)}, {2, 2}, {hide(0.5f), hide(100.0f)}, {-100, hide(-4.0f)}};
  for (int i = 0; i < 4; i++) {
    w = combine(w, corners[i], (Mixed){(short)(i + 1), (float)i, w.tag.weight});
    show(w);
    w.box.corner[0] = corners[i];
    w.box.kind++;
  }
  return 0;
}
