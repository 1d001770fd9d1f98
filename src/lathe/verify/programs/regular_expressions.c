/* A backtracking matcher of regular expressions (classes, anchors, repetition): mutual recursion with
   accumulated positions, short-circuit conditions and switches over characters. */
#include "check.h"

static const char *text_start, *match_end;
static int steps;

static const char *skip_atom(const char *p) {
  if (*p == '\\') return p + 2;
  return *p == '[' ? strchr(p + 2, ']') + 1 : p + 1;
}

static int one(const char *p, char c) {
  if (c == '\0') return 0;
  switch (*p) {
    case '.':
      return 1;
    case '\\':
      return p[1] == 'd' ? c >= '0' && c <= '9' : p[1] == c;
    case '[':
      break;
    default:
      return *p == c;
  }
  int inverted = *++p == '^', found = 0;
  for (p += inverted; *p != ']'; p++) {
    if (p[1] == '-' && p[2] != ']') {
      found |= c >= p[0] && c <= p[2];
      p += 2;
    } else {
      found |= c == *p;
    }
  }
  return found != inverted;
}

static int match_here(const char *p, const char *text);

static int match_many(const char *p, const char *after, const char *text, int least, int most) {
  int n = 0;
  while (n < most && one(p, text[n])) n++;
  for (; n >= least; n--)
    if (match_here(after, text + n)) return 1;
  return 0;
}

static int match_here(const char *p, const char *text) {
  steps++;
  if (*p == '\0') return match_end = text, 1;
  if (*p == '^') return text == text_start && match_here(p + 1, text);
  if (*p == '$' && p[1] == '\0') return *text == '\0' && (match_end = text, 1);
  const char *after = skip_atom(p);
  switch (*after) {
    case '*':
      return match_many(p, after + 1, text, 0, 1000);
    case '+':
      return match_many(p, after + 1, text, 1, 1000);
    case '?':
      return match_many(p, after + 1, text, 0, 1);
    default:
      return one(p, *text) && match_here(after, text + 1);
  }
}

static void search(const char *pattern, const char *text) {
  text_start = text;
  steps = 0;
  do {
    if (match_here(pattern, text)) {
      report("found", (text - text_start) * 1000 + (match_end - text));
      report("steps", steps);
      return;
    }
  } while (*text++);
  report("none", steps);
}

int main(void) {
  const char *text = hide((const char *)"x=10; foo_bar = [a-9] + 3.25e7; z");
  const char *patterns[] = {
      "",         "foo",    "^x",     "^z",       "z$",       "\\d+",          "[a-z_]+ = ",
      "\\[a",     "[^x]",   "[]a-]+", "o*_",      "o+b?",     "\\d+\\.?\\d*e", "q?x=",
      "[0-9-]+]", ".*;.*;", ".*z.$",  "a.*a.*a.", "[^a-z]+$", "[b-e]+[:-@]",   "$1",
      "[/-1]+",   "fo?o?_", "fo?_"};
  for (int i = 0; i < 24; i++) search(hide(patterns[i]), text);
  search(hide((const char *)"a*a*a*b"), "aaaaaaaa");
  search(hide((const char *)".$"), "");
  return 0;
}
