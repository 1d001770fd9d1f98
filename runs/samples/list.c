typedef unsigned long size_t;
extern void *malloc(size_t); extern void free(void *);
extern int memcmp(const void *, const void *, size_t), strcmp(const char *, const char *), puts(const char *);
extern void *memcpy(void *, const void *, size_t), *memset(void *, int, size_t);
struct node { struct node *next; int key; short tag; char name[12]; double weight; };
struct pair { int a, b; short c, d; };
static int counters[16]; static const char *const names[] = {"zero", "one", "two", "three", "four"};
static int hits, misses; int exported_table[8] = {3, 1, 4, 1, 5, 9, 2, 6};
struct node *insert(struct node *head, int key, const char *name) {
  struct node *n = malloc(sizeof *n);
  if (!n) return head;
  memset(n, 0, sizeof *n); n->key = key; n->weight = key * 1.5;
  for (int i = 0; i < 11 && name[i]; i++) n->name[i] = name[i];
  struct node **p = &head;
  while (*p && (*p)->key < key) p = &(*p)->next;
  n->next = *p; *p = n; hits++;
  return head;
}
int find(const struct node *n, int key, const char *name) {
  for (; n; n = n->next) {
    if (n->key == key && !strcmp(n->name, name)) { hits++; return n->tag; }
    if (n->key > key) break;
  }
  misses++; return -1;
}
int same(const struct pair *x, const struct pair *y) {
    return x->a == y->a && x->b == y->b && x->c == y->c && x->d == y->d; }
int header(const char *p) { return memcmp(p, "\x7f" "ELF\2\1\1\0", 8) == 0 || memcmp(p, "!<arch>\n", 8) == 0; }
static double mean(const struct node *n) {
  double s = 0; int c = 0;
  for (; n; n = n->next) { s += n->weight; c++; }
  return c ? s / c : 0;
}
int classify(int c) {
  switch (c) {
  case 'a': case 'e': case 'i': case 'o': case 'u': counters[0]++; return 1;
  case '0': case '1': case '2': case '3': case '4': case '5': counters[1]++; return 2;
  case ' ': counters[2]++; return 3;
  case '\n': counters[3] += 2; return 7;
  case '-': counters[4] ^= 3; return 11;
  case '+': counters[5] |= c; return 5;
  default: return c > 'm' ? -c : c * 3;
  }
}
const char *name_of(int i) { switch (i) { case 0: return names[0]; case 1: return names[1]; case 2:
    return names[2]; case 3: return names[3]; default: return "many"; } }
int opcode(int op, int a, int b) {
  switch (op) {
  case 0: return a + b; case 1: return a - b; case 2: return a * b; case 3: return b ? a / b : 0;
  case 4: return a & b; case 5: return a | b; case 6: return a ^ b; case 7: return a << (b & 31);
  case 8: return (unsigned)a >> (b & 31); case 9: return a == b; case 10: return a < b; case 11: puts("?");
      return opcode(b & 7, a, a);
  }
  return 0;
}
static void swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }
void sort(int *v, int n) {
  if (n < 2) return;
  int i = 0, j = n - 1, p = v[n / 2];
  for (;;) { while (v[i] < p) i++; while (v[j] > p) j--; if (i >= j) break; swap(v + i, v + j); i++; j--; }
  sort(v, i); sort(v + i, n - i);
}
int main(void) {
  struct node *l = 0; int v[20]; unsigned h = 2166136261u;
  for (int i = 0; i < 20; i++) { v[i] = i * 37 % 23; l = insert(l, v[i], name_of(i % 5)); }
  sort(v, 20);
  for (int i = 0; i < 20;
      i++) h = (h ^ (unsigned)(v[i] + find(l, i, names[i % 5]) + classify('0' + i * 3) + opcode(i % 11, v[i],
      i))) * 16777619u;
  struct pair x = {1, 2, 3, 4}, y = {1, 2, 3, (short)(h & 7)};
  h += (unsigned)mean(l) + (unsigned)same(&x, &y) * 3 + (unsigned)header((const char *)v) +
      (unsigned)hits * 5 + (unsigned)misses;
  for (int i = 0; i < 16; i++) h = h * 31 + (unsigned)counters[i];
  while (l) { struct node *n = l->next; free(l); l = n; }
  return (int)(h % 251);
}
