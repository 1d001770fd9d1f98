// Graph algorithms on vectors: breadth first search, Dijkstra with a priority queue, Floyd-Warshall,
// topological order and union-find, checked against each other. Provokes loop nests with early exits and min
// recognition.
#include <queue>
#include <vector>

#include "check.h"

constexpr int kNodes = 18, kFar = 1 << 20;
struct Edge {
  int to, cost;
};
using Graph = std::vector<Edge>[kNodes];

static void dijkstra(const Graph &g, int from, int *dist) {
  for (int i = 0; i < kNodes; i++) dist[i] = kFar;
  std::priority_queue<std::pair<int, int>> open;
  open.emplace(-(dist[from] = 0), from);
  while (!open.empty()) {
    auto [negative, at] = open.top();
    open.pop();
    if (-negative > dist[at]) continue;
    for (const Edge &e : g[at])
      if (int d = dist[at] + e.cost; d < dist[e.to]) open.emplace(-(dist[e.to] = d), e.to);
  }
}
static int breadth(const Graph &g, int from, int to) {
  int steps[kNodes] = {}, queue[kNodes], head = 0, tail = 0;
  for (steps[queue[tail++] = from] = 1; head < tail; head++) {
    if (queue[head] == to) return steps[to] - 1;
    for (const Edge &e : g[queue[head]])
      if (steps[e.to] == 0) steps[queue[tail++] = e.to] = steps[queue[head]] + 1;
  }
  return -1;
}
static bool topological(const Graph &g, int first, int *order) {
  int waiting[kNodes] = {}, done = 0;
  for (int i = first; i < kNodes; i++)
    for (const Edge &e : g[i]) waiting[e.to]++;
  for (int i = first; i < kNodes; i++)
    if (waiting[i] == 0) order[done++] = i;
  for (int at = 0; at < done; at++)
    for (const Edge &e : g[order[at]])
      if (--waiting[e.to] == 0 && e.to >= first) order[done++] = e.to;
  return done == kNodes - first;
}
static int root(int *parent, int i) { return parent[i] == i ? i : parent[i] = root(parent, parent[i]); }

int main() noexcept {
  Graph g, forward;
  int all[kNodes][kNodes], one[kNodes], order[kNodes] = {}, parent[kNodes], sets = kNodes;
  for (int i = 0; i < kNodes; i++) {
    parent[i] = i;
    for (int j = 0; j < kNodes; j++) all[i][j] = i == j ? 0 : kFar;
  }
  unsigned state = hide(11u);
  for (int i = 0; i < 34; i++) {
    state = state * 1664525u + 1013904223u;
    int a = (int)((state >> 8) % 17), b = (int)((state >> 16) % kNodes), cost = (int)(state >> 28) + 1;
    g[a].push_back({b, cost});
    if (cost < all[a][b]) all[a][b] = cost;
    if (a < b) forward[a].push_back({b, cost});
    if (int p = root(parent, a), q = root(parent, b); p != q) parent[p] = q, sets--;
  }
  for (int k = 0; k < kNodes; k++)
    for (int i = 0; i < kNodes; i++)
      for (int j = 0; j < kNodes; j++)
        if (all[i][k] + all[k][j] < all[i][j]) all[i][j] = all[i][k] + all[k][j];
  int differ = 0, reached = 0;
  for (int i = 0; i < kNodes; i++) {
    dijkstra(g, hide(i), one);
    for (int j = 0; j < kNodes; j++)
      differ += one[j] != (all[i][j] >= kFar ? kFar : all[i][j]), reached += one[j] < kFar;
    if (i % 5 == 0) report_bytes("distances", one, sizeof one);
  }
  expect("differ", differ, 0);
  report("reached", reached);
  report("sets", sets);
  for (int i = 0; i < kNodes; i += 3) report("steps", breadth(g, hide(i), hide((i + 7) % kNodes)));
  expect("ordered", topological(forward, hide(0), order), 1);
  report_bytes("order", order, sizeof order);
  report("cyclic", topological(g, hide(0), order));
  forward[17].push_back({hide(17), 1});
  expect("self loop", topological(forward, 0, order), 0);
}
