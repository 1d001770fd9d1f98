#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "include/unit.h"
#include <stddef.h>

#ifndef UNIT_TURNS
#define UNIT_TURNS 2
#endif

static const char *const names[] = {"one", "two", "three", "four"};

static size_t length(const char *text) {
  size_t count = 0;
  while (text[count])
    count++;
  return count;
}

unsigned unit_words(const char *text) {
  unsigned words = 0;
  for (int inside = 0; *text; text++) {
    int letter = *text != ' ' && *text != '\t' && *text != '\n';
    words += letter && !inside;
    inside = letter;
  }
  return words;
}

int unit_hash(const char *text, int turns) {
  int value = 17;
  for (int turn = 0; turn < turns * UNIT_TURNS; turn++) {
    const char *name = names[turn & 3];
    for (size_t i = 0; i < length(text); i++)
      value = value * 31 + text[i];
    for (size_t i = 0; i < length(name); i++)
      value = value * 33 ^ name[i];
  }
  return value;
}
