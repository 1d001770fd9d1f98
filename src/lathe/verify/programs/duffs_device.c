// Duff's device: a switch into the middle of an unrolled loop, for copying, for summing and with a stride; an
// irreducible shape which must handle every remainder.
#include "check.h"

static void copy(uint16_t *to, const uint16_t *from, unsigned count) {
  if (count == 0) return;
  unsigned rounds = (count + 7) / 8;
  switch (count % 8) {
    case 0:
      do {
        *to++ = *from++;
        __attribute__((fallthrough));
        case 7:
          *to++ = *from++;
          __attribute__((fallthrough));
        case 6:
          *to++ = *from++;
          __attribute__((fallthrough));
        case 5:
          *to++ = *from++;
          __attribute__((fallthrough));
        case 4:
          *to++ = *from++;
          __attribute__((fallthrough));
        case 3:
          *to++ = *from++;
          __attribute__((fallthrough));
        case 2:
          *to++ = *from++;
          __attribute__((fallthrough));
        case 1:
          *to++ = *from++;
      } while (--rounds > 0);
  }
}

// Four at a time, from the end to the start, each step with an operation of its own.
static uint32_t fold(const uint16_t *values, int count) {
  uint32_t sum = 0;
  int i = count;
  switch (count & 3) {
    while (i > 0) {
      case 0:
        if (i == 0) break;
        sum += values[--i];
        __attribute__((fallthrough));
      case 3:
        sum = sum * 5 + values[--i];
        __attribute__((fallthrough));
      case 2:
        sum ^= values[--i];
        __attribute__((fallthrough));
      case 1:
        sum = (sum << 3 | sum >> 29) - values[--i];
    }
  }
  return sum;
}

int main(void) {
  uint16_t source[40], target[40];
  for (unsigned i = 0; i < 40; i++) source[i] = (uint16_t)(hide(i) * 40503u + 99);
  for (unsigned count = 0; count <= 33; count += count < 18 ? 1 : 5) {
    memset(target, 0xee, sizeof target);
    copy(target + 1, source, hide(count));
    if (target[0] != 0xeeee || target[count + 1] != 0xeeee) expect("overrun", count, -1);
    printf("%u: %u ", count, (unsigned)fold(source, hide((int)count)));
    report_bytes("copied", target, sizeof target);
  }
  return 0;
}
