/* A trie with children as indices in an array: insertion, lookup, prefixes, removal, wildcard search and
   listing in order; recursion over sparse children. */
#include "check.h"

typedef struct {
  uint8_t child[5];
  uint8_t words, below;
} Node;

static Node pool[80];
static uint8_t used = 1;

static int insert(const char *word) {
  Node *node = pool;
  for (node->below++; *word; word++, node->below++) {
    uint8_t *child = &node->child[*word - 'a'];
    if (!*child) *child = used++;
    node = &pool[*child];
  }
  return ++node->words;
}

static const Node *walk(const char *prefix) {
  const Node *node = pool;
  for (; *prefix; prefix++) {
    uint8_t next = node->child[*prefix - 'a'];
    if (!next || !pool[next].below) return NULL;
    node = &pool[next];
  }
  return node;
}

static int erase(const char *word) {
  const Node *end = walk(word);
  if (!end || !end->words) return 0;
  Node *node = pool;
  for (node->below--; *word; node->below--) node = &pool[node->child[*word++ - 'a']];
  node->words--;
  return 1;
}

static int matches(const Node *node, const char *pattern) {
  if (!*pattern) return node->words;
  if (*pattern == '*') {
    int found = matches(node, pattern + 1);
    for (int i = 0; i < 5; i++)
      if (node->child[i]) found += matches(&pool[node->child[i]], pattern);
    return found;
  }
  int found = 0;
  for (int i = 0; i < 5; i++)
    if (node->child[i] && (*pattern == '?' || *pattern == 'a' + i))
      found += matches(&pool[node->child[i]], pattern + 1);
  return found;
}

static unsigned list(const Node *node, char *word, int depth, unsigned hash) {
  for (int k = 0; k < node->words; k++)
    for (int i = 0; i <= depth; i++) hash = hash * 31 + (i < depth ? (unsigned char)word[i] : '.');
  for (int i = 0; i < 5; i++) {
    if (!node->child[i]) continue;
    word[depth] = (char)('a' + i);
    hash = list(&pool[node->child[i]], word, depth + 1, hash);
  }
  return hash;
}

int main(void) {
  char words[] = "bad cab ace bead abed cab bade dad decade faced bee add dab cabbed e a eel", word[16];
  char *all[20], *word_end = strtok(words, " ");
  int n = 0;
  for (; word_end; word_end = strtok(NULL, " "))
    if (strspn(word_end, "abcde") == strlen(word_end)) all[n++] = word_end;
  report("words", n);
  for (int i = 0; i < n; i++) report("insert", insert(hide(all[i])));
  report("nodes", used);
  const char *prefixes[] = {"", "b", "ba", "bad", "ca", "cabbed", "ed", "dec"};
  for (int i = 0; i < 8; i++) {
    const Node *node = walk(hide(prefixes[i]));
    report("below", node ? node->below * 10 + node->words : -1);
  }
  const char *patterns[] = {"*", "?", "???", "*e*", "ca*", "?a?", "*d", "b*d?", "", "*a*b*"};
  for (int i = 0; i < 10; i++) report("matches", matches(pool, hide(patterns[i])));
  report("list", list(pool, word, 0, hide(1u)));
  for (int i = 0; i < n; i += 3) report("erase", erase(hide(all[i])));
  for (int i = 0; i < 3; i++) report("erase cab", erase(hide((const char *)"cab")));
  report("list", list(pool, word, 0, hide(1u)));
  return 0;
}
