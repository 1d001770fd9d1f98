// First and last rounds that differ from the rest: peeling and index-set splitting move them out of the loop;
// phis that become constant after one or two rounds, and conditions on the loop's own counter.
#include "check.h"

static int join(char *out, const int *values, int count) {
  int length = 0;
  for (int i = 0; i < count; i++) {
    if (i > 0) out[length++] = ',';
    if (values[i] >= 10) out[length++] = (char)('0' + values[i] / 10);
    out[length++] = (char)('0' + values[i] % 10);
    if (i == count - 1) out[length++] = '.';
  }
  out[length] = '\0';
  return length;
}

static int64_t chained(const int *values, int count) {
  int64_t sum = 0;
  int previous = 1000, before = 50000;  // constants in the first rounds only
  for (int i = 0; i < count; i++) {
    sum = sum * 3 + values[i] - previous + 2 * before;
    before = previous;
    previous = values[i];
  }
  return sum;
}

static int thirds(const int *values, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    if (i < 3)
      sum += values[i];
    else if (i < count - 2)
      sum -= 2 * values[i];
    else
      sum += 100 * values[i];
    if (i == 5) sum ^= 0x55;
    if (i != count / 2) sum += 3;
  }
  return sum;
}

static int turns(const int *values, int count) {
  int turned = 0, first = 1, minimum = 0, position = -1;
  for (int i = 0; i < count; i++) {
    if (first || values[i] < minimum) {
      minimum = values[i];
      position = i;
      first = 0;
    }
    turned = !turned;
  }
  return position * 100 + minimum * 2 + turned;
}

int main(void) {
  int values[12];
  for (int i = 0; i < 12; i++) values[i] = (hide(i) * 29 + 9) % 37;
  for (int count = 0; count <= 12; count++) {
    char text[48];
    int length = join(text, values, hide(count));
    printf("%d %s %lld %d %d\n", length, text, (long long)chained(values, hide(count)),
           thirds(values, hide(count)), turns(values + count % 3, hide(count - count % 3)));
  }
  int equal[3] = {hide(7), hide(7), hide(6)};
  expect("first minimum", turns(equal, hide(2)), 14);
  expect("later minimum", turns(equal, hide(3)), 213);
  return 0;
}
