// Class-level operator new and delete: a free list per class, the size passed to sized delete through virtual
// destructors, placement forms with arguments. Provokes removal or pairing of allocations it must not touch.
#include "check.h"

struct Link {
  Link *next;
};
static Link *free_list;
static int fresh, reused;
static long bytes_out, bytes_in;
static char hints[64];
static int hint_count;

struct Node {
  int key;
  Node *left = nullptr, *right = nullptr;
  explicit Node(int k) : key(k) {}
  virtual ~Node() {
    delete left;
    delete right;
  }
  virtual int weight() const { return 1; }
  static void *operator new(size_t size) {
    bytes_out += (long)size;
    if (size == sizeof(Node) && free_list) {
      reused++;
      Link *l = free_list;
      free_list = l->next;
      return l;
    }
    fresh++;
    return malloc(size);
  }
  static void *operator new(size_t size, char hint) {
    hints[hint_count++] = hint;
    return operator new(size);
  }
  static void operator delete(void *p, size_t size) {
    bytes_in += (long)size;
    if (size != sizeof(Node)) return free(p);
    Link *l = static_cast<Link *>(p);
    l->next = free_list;
    free_list = l;
  }
};
struct Heavy final : Node {
  long load[3];
  explicit Heavy(int k) : Node(k), load{k, k * 2L, k * 3L} {}
  int weight() const override { return (int)(load[0] + load[1] - load[2]) + 5; }
};

static void insert(Node *&root, int key) {
  if (!root)
    root = key % 5 == 0 ? new ('H') Heavy(key) : key % 3 == 0 ? new ('t') Node(key) : new Node(key);
  else if (key != root->key)
    insert(key < root->key ? root->left : root->right, key);
}
static int sum(const Node *n, int depth) {
  return n ? n->weight() * depth + n->key + sum(n->left, depth + 1) + sum(n->right, depth + 1) : 0;
}

int main() noexcept {
  unsigned state = hide(12345u);
  for (int round = 0; round < 6; round++) {
    Node *root = nullptr;
    for (int i = 0; i < 10 + round; i++) {
      state = state * 1664525u + 1013904223u;
      insert(root, (int)(state >> 26));
    }
    printf("round %d: sum %d fresh %d reused %d out %ld in %ld\n", round, sum(root, 1), fresh, reused,
           bytes_out, bytes_in);
    delete root;
  }
  printf("hints %s\n", hints);
  expect("balance", bytes_out - bytes_in, 0);
  int listed = 0;
  while (Link *l = free_list) {
    free_list = l->next;
    listed++;
    free(l);
  }
  report("listed", listed);
}
