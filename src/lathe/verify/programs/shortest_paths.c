/* Dijkstra, Bellman-Ford and Floyd-Warshall agree on the distances in graphs with and without negative edges:
   relaxation, infinities that must not be added to, and early exits. */
#include "check.h"

enum { N = 9, FAR = INT32_MAX };

typedef struct {
  int from, to, weight;
} Edge;

static int dijkstra(int graph[N][N], int n, int start, int *distance, int *before) {
  unsigned done = 0;
  int settled = 0;
  for (int i = 0; i < n; i++) distance[i] = FAR, before[i] = -1;
  distance[start] = 0;
  for (;;) {
    int next = -1;
    for (int i = 0; i < n; i++)
      if (!(done >> i & 1) && distance[i] != FAR && (next < 0 || distance[i] < distance[next])) next = i;
    if (next < 0) return settled;
    done |= 1u << next;
    settled++;
    for (int i = 0; i < n; i++)
      if (graph[next][i] != FAR && distance[next] + graph[next][i] < distance[i])
        distance[i] = distance[next] + graph[next][i], before[i] = next;
  }
}

static int bellman_ford(const Edge *edge, int edges, int n, int start, int *distance) {
  for (int i = 0; i < n; i++) distance[i] = i == start ? 0 : FAR;
  for (int round = 0; round <= n; round++) {
    int changed = 0;
    for (const Edge *e = edge; e < edge + edges; e++)
      if (distance[e->from] != FAR && distance[e->from] + e->weight < distance[e->to])
        distance[e->to] = distance[e->from] + e->weight, changed = 1;
    if (!changed) return round;
  }
  return -1;
}

static void floyd_warshall(int d[N][N], int n) {
  for (int k = 0; k < n; k++)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        if (d[i][k] != FAR && d[k][j] != FAR && d[i][k] + d[k][j] < d[i][j]) d[i][j] = d[i][k] + d[k][j];
}

int main(void) {
  uint32_t seed = hide(2u);
  for (int edges = 0; edges <= 30; edges += 6) {
    int graph[N][N], distance[N], other[N], before[N];
    Edge list[30];
    for (int i = 0; i < N * N; i++) graph[i / N][i % N] = i / N == i % N ? 0 : FAR;
    for (int e = 0; e < edges; e++) {
      seed = seed * 1103515245 + 12345;
      list[e] = (Edge){seed >> 28 & 7, 1 + (seed >> 24 & 7), (int)(seed >> 16 & 15)};
      int *cell = &graph[list[e].from][list[e].to];
      if (list[e].weight < *cell) *cell = list[e].weight;
    }
    report("settled", dijkstra(graph, hide((int)N), hide(0), distance, before));
    report("rounds", bellman_ford(list, edges, hide((int)N), 0, other));
    expect("agree", memcmp(distance, other, sizeof other), 0);
    report_bytes("distance", distance, sizeof distance);
    report_bytes("before", before, sizeof before);
    floyd_warshall(graph, N);
    expect("all agree", memcmp(graph[0], other, sizeof other), 0);
    report_bytes("all", graph, sizeof graph);
  }
  Edge negative[] = {{0, 1, hide(5)}, {1, 2, hide(-3)}, {2, 3, 1}, {0, 3, hide(4)}, {3, 1, hide(2)}};
  int distance[4];
  expect("no cycle", bellman_ford(negative, 5, 4, hide(0), distance), 1);
  report_bytes("negative", distance, sizeof distance);
  negative[4].weight = hide(1);
  expect("cycle", bellman_ford(negative, hide(5), 4, 0, distance), -1);
  return 0;
}
