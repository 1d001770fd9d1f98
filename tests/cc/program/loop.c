/* What only the optimiser warns of. */
int calls(int x);

int loop(const int *data, int count) {
  int sum = 0;
#pragma clang loop vectorize(enable)
  for (int i = 0; i < count; i++)
    sum += calls(data[i]);
  return sum;
}
