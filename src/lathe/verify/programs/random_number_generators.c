// Generators whose outputs are published: two of Lehmer's, Knuth's linear congruence, three xorshifts,
// splitmix, PCG and the Mersenne twister. Long chains of wrapping multiplications, shifts and rotations.
#include "check.h"

static uint32_t lehmer(uint32_t seed, uint32_t factor, int rounds) {
  while (rounds-- > 0) seed = (uint32_t)((uint64_t)seed * factor % 2147483647);
  return seed;
}

// Without division, by the two halves of the product (Schrage).
static int32_t lehmer_schrage(int32_t seed, int rounds) {
  const int32_t a = 16807, m = 2147483647, q = m / a, r = m % a;
  for (; rounds > 0; rounds--) {
    seed = a * (seed % q) - r * (seed / q);
    if (seed <= 0) seed += m;
  }
  return seed;
}

static uint32_t xorshift32(uint32_t *x) {
  *x ^= *x << 13;
  *x ^= *x >> 17;
  return *x ^= *x << 5;
}

static uint64_t xorshift64(uint64_t *x) {
  *x ^= *x << 13;
  *x ^= *x >> 7;
  return *x ^= *x << 17;
}

static uint64_t splitmix64(uint64_t *x) {
  uint64_t z = *x += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

struct Pcg {
  uint64_t state, increment;
};

static uint32_t pcg32(struct Pcg *pcg) {
  uint64_t old = pcg->state;
  pcg->state = old * 6364136223846793005u + pcg->increment;
  uint32_t mixed = (uint32_t)((old >> 18 ^ old) >> 27), turn = (uint32_t)(old >> 59);
  return mixed >> turn | mixed << (-turn & 31);
}

static uint32_t mersenne_twister(uint32_t seed, int rounds) {
  uint32_t s[624], y = 0;
  s[0] = seed;
  for (uint32_t i = 1; i < 624; i++) s[i] = 1812433253u * (s[i - 1] ^ s[i - 1] >> 30) + i;
  for (int k = 0; k < rounds; k++) {
    int i = k % 624;
    y = (s[i] & 0x80000000) | (s[(i + 1) % 624] & 0x7fffffff);
    s[i] = s[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908b0df : 0);
    y = s[i] ^ s[i] >> 11;
    y ^= y << 7 & 0x9d2c5680;
    y ^= y << 15 & 0xefc60000;
    y ^= y >> 18;
  }
  return y;
}

int main(void) {
  expect("minstd_rand0", lehmer(hide(1u), hide(16807u), hide(10000)), 1043618065);
  expect("minstd_rand", lehmer(hide(1u), hide(48271u), hide(10000)), 399268537);
  expect("by Schrage", lehmer_schrage(hide(1), hide(10000)), 1043618065);
  expect("mt19937", mersenne_twister(hide(5489u), hide(10000)), 4123659995);
  expect("first of mt19937", mersenne_twister(hide(5489u), hide(1)), 3499211612);
  uint32_t word = hide(2463534242u);
  expect("xorshift32", xorshift32(&word), 723471715);
  for (int i = 0; i < 3; i++) report("xorshift32", xorshift32(&word));
  uint64_t wide = hide(88172645463325252u);
  expect("xorshift64", (long long)xorshift64(&wide), 8748534153485358512);
  expect("xorshift64", (long long)xorshift64(&wide), 3040900993826735515);
  uint64_t split = hide((uint64_t)1234567);
  const uint64_t splits[] = {6457827717110365317, 3203168211198807973, 9817491932198370423u,
                             4593380528125082431, 16408922859458223821u};
  for (int i = 0; i < 5; i++) expect("splitmix64", (long long)splitmix64(&split), (long long)splits[i]);
  struct Pcg pcg = {0, 54u << 1 | 1};
  pcg32(&pcg);
  pcg.state += hide(42u);
  pcg32(&pcg);
  const uint32_t outputs[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e};
  for (int i = 0; i < 6; i++) expect("pcg32", pcg32(&pcg), outputs[i]);
  return 0;
}
