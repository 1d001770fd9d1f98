/* A ring buffer whose 8-bit positions wrap, with bulk copies split at the end: narrow unsigned arithmetic and
   memcpy of computed length. */
#include "check.h"

enum { SIZE = 64, MASK = SIZE - 1 };

typedef struct {
  unsigned char data[SIZE];
  uint8_t head, tail; /* free-running: their difference is the number of bytes held */
} Ring;

static unsigned held(const Ring *r) { return (uint8_t)(r->head - r->tail); }

static int put(Ring *r, unsigned char byte) {
  if (held(r) == SIZE) return 0;
  r->data[r->head++ & MASK] = byte;
  return 1;
}

static int get(Ring *r) { return r->head == r->tail ? -1 : r->data[r->tail++ & MASK]; }

static unsigned write_bytes(Ring *r, const unsigned char *from, unsigned n) {
  unsigned room = SIZE - held(r), at = r->head & MASK;
  if (n > room) n = room;
  unsigned first = n < SIZE - at ? n : SIZE - at;
  memcpy(r->data + at, from, first);
  memcpy(r->data, from + first, n - first);
  r->head = (uint8_t)(r->head + n);
  return n;
}

static unsigned read_bytes(Ring *r, unsigned char *to, unsigned n) {
  unsigned at = r->tail & MASK;
  if (n > held(r)) n = held(r);
  unsigned first = n < SIZE - at ? n : SIZE - at;
  memcpy(to, r->data + at, first);
  memcpy(to + first, r->data, n - first);
  r->tail = (uint8_t)(r->tail + n);
  return n;
}

static int peek(const Ring *r, unsigned back) {
  return back < held(r) ? r->data[(uint8_t)(r->head - 1 - back) & MASK] : -1;
}

int main(void) {
  Ring ring = {.head = hide((uint8_t)250), .tail = hide((uint8_t)250)};
  unsigned char block[80], out[80];
  for (int i = 0; i < 80; i++) block[i] = (unsigned char)hide(i * 3 + 1);
  int stored = 0, taken = 0;
  for (int i = 0; i < 66; i++) stored += put(&ring, (unsigned char)(i ^ 0x5a));
  expect("stored", stored, 64);
  report("newest", peek(&ring, hide(0u)));
  report("oldest", peek(&ring, hide(63u)));
  expect("older", peek(&ring, hide(64u)), -1);
  for (int i = 0; i < 66; i++) taken = taken * 3 % 10007 + get(&ring);
  report("taken", taken);
  const unsigned sizes[] = {0, 1, 30, 33, 34, 63, 64, 65, 80};
  for (int i = 0; i < 9; i++) {
    unsigned written = write_bytes(&ring, block, hide(sizes[i]));
    unsigned read = read_bytes(&ring, out, hide(sizes[8 - i] / 2 + 1));
    report("written and read", written * 1000 + read);
    report_bytes("out", out, read);
    report("held", held(&ring) * 1000 + ring.head);
  }
  report_bytes("data", ring.data, SIZE);
  return 0;
}
