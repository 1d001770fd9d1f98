// Stores that are overwritten, partly overwritten, never read, or only read on one path: dead store
// elimination must tell the dead from those which a load through another pointer, type or call still sees.
#include "check.h"

struct Packet {
  uint8_t kind, flags;
  uint16_t length;
  uint32_t payload;
};

static int global;

static int read_global(void) { return global; }

static int overwritten(int *p, const int *q, int condition) {
  *p = 1;
  int seen = *q;  // sees the 1 when it is the same
  *p = 2;
  if (condition > 0) seen += *q * 10;
  *p = 3;
  if (condition > 1) return seen;
  *p = 4;
  return seen;
}

static struct Packet build(int urgent, uint32_t payload) {
  struct Packet packet = {0, 0, 0, 0};
  packet.kind = 9;
  packet.length = 8;
  if (urgent) {
    packet.kind = 1;
    packet.flags |= 0x80;
  } else if (payload == 0) {
    packet.length = 4;
    return packet;
  }
  packet.payload = payload;
  return packet;
}

static int around_call(int x) {
  global = x;
  int first = read_global();
  global = x + 1;
  global = x + 2;
  int second = read_global();
  global = 0;
  return first * 1000 + second;
}

static int last_only(int *out, int n) {
  int unused[4] = {0};
  for (int i = 0; i < n; i++) {
    out[0] = i * 5;  // only the last one stays, and none when there is no round
    unused[i & 3] = i;
  }
  unused[1] += 100;
  return unused[1] + unused[n & 3];
}

int main(void) {
  for (int condition = 0; condition < 3; condition++) {
    int a = hide(7), b = hide(8);
    int separate = overwritten(&a, &b, hide(condition)), last = a;
    int same = overwritten(&a, &a, hide(condition));
    printf("%d: %d %d %d %d %d\n", condition, separate, last, same, a, b);
  }
  for (int urgent = 0; urgent < 2; urgent++)
    for (uint32_t payload = 0; payload < 2; payload++) {
      struct Packet packet = build(hide(urgent), hide(payload));
      report_bytes("packet", &packet, sizeof packet);
    }
  expect("calls", around_call(hide(41)), 41043);
  expect("global", global, 0);
  for (int n = 0; n <= 6; n++) {
    int out[1] = {-1}, rest = last_only(out, hide(n));
    report("last", out[0] * 1000 + rest);
  }
  char *heap = malloc(16);
  if (!heap) return 1;
  memset(heap, 'a', 16);
  memset(heap, 'b', (size_t)hide(7));
  heap[hide(8)] = '\0';
  puts(heap);
  memset(heap, 0, 16);
  free(heap);
  return 0;
}
