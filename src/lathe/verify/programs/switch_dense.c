// Dense switches, which become jump tables: the first and the last label, one beside each, holes inside, a
// label range that does not start at zero, and several labels that share one arm.
#include "check.h"

static uint32_t evaluate(int op, uint32_t a, uint32_t b) {
  switch (op) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return b ? a / b : 0;
    case 4:
      return a & b;
    case 5:
      return a | b;
    case 6:
      return a ^ b;
    case 7:
      return a >> (b & 31);
    case 8:
      return a < b;
    default:
      return 0xbad;
  }
}

static int weekday_hours(int day) {
  int hours = 0;
  switch (day) {
    case 101:
      hours++;  // Monday starts early
      hours += 8;
      break;
    case 102:
    case 105:
      hours = 8;
      break;
    case 108:
      hours -= 3;
      break;
    case 107:
      break;
    default:
      hours = -1;
  }
  return hours;
}

static void count(const char *text, int counts[6]) {
  for (; *text; text++) switch (*text) {
      case 'a':
      case 'e':
      case 'o':
        counts[0]++;
        break;
      case '0':
      case '1':
        counts[1]++;
        break;
      case '4':
        counts[2]++;
        break;
      case ' ':
        counts[3]++;
        continue;
      case '!':
        counts[5] += 10;
        return;
      default:
        counts[4]++;
    }
  counts[5]++;
}

int main(void) {
  for (int op = -1; op <= 9; op++)
    printf("%d: %u %u %u\n", op, (unsigned)evaluate(hide(op), hide(29u), hide(5u)),
           (unsigned)evaluate(hide(op), hide(0x80000001u), hide(0x80000001u)),
           (unsigned)evaluate(hide(op), 7, hide(0u)));
  for (int day = 99; day <= 109; day++) report("hours", weekday_hours(hide(day)));
  expect("hours of the end", weekday_hours(hide(INT32_MAX)) + weekday_hours(hide(INT32_MIN)), -2);
  const char *texts[] = {"quick brown foxes 0123456789/", "aeiou bdfjnptv dhjn", "", "what! ever", "/04:"};
  int counts[6] = {0};
  for (int i = 0; i < 5; i++) count(hide(texts[i]), counts);
  for (int i = 0; i < 6; i++) report("count", counts[i]);
  return 0;
}
