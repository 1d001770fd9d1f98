/* An arena allocator with alignment, marks and release, holding structs with flexible array members: pointer
   arithmetic through casts, and allocation functions that inlining opens. */
#include <stdalign.h>
#include <stddef.h>

#include "check.h"

typedef struct {
  alignas(16) unsigned char memory[1024];
  size_t used, peak, refused;
} Arena;

typedef struct {
  uint16_t length;
  unsigned char tag;
  char text[];
} Text;

typedef struct {
  double scale;
  int rows, columns;
  int32_t cell[];
} Grid;

static void *take(Arena *arena, size_t size, size_t align) {
  size_t start = (arena->used + align - 1) & ~(align - 1);
  if (size > sizeof arena->memory || start > sizeof arena->memory - size) {
    arena->refused++;
    return NULL;
  }
  arena->used = start + size;
  if (arena->used > arena->peak) arena->peak = arena->used;
  return arena->memory + start;
}

static Text *make_text(Arena *arena, const char *from, unsigned char tag) {
  size_t length = strlen(from);
  Text *text = take(arena, offsetof(Text, text) + length + 1, alignof(Text));
  if (!text) return NULL;
  text->length = (uint16_t)length;
  text->tag = tag;
  memcpy(text->text, from, length + 1);
  return text;
}

static Grid *make_grid(Arena *arena, int rows, int columns, double scale) {
  Grid *grid = take(arena, sizeof(Grid) + sizeof(int32_t) * (size_t)(rows * columns), alignof(Grid));
  if (!grid) return NULL;
  *grid = (Grid){scale, rows, columns};
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++) grid->cell[r * columns + c] = (r + 1) * (c - 2);
  return grid;
}

static double trace(const Grid *grid) {
  double sum = 0;
  for (int i = 0; i < grid->rows && i < grid->columns; i++)
    sum += grid->cell[i * grid->columns + i] * grid->scale;
  return sum;
}

int main(void) {
  static Arena arena;
  const char *words[] = {"", "a", "arena", "flexible member"};
  for (int i = 0; i < 4; i++) {
    Text *text = make_text(&arena, hide(words[i]), (unsigned char)(i * 80));
    report("text", text->length * 1000 + text->tag);
    report_bytes("bytes", text->text, text->length + 1u);
    report("used", (long long)arena.used);
  }
  size_t mark = arena.used;
  for (int n = 1; n <= 4; n++) {
    Grid *grid = make_grid(&arena, hide(n), hide(6 - n), hide(0.5) * n);
    report("at", (unsigned char *)grid - arena.memory);
    report_double("trace", trace(grid));
  }
  report("peak", (long long)arena.peak);
  arena.used = mark;
  report("room", take(&arena, hide(1024 - mark + 1), 1) == NULL);
  report("too big", take(&arena, hide((size_t)-1), 8) == NULL);
  report("just", take(&arena, hide(1024 - mark), 1) == arena.memory + mark);
  report("none", take(&arena, hide((size_t)1), 1) == NULL);
  report("nothing", take(&arena, hide((size_t)0), 16) == arena.memory + 1024);
  report("peak and refused", (long long)(arena.peak * 10 + arena.refused));
  return 0;
}
