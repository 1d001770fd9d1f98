/* Huffman coding: a tree built from counts, canonical codes, a bit writer and reader that cross bytes, and
   the text back from the bits. */
#include "check.h"

enum { SYMBOLS = 32 };

static unsigned char lengths[SYMBOLS];
static uint16_t codes[SYMBOLS];

static int lightest(const int *weight, int nodes) {
  int best = -1;
  for (int i = 0; i < nodes; i++)
    if (weight[i] > 0 && (best < 0 || weight[i] < weight[best])) best = i;
  return best;
}

static void measure(const int *count) {
  int weight[2 * SYMBOLS], parent[2 * SYMBOLS], nodes = SYMBOLS;
  memset(parent, -1, sizeof parent);
  memcpy(weight, count, SYMBOLS * sizeof *count);
  for (int first, second;; nodes++) {
    weight[nodes] = weight[first = lightest(weight, nodes)];
    weight[first] = 0;
    if ((second = lightest(weight, nodes)) < 0) break;
    parent[first] = parent[second] = nodes;
    weight[nodes] += weight[second];
    weight[second] = 0;
  }
  for (int i = 0; i < SYMBOLS; i++) {
    lengths[i] = count[i] > 0 && nodes == SYMBOLS;
    for (int at = i; parent[at] >= 0; at = parent[at]) lengths[i]++;
  }
}

static void assign(void) {
  unsigned next = 0;
  for (int length = 1; length <= 16; length++, next <<= 1)
    for (int i = 0; i < SYMBOLS; i++)
      if (lengths[i] == length) codes[i] = (uint16_t)next++;
}

static size_t write_bits(const char *text, unsigned char *out) {
  size_t bits = 0;
  for (; *text; text++) {
    int symbol = *text - '@';
    for (int i = lengths[symbol] - 1; i >= 0; i--, bits++) {
      if (bits % 8 == 0) out[bits / 8] = 0;
      out[bits / 8] |= (unsigned char)((codes[symbol] >> i & 1) << (7 - bits % 8));
    }
  }
  return bits;
}

static size_t read_bits(const unsigned char *in, size_t bits, char *out) {
  size_t n = 0;
  unsigned code = 0, length = 0;
  for (size_t at = 0; at < bits; at++) {
    code = code << 1 | (in[at / 8] >> (7 - at % 8) & 1u), length++;
    int i = 0;
    while (i < SYMBOLS && !(lengths[i] == length && codes[i] == code)) i++;
    if (i < SYMBOLS) out[n++] = (char)('@' + i), code = length = 0;
  }
  out[n] = '\0';
  return n * 100 + length;
}

int main(void) {
  const char *texts[] = {"A", "AB", "ABRACADABRA", "MISSISSIPPI@RIVER", "ZZZZZZZZZZZZYYYYYYXXXW_"};
  for (int t = 0; t < 5; t++) {
    const char *text = hide(texts[t]);
    int count[SYMBOLS] = {0};
    memset(codes, 0, sizeof codes);
    unsigned char packed[64];
    char back[64];
    for (const char *c = text; *c; c++) count[*c - '@']++;
    measure(count);
    assign();
    report_bytes("lengths", lengths, sizeof lengths);
    report_bytes("codes", codes, sizeof codes);
    size_t bits = write_bits(text, packed);
    report("bits", (long long)bits);
    report_bytes("packed", packed, (bits + 7) / 8);
    report("cut", (long long)read_bits(packed, bits - 1, back));
    expect("letters", (long long)read_bits(packed, hide(bits), back), (long long)strlen(text) * 100);
    expect("same", strcmp(text, back), 0);
  }
  return 0;
}
