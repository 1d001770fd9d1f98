/* Topological order by counting and by depth-first search, strongly connected components and longest paths
   over a graph in compressed rows: index arrays that are filled through prefix sums. */
#include "check.h"

enum { N = 16, MOST = 40 };

typedef struct {
  int nodes, start[N + 1], target[MOST];
} Graph;

static void build(Graph *g, const unsigned char (*edge)[2], int edges, int nodes) {
  int next[N] = {0};
  memset(g, 0, sizeof *g);
  g->nodes = nodes;
  for (int i = 0; i < edges; i++) g->start[edge[i][0] + 1]++;
  for (int i = 0; i < nodes; i++) g->start[i + 1] += g->start[i], next[i] = g->start[i];
  for (int i = 0; i < edges; i++) g->target[next[edge[i][0]]++] = edge[i][1];
}

static int by_counting(const Graph *g, int *order) {
  int waiting[N] = {0}, head = 0, tail = 0;
  for (int i = 0; i < g->start[g->nodes]; i++) waiting[g->target[i]]++;
  for (int i = 0; i < g->nodes; i++)
    if (waiting[i] == 0) order[tail++] = i;
  for (; head < tail; head++)
    for (int i = g->start[order[head]]; i < g->start[order[head] + 1]; i++)
      if (--waiting[g->target[i]] == 0) order[tail++] = g->target[i];
  return tail;
}

static int longest_path(const Graph *g, const int *order, int n) {
  int length[N] = {0}, best = 0;
  for (int i = n - 1; i >= 0; i--)
    for (int k = g->start[order[i]]; k < g->start[order[i] + 1]; k++) {
      int through = length[g->target[k]] + 1;
      if (through > length[order[i]]) length[order[i]] = through;
      if (through > best) best = through;
    }
  return best;
}

typedef struct {
  int index[N], low[N], stack[N], depth, clock, components;
  unsigned on_stack;
} Tarjan;

static void visit(const Graph *g, Tarjan *t, int node) {
  t->index[node] = t->low[node] = ++t->clock;
  t->stack[t->depth++] = node;
  t->on_stack |= 1u << node;
  for (int i = g->start[node]; i < g->start[node + 1]; i++) {
    int to = g->target[i];
    if (!t->index[to]) visit(g, t, to);
    if ((t->on_stack >> to & 1) && t->low[to] < t->low[node]) t->low[node] = t->low[to];
  }
  if (t->low[node] != t->index[node]) return;
  t->components++;
  for (int popped = -1; popped != node;) {
    popped = t->stack[--t->depth];
    t->on_stack &= ~(1u << popped);
    t->low[popped] = 100 + t->components;
  }
}

int main(void) {
  unsigned char edge[MOST][2];
  uint32_t seed = hide(8u);
  for (int edges = 0; edges <= MOST; edges += 8)
    for (int backward = 0; backward < 2; backward++) {
      for (int i = 0; i < edges; i++) {
        seed = seed * 22695477 + 1;
        unsigned a = seed >> 28, b = (a + 1 + (seed >> 20) % 15) % N;
        int turned = (a > b) != (backward && i % 7 == 3);
        edge[i][0] = (unsigned char)(turned ? b : a);
        edge[i][1] = (unsigned char)(turned ? a : b);
      }
      Graph g;
      int order[N] = {0}, sorted;
      build(&g, (const unsigned char (*)[2])edge, hide(edges), hide((int)N));
      report("sorted", sorted = by_counting(&g, order));
      report_bytes("order", order, sizeof order);
      report("longest", sorted == N ? longest_path(&g, order, N) : -1);
      Tarjan t = {.components = 0};
      for (int i = 0; i < N; i++)
        if (!t.index[i]) visit(&g, &t, i);
      report("components", t.components);
      report_bytes("members", t.low, sizeof t.low);
    }
  return 0;
}
