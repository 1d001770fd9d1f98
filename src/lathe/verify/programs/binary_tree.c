/* A binary search tree with insertion, removal, rotation and traversals with and without recursion: tail
   recursion elimination and inlining of self-calling functions. */
#include "check.h"

typedef struct Tree {
  struct Tree *left, *right;
  int key;
} Tree;

static Tree pool[64], *spare = pool;

static int insert(Tree **at, int key) {
  while (*at) {
    if ((*at)->key == key) return 0;
    at = key < (*at)->key ? &(*at)->left : &(*at)->right;
  }
  *spare = (Tree){NULL, NULL, key};
  *at = spare++;
  return 1;
}

static Tree *erase(Tree *tree, int key) {
  if (!tree) return NULL;
  if (key < tree->key)
    tree->left = erase(tree->left, key);
  else if (key > tree->key)
    tree->right = erase(tree->right, key);
  else if (!tree->left)
    return tree->right;
  else if (!tree->right)
    return tree->left;
  else {
    Tree *next = tree->right;
    while (next->left) next = next->left;
    tree->key = next->key;
    tree->right = erase(tree->right, next->key);
  }
  return tree;
}

static int height(const Tree *tree) {
  if (!tree) return 0;
  int left = height(tree->left), right = height(tree->right);
  return 1 + (left > right ? left : right);
}

static int count_between(const Tree *tree, int low, int high) {
  if (!tree) return 0;
  if (tree->key < low) return count_between(tree->right, low, high);
  if (tree->key > high) return count_between(tree->left, low, high);
  return 1 + count_between(tree->left, low, high) + count_between(tree->right, low, high);
}

static unsigned in_order(const Tree *tree) {
  const Tree *stack[64];
  unsigned hash = 0;
  int depth = 0;
  while (tree || depth) {
    for (; tree; tree = tree->left) stack[depth++] = tree;
    tree = stack[--depth];
    hash = hash * 101 + (unsigned)tree->key;
    tree = tree->right;
  }
  return hash;
}

static unsigned shape(const Tree *tree) {
  return tree ? 3 + 5 * shape(tree->left) + 7 * shape(tree->right) + (unsigned)tree->key : 1;
}

int main(void) {
  Tree *tree = NULL;
  unsigned seed = hide(42u);
  int added = 0;
  for (int i = 0; i < 60; i++) added += insert(&tree, (int)((seed = seed * 69069 + 5) >> 20) % 80);
  report("added", added);
  for (int key = 0; key < 88; key += 8) {
    report("height", height(tree));
    report("in order", in_order(tree));
    report("shape", shape(tree));
    report("between", count_between(tree, hide(key), hide(key + 30)) * 100 + count_between(tree, key, key));
    for (int k = key; k < key + 8; k++) tree = erase(tree, hide(k));
  }
  expect("empty", tree == NULL, 1);
  return 0;
}
