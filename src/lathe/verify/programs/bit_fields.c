// Bit-fields, signed and unsigned, within a word and across bytes: reads must extend, writes must keep the
// neighbours and wrap to their width; SROA and GVN work on the word that holds them.
#include "check.h"

struct Date {
  unsigned day : 5, month : 4, year : 12;
  signed shift : 6;
  unsigned leap : 1;
};

struct Wide {
  uint64_t low : 13, middle : 38, high : 13;
};

struct Mixed {
  signed a : 3;
  unsigned b : 7;
  unsigned : 0;
  signed c : 1;
  unsigned d : 31;
  unsigned char tail;
};

static uint32_t pack(struct Date d) {
  return d.day | d.month << 5 | d.year << 9 | (uint32_t)(d.shift & 63) << 21 | (uint32_t)d.leap << 27;
}

static void next_month(struct Date *d) {
  if (d->month++ == 12) {
    d->month = 1;
    d->year++;
    d->leap = (d->year % 4 == 0 && d->year % 100 != 0) || d->year % 400 == 0;
  }
  d->shift -= 7;
}

int main(void) {
  struct Date date = {hide(31u), hide(10u), hide(1899u), hide(-20), 0};
  for (int i = 0; i < 65; i++) {
    next_month(&date);
    if (i % 13 == 2)
      printf("%u.%u.%u %d %u %08x\n", date.day, date.month, date.year, date.shift, date.leap,
             (unsigned)pack(date));
  }
  expect("leap 1905", date.leap, 0);
  for (unsigned year = 1999; year < 2001; year++) {
    struct Date december = {1, 12, hide(year), 0, 0};
    next_month(&december);
    report("leap", december.leap);
    expect("year", december.year, year + 1);
  }
  struct Wide wide = {.low = hide(8191u), .middle = hide((uint64_t)1 << 37), .high = hide(1u)};
  wide.low++;
  wide.middle += wide.middle + wide.high;
  wide.high -= 2;
  expect("low", wide.low, 0);
  expect("middle", (long long)wide.middle, 1);
  expect("high", wide.high, 8191);
  struct Mixed mixed = {.a = 0, .b = hide(127u), .c = 0, .d = hide(0x7fffffffu), .tail = 9};
  for (int i = 0; i < 9; i++) {
    mixed.a = (signed)(hide((unsigned)i) & 7) - (i & 4 ? 8 : 0);
    mixed.b += 3;
    mixed.c = -(hide(i) & 1);
    mixed.d ^= (unsigned)mixed.b << (3 * i);
    mixed.tail = (unsigned char)(mixed.tail * 5 + (mixed.a < mixed.c));
    printf("%d %u %d %u %u\n", mixed.a, mixed.b, mixed.c, mixed.d, mixed.tail);
  }
  return 0;
}
