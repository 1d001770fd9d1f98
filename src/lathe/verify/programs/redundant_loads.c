// Partially redundant loads and expressions: GVN and PRE reuse a value along the paths on which it is known,
// insert it on the others, and must notice every store and call in between.
#include "check.h"

struct Node {
  int value, weight;
  struct Node *next;
};

static int counter;

static int bump(int by) { return counter += by; }

static int one_path(int *p, int *q, int condition) {
  int sum = 0;
  if (condition == 1)
    sum = *p * 3;
  else if (condition == 2)
    *q = 50;  // may be *p
  else if (condition == 3)
    *p = 7;
  return sum + *p;  // known on the first and the last path
}

static int forwarded(int *p, int *q) {
  *p = 1;
  int before = *q;
  *q = 2;
  int after = *p;  // 1, or 2 when they are the same
  *p = after + 10;
  return before * 10000 + after * 100 + *q;
}

static int same_phi(int a, int b, int condition) {
  int x, y;
  if (condition)
    x = a * b, y = a + b;
  else
    x = b * a, y = b - -a;
  return x * 31 + y + (x == a * b) * 100000;
}

static int around_calls(int n) {
  int before = counter, sum = counter;
  sum += bump(n);
  if (n > 2) sum += counter;
  return sum * 100 + (counter - before);
}

static int list_sum(struct Node *list, struct Node *special) {
  int sum = 0;
  for (struct Node *node = list; node; node = node->next) {
    if (node->value > node->weight) sum += node->value;
    special->weight--;  // may be this node
    sum += node->weight * 10;
  }
  return sum;
}

static uint32_t loop_pre(const uint8_t *v, int n) {
  uint32_t hash = 0;
  for (int i = 0; i + 2 < n; i++) hash = hash * 33 + (uint32_t)(v[i] + v[i + 1] * 3 + v[i + 2] * 5);
  return hash;
}

int main(void) {
  for (int condition = 0; condition < 4; condition++) {
    int a = hide(4), b = hide(9);
    int separate = one_path(&a, &b, hide(condition)), same = one_path(&a, &a, hide(condition));
    printf("%d: %d %d %d %d\n", condition, separate, same, a, b);
  }
  int a = hide(4), b = hide(9);
  expect("separate", forwarded(&a, &b), 90102);
  expect("same", forwarded(&a, &a), 10212);
  for (int b = 7; b <= 8; b++)
    for (int condition = 0; condition < 2; condition++)
      report("phi", same_phi(hide(-3), hide(b), hide(condition)));
  for (int n = 1; n <= 4; n++) report("calls", around_calls(hide(n)));
  struct Node nodes[4] = {{hide(3), hide(2), nodes + 1},
                          {hide(4), hide(4), nodes + 2},
                          {hide(5), hide(8), nodes + 3},
                          {hide(9), hide(8), NULL}};
  for (int special = 0; special < 4; special++) report("list", list_sum(nodes, nodes + hide(special)));
  for (int i = 0; i < 4; i++) report("weight", nodes[i].weight);
  expect("empty list", list_sum(hide((struct Node *)0), nodes), 0);
  uint8_t bytes[12];
  for (int i = 0; i < 12; i++) bytes[i] = (uint8_t)(hide(i) * 91);
  for (int n = 2; n <= 12; n += n < 4 ? 1 : 4) report("loop", loop_pre(bytes, hide(n)));
  return 0;
}
