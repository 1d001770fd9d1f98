#include "include/unit.h"
#include <stdio.h>

int main(int count, char **words) {
  const char *text = count > 1 ? words[1] : "a few words";
  printf("%u %d %d %u\n", unit_crc((const unsigned char *)text, 5), unit_table(4), unit_table(7), unit_words(text));
  printf("%d %d\n", unit_hash(text, 2), unit_calls);
  return 0;
}
