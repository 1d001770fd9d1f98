// Gray codes and de Bruijn multiplication, whose table look-up is recognised as cttz; the inverse of the Gray
// code is a chain of shifted xors that loops may turn into one another.
#include "check.h"

static uint32_t to_gray(uint32_t x) { return x ^ x >> 1; }

static uint32_t from_gray(uint32_t x) {
  for (int shift = 1; shift < 32; shift <<= 1) x ^= x >> shift;
  return x;
}

static uint32_t from_gray_bitwise(uint32_t gray) {
  uint32_t result = 0;
  for (; gray; gray >>= 1) result ^= gray;
  return result;
}

static const unsigned char kPositions[32] = {0,  1,  28, 2,  29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4,  8,
                                             31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6,  11, 5,  10, 9};

static int trailing_zeros(uint32_t x) { return kPositions[(x & -x) * 0x077cb531u >> 27]; }

// A de Bruijn sequence of order n, by the necklaces of its alphabet {0, 1}.
static void necklaces(int t, int p, int n, unsigned char *a, uint64_t *sequence) {
  if (t > n) {
    if (n % p == 0)
      for (int j = 1; j <= p; j++) *sequence = *sequence << 1 | a[j];
    return;
  }
  a[t] = a[t - p];
  necklaces(t + 1, p, n, a, sequence);
  for (a[t] = a[t - p] + 1; a[t] < 2; a[t]++) necklaces(t + 1, t, n, a, sequence);
}

int main(void) {
  uint32_t previous = to_gray(hide(0u)), path = 0;
  for (uint32_t i = 1; i < 1000; i++) {
    uint32_t gray = to_gray(hide(i)), change = gray ^ previous;
    path = path * 31 + (uint32_t)trailing_zeros(change);
    if ((change & (change - 1)) != 0 || from_gray(gray) != i || from_gray_bitwise(gray) != i)
      expect("wrong at", i, -1);
    previous = gray;
  }
  report("path", path);
  const uint32_t samples[] = {0x80000000, 0xffffffff, 0x55555555, 0xdeadbeef};
  for (int i = 0; i < 4; i++) {
    uint32_t x = hide(samples[i]);
    printf("%08x: %08x %08x %08x\n", (unsigned)x, (unsigned)to_gray(x), (unsigned)from_gray(x),
           (unsigned)from_gray_bitwise(x));
  }
  for (int i = 0; i < 32; i += 5)
    expect("position", trailing_zeros(hide(0x80000001u) << hide(i) | hide(0u)), i);
  for (int i = 0; i < 32; i++)
    if (trailing_zeros(0xfffffff0u << 4 << hide(i) | (uint32_t)1 << hide(i)) != i) expect("table", i, -1);
  for (int n = 2; n <= 6; n++) {
    unsigned char a[8] = {0};
    uint64_t sequence = 0, seen = 0;
    necklaces(1, 1, hide(n), a, &sequence);
    report("sequence", (long long)sequence);
    for (int i = 0; i < 1 << n; i++) {
      seen |= (uint64_t)1 << (sequence & ((1u << n) - 1));
      sequence = sequence >> 1 | (sequence & 1) << ((1 << n) - 1);
    }
    expect("windows", __builtin_popcountll(seen), 1 << n);
  }
  return 0;
}
