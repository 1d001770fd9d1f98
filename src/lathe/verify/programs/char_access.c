/* Objects read and written through unsigned char pointers, which may alias anything: TBAA must not separate
   the bytes from the int, double or pointer that they are part of. */
#include "check.h"

typedef struct {
  int32_t id;
  int16_t part[2];
  double value;
} Record;

static NOINLINE int32_t poke_int(int32_t *number, unsigned char *byte, unsigned char with) {
  int32_t before = *number;
  *byte ^= with;
  return *number - before;
}

static NOINLINE double poke_double(double *number, unsigned char *byte) {
  double before = *number;
  byte[7] = (unsigned char)(byte[7] ^ 0x80);
  return before * 3 + *number;
}

static void reverse_bytes(void *object, size_t size) {
  unsigned char *low = object, *high = low + size;
  while (low < high) {
    unsigned char kept = *low;
    *low++ = *--high;
    *high = kept;
  }
}

static unsigned count_bits(const void *object, size_t size) {
  const unsigned char *at = object;
  unsigned bits = 0;
  while (size--)
    for (unsigned byte = *at++; byte; byte &= byte - 1) bits++;
  return bits;
}

int main(void) {
  Record r = {hide(0x01020304), {hide((int16_t)-2), 300}, hide(2.5)};
  unsigned char *raw = (unsigned char *)&r, other = 9;
  for (int i = 0; i < 4; i++) report("poke int", poke_int(&r.id, raw + hide(i), (unsigned char)(0x81 + i)));
  report("poke elsewhere", poke_int(&r.id, &other, hide((unsigned char)6)));
  report("other", other);
  report_double("poke double", poke_double(&r.value, (unsigned char *)&r.value));
  report_double("poked", r.value);
  reverse_bytes(&r.id, sizeof r.id);
  report("reversed id", r.id);
  reverse_bytes(r.part, sizeof r.part);
  report("reversed parts", r.part[0] * 100000LL + r.part[1]);
  reverse_bytes(&other, hide(1));
  report("one byte", other);
  for (size_t size = 0; size <= 5; size++) {
    unsigned char text[6] = "abcde";
    reverse_bytes(text, size);
    report_bytes("reversed text", text, sizeof text);
  }
  report("bits", count_bits(&r, sizeof r));
  for (size_t i = 0; i < sizeof r; i++) raw[i] = (unsigned char)(raw[i] * 5 + i);
  report("id of bytes", r.id);
  report("part of bytes", r.part[1]);
  report_double("value of bytes", r.value);
  return 0;
}
