/* Singly linked lists: reversal, insertion, removal through a pointer to pointer and merge sort; pointer
   chasing that alias analysis and jump threading must not shorten. */
#include "check.h"

typedef struct Node {
  struct Node *next;
  int key, order;
} Node;

static Node pool[64];

static Node *make(int n, unsigned seed, int range) {
  Node *list = NULL;
  for (int i = 0; i < n; i++) {
    seed = seed * 1103515245u + 12345;
    pool[i] = (Node){list, (int)(seed >> 16) % range, i};
    list = &pool[i];
  }
  return list;
}

static Node *reverse(Node *list) {
  Node *back = NULL;
  while (list) {
    Node *next = list->next;
    list->next = back;
    back = list;
    list = next;
  }
  return back;
}

static Node *merge(Node *a, Node *b) {
  Node *merged, **tail = &merged;
  while (a && b) {
    Node **least = b->key < a->key ? &b : &a;
    *tail = *least;
    tail = &(*least)->next;
    *least = (*least)->next;
  }
  *tail = a ? a : b;
  return merged;
}

static Node *sort(Node *list) {
  if (!list || !list->next) return list;
  Node *slow = list, *fast = list->next;
  while (fast && fast->next) slow = slow->next, fast = fast->next->next;
  Node *right = slow->next;
  slow->next = NULL;
  return merge(sort(list), sort(right));
}

static int remove_key(Node **at, int key) {
  int removed = 0;
  while (*at) {
    if ((*at)->key == key)
      *at = (*at)->next, removed++;
    else
      at = &(*at)->next;
  }
  return removed;
}

static void show(const char *label, const Node *list) {
  unsigned hash = 1, n = 0;
  for (; list; list = list->next, n++) hash = (hash * 31 + (unsigned)list->key) * 37 + (unsigned)list->order;
  report(label, (long long)hash * 100 + n);
}

int main(void) {
  const int sizes[] = {0, 1, 2, 3, 5, 8, 33, 64};
  for (int i = 0; i < 8; i++) {
    Node *list = make(hide(sizes[i]), hide(7u) + (unsigned)i, i < 6 ? 3 : 20);
    show("made", list);
    list = reverse(list);
    show("reversed", list);
    list = sort(list);
    show("sorted", list);
    report("least removed", remove_key(&list, list ? list->key : 0));
    report("twos removed", remove_key(&list, hide(2)));
    show("left", list);
  }
  return 0;
}
