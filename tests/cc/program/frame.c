/* What only the back end warns of. */
void fill(char *place, int size);
__attribute__((warning("says so"))) int said(int x);

int frame(int x) {
  char place[4096];
  fill(place, x);
  return place[x & 4095] + said(x);
}
