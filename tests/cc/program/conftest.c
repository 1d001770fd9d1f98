#include <stdio.h>
int main(void) {
  FILE *f = fopen("conftest.out", "w");
  return !f || ferror(f) || fclose(f) != 0;
}
