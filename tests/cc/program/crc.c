#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "include/unit.h"

static unsigned step(unsigned value) {
  for (int bit = 0; bit < 8; bit++)
    value = value & 1 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
  return value;
}

unsigned unit_crc(const unsigned char *data, unsigned count) {
  unsigned value = ~0u;
  while (count--)
    value = step(value ^ *data++);
  return ~value;
}
