/* What only the back end refuses. */
int late(int x) {
  __asm__("nonsense %0" : "+r"(x));
  return x;
}
