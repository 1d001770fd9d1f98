// Addition, subtraction, multiplication and narrowing that stop at the limits of the type, in the spellings
// from which the optimiser forms saturating intrinsics and min/max chains.
#include "check.h"

static uint8_t add_u8(uint8_t a, uint8_t b) {
  uint8_t sum = (uint8_t)(a + b);
  return sum < a ? UINT8_MAX : sum;
}

static int8_t add_s8(int8_t a, int8_t b) {
  int sum = a + b;
  return (int8_t)(sum > INT8_MAX ? INT8_MAX : sum < INT8_MIN ? INT8_MIN : sum);
}

static uint32_t add_u32(uint32_t a, uint32_t b) { return a > UINT32_MAX - b ? UINT32_MAX : a + b; }
static uint32_t sub_u32(uint32_t a, uint32_t b) { return a > b ? a - b : 0; }
static uint64_t sub_u64(uint64_t a, uint64_t b) { return (a - b) & -(uint64_t)(a >= b); }

static int32_t add_s32(int32_t a, int32_t b) {
  int32_t sum;
  if (__builtin_add_overflow(a, b, &sum)) return a < 0 ? INT32_MIN : INT32_MAX;
  return sum;
}

static int32_t sub_s32(int32_t a, int32_t b) {
  int64_t difference = (int64_t)a - b;
  if (difference > INT32_MAX) return INT32_MAX;
  if (difference < INT32_MIN) return INT32_MIN;
  return (int32_t)difference;
}

static uint16_t mul_u16(uint16_t a, uint16_t b) {
  uint32_t product = (uint32_t)a * b;
  return product > UINT16_MAX ? UINT16_MAX : (uint16_t)product;
}

static uint8_t to_byte(int x) { return (uint8_t)(x & ~255 ? ~x >> 31 & 255 : x); }

int main(void) {
  const int32_t edges[] = {INT32_MIN, INT32_MIN + 1, -2, -1, 0, 1, 2, INT32_MAX - 1, INT32_MAX};
  for (int i = 0; i < 9; i++) {
    uint32_t sums = 0, differences = 0, unsigneds = 0;
    for (int j = 0; j < 9; j++) {
      int32_t a = hide(edges[i]), b = hide(edges[j]);
      sums = sums * 31 + (uint32_t)add_s32(a, b);
      differences = differences * 31 + (uint32_t)sub_s32(a, b);
      unsigneds = unsigneds * 31 + add_u32((uint32_t)a, (uint32_t)b) * 7 + sub_u32((uint32_t)a, (uint32_t)b);
      unsigneds += (uint32_t)sub_u64((uint64_t)(int64_t)a, (uint64_t)(int64_t)b);
    }
    printf("%d: %u %u %u\n", (int)edges[i], (unsigned)sums, (unsigned)differences, (unsigned)unsigneds);
  }
  const uint8_t bytes[] = {0, 1, 2, 126, 127, 128, 129, 254, 255};
  uint8_t table[9][9][2];
  for (int i = 0; i < 9; i++)
    for (int j = 0; j < 9; j++) {
      table[i][j][0] = add_u8(hide(bytes[i]), hide(bytes[j]));
      table[i][j][1] = (uint8_t)add_s8((int8_t)hide(bytes[i]), (int8_t)hide(bytes[j]));
    }
  report_bytes("bytes", table, sizeof table);
  expect("255 * 257", mul_u16(hide((uint16_t)255), hide((uint16_t)257)), 65535);
  expect("256 * 256", mul_u16(hide((uint16_t)256), hide((uint16_t)256)), 65535);
  expect("251 * 261", mul_u16(hide((uint16_t)251), hide((uint16_t)261)), 65511);
  const int colours[] = {-300, -256, -1, 0, 1, 254, 255, 256, 257, 70000};
  for (int i = 0; i < 10; i++) report("to byte", to_byte(hide(colours[i])));
  return 0;
}
