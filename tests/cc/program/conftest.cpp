#include <cstdio>
int main() { return std::puts("") < 0; }
