/* Disjoint sets with path halving and union by size, used by Kruskal's algorithm and to label the regions of
   a picture: loops that write what they walk over. */
#include "check.h"

typedef struct {
  int16_t parent[100], size[100];
  int sets;
} Sets;

typedef struct {
  uint16_t weight;
  uint8_t a, b;
} Edge;

static void reset(Sets *s, int n) {
  for (int i = 0; i < n; i++) s->parent[i] = (int16_t)i, s->size[i] = 1;
  s->sets = n;
}

static int find(Sets *s, int at) {
  while (s->parent[at] != at) {
    s->parent[at] = s->parent[s->parent[at]];
    at = s->parent[at];
  }
  return at;
}

static int join(Sets *s, int a, int b) {
  a = find(s, a);
  b = find(s, b);
  if (a == b) return 0;
  if (s->size[a] < s->size[b]) {
    int kept = a;
    a = b;
    b = kept;
  }
  s->parent[b] = (int16_t)a;
  s->size[a] = (int16_t)(s->size[a] + s->size[b]);
  s->sets--;
  return 1;
}

static int lighter(const void *a, const void *b) {
  const Edge *x = a, *y = b;
  return x->weight != y->weight ? x->weight - y->weight : x->a != y->a ? x->a - y->a : x->b - y->b;
}

static long spanning_tree(Sets *s, Edge *edge, int edges, int n) {
  long weight = 0;
  qsort(edge, (size_t)edges, sizeof *edge, lighter);
  reset(s, n);
  for (int i = 0; i < edges && s->sets > 1; i++)
    if (join(s, edge[i].a, edge[i].b)) weight += edge[i].weight;
  return weight;
}

static int regions(Sets *s, const char *picture, int width, int height) {
  reset(s, width * height);
  for (int i = 0; i < width * height; i++) {
    if (i % width > 0 && picture[i] == picture[i - 1]) join(s, i, i - 1);
    if (i >= width && picture[i] == picture[i - width]) join(s, i, i - width);
  }
  return s->sets;
}

int main(void) {
  static Sets sets;
  Edge edge[60];
  uint32_t seed = hide(99u);
  for (int edges = 10; edges <= 60; edges += 10) {
    for (int i = 0; i < edges; i++) {
      seed = seed * 1664525 + 1013904223;
      edge[i] = (Edge){seed >> 25, (uint8_t)((seed >> 16) % 20), (uint8_t)((seed >> 8) % 20)};
    }
    report("weight", spanning_tree(&sets, edge, hide(edges), hide(20)));
    report("sets", sets.sets);
    report_bytes("parents", sets.parent, 20 * sizeof *sets.parent);
    report("largest", sets.size[find(&sets, edge[0].a)]);
  }
  const char *picture = hide((const char *)"aabb.a.bb.aaa..b.abbb");
  for (int width = 1; width <= 21; width += width == 1 ? 2 : width == 3 ? 4 : 14) {
    report("regions", regions(&sets, picture, hide(width), hide(21 / width)));
    report("same", find(&sets, 0) == find(&sets, 5));
    report_bytes("sizes", sets.size, 21 * sizeof *sets.size);
  }
  return 0;
}
