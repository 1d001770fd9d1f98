/* Structs of 1 to 40 bytes passed and returned by value: argument promotion, SROA and the ABI's coercions
   must carry every byte to its place. */
#include "check.h"

#define SIZED(n)                                                                                \
  typedef struct {                                                                              \
    unsigned char byte[n];                                                                      \
  } Bytes##n;                                                                                   \
  static NOINLINE Bytes##n turn##n(Bytes##n in, int by) {                                       \
    Bytes##n out;                                                                               \
    for (int i = 0; i < n; i++) out.byte[(i + by) % n] = in.byte[i];                            \
    return out;                                                                                 \
  }                                                                                             \
  static Bytes##n mix##n(Bytes##n a, Bytes##n b) {                                              \
    for (int i = 0; i < n; i++) a.byte[i] = (unsigned char)(a.byte[i] * 3 + b.byte[n - 1 - i]); \
    return a;                                                                                   \
  }                                                                                             \
  static void test##n(unsigned seed) {                                                          \
    Bytes##n s;                                                                                 \
    for (int i = 0; i < n; i++) s.byte[i] = (unsigned char)(seed += 37 + i);                    \
    Bytes##n turned = turn##n(s, n / 2), mixed = mix##n(turned, turn##n(s, 1));                 \
    Bytes##n same = turn##n(turned, n - n / 2);                                                 \
    report_bytes("mixed " #n, &mixed, sizeof mixed);                                            \
    expect("round trip " #n, memcmp(&same, &s, n), 0);                                          \
  }

SIZED(1)
SIZED(2)
SIZED(3)
SIZED(4)
SIZED(5)
SIZED(6)
SIZED(7)
SIZED(8)
SIZED(9)
SIZED(11)
SIZED(12)
SIZED(15)
SIZED(16)
SIZED(17)
SIZED(23)
SIZED(24)
SIZED(25)
SIZED(31)
SIZED(32)
SIZED(33)
SIZED(40)

int main(void) {
  unsigned seed = hide(11u);
  test1(seed), test2(seed), test3(seed), test4(seed), test5(seed), test6(seed), test7(seed);
  test8(seed), test9(seed), test11(seed), test12(seed), test15(seed), test16(seed), test17(seed);
  test23(seed), test24(seed), test25(seed), test31(seed), test32(seed), test33(seed), test40(seed);
  return 0;
}
