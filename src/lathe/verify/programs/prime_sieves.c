// Sieves: of Eratosthenes over bytes and over the bits of odd numbers, a segmented one, smallest factors and
// totients; strided stores, bit addressing, and inner loops that start at a square.
#include "check.h"

enum { kLimit = 2000 };

static int over_bytes(unsigned char *composite, int limit) {
  int primes = 0;
  memset(composite, 0, (size_t)limit);
  for (int i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes++;
    for (int j = i * i; j < limit; j += i) composite[j] = 1;
  }
  return primes;
}

static int over_bits(uint32_t *words, int limit) {
  int primes = limit > 2;
  for (int i = 3; i < limit; i += 2) {
    if (words[i >> 6] >> (i >> 1 & 31) & 1) continue;
    primes++;
    for (int j = i * i; j < limit; j += 2 * i) words[j >> 6] |= (uint32_t)1 << (j >> 1 & 31);
  }
  return primes;
}

static int segment(const unsigned char *composite, uint32_t from, int size) {
  unsigned char marks[256] = {0};
  int primes = 0;
  for (uint32_t p = 2; p * p < from + (uint32_t)size; p++) {
    if (composite[p]) continue;
    uint32_t first = (from + p - 1) / p * p;
    if (first < p * p) first = p * p;
    for (uint32_t j = first; j < from + (uint32_t)size; j += p) marks[j - from] = 1;
  }
  for (int i = 0; i < size; i++) primes += !marks[i];
  return primes;
}

static void totients(uint16_t *phi, uint16_t *factor, int limit) {
  for (int i = 0; i < limit; i++) phi[i] = (uint16_t)i, factor[i] = 0;
  for (int i = 2; i < limit; i++) {
    if (factor[i]) continue;
    for (int j = i; j < limit; j += i) {
      if (!factor[j]) factor[j] = (uint16_t)i;
      phi[j] = (uint16_t)(phi[j] / i * (i - 1));
    }
  }
}

int main(void) {
  static unsigned char composite[kLimit];
  static uint32_t words[kLimit / 64 + 1];
  static uint16_t phi[kLimit], factor[kLimit];
  const int limits[] = {0, 2, 3, 4, 9, 10, 100, 1000, 2000}, known[] = {0, 0, 1, 2, 4, 4, 25, 168, 303};
  for (int i = 0; i < 9; i++) {
    expect("bytes", over_bytes(composite, hide(limits[i])), known[i]);
    memset(words, 0, sizeof words);
    expect("bits", over_bits(words, hide(limits[i])), known[i]);
  }
  report_bytes("composite", composite, sizeof composite);
  report_bytes("words", words, sizeof words);
  expect("from a million", segment(composite, hide(1000000u), hide(256)), 21);
  expect("from a prime", segment(composite, hide(1000003u), hide(1)), 1);
  expect("from a square", segment(composite, hide(997u * 997), hide(1)), 0);
  expect("from 2", segment(composite, hide(2u), hide(98)), 25);
  totients(phi, factor, hide(1000));
  report_bytes("phi", phi, sizeof phi);
  report_bytes("factor", factor, sizeof factor);
  int sum = 0, twins = 0;
  for (int i = 1; i < 1000; i++) sum += phi[i];
  for (int i = 3; i + 2 < 1000; i += 2) twins += factor[i] == i && factor[i + 2] == i + 2;
  report("sum of totients", sum);
  expect("twin primes below 1000", twins, 35);
  return 0;
}
