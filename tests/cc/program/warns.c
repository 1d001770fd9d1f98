int warns(int x) {
  int unused;
  return x == 3 ? 4 : x * 5;
}
