// Lifetimes of locals, members, array elements and temporaries, with and without extension by a reference:
// the order of destruction is fixed by the language. Provokes sinking, hoisting and merging of destructor
// calls.
#include "check.h"

static char trace[200];
static int length;
static void note(char c) { trace[length++] = c; }
static void flush(const char *label, int value) {
  trace[length] = 0;
  printf("%s %d %s\n", label, value, trace);
  length = 0;
}

struct Tag {
  char name;
  Tag(char n) : name(n) { note(n); }
  Tag(const Tag &o) : name((char)(o.name + 1)) { note(name), note('\''); }
  ~Tag() { note((char)(name - 32)); }
  Tag plus(int n) const { return Tag((char)(name + n)); }
  int value() const { return name; }
};

struct Pair {
  Tag second, first;  // built in this order, whatever the initialiser list might look like
  const Tag &kept;
  explicit Pair(char c) : second((char)(c + 1)), first(c), kept(first) {}
  ~Pair() { note('.'); }
};

static int branches(int x) {
  Tag a('a');
  if (x < 3) {
    Tag b('b');
    if (x == 1) return b.value();
    Tag c('c');
    if (x == 2) goto out;
  } else {
    Tag d = a;
    switch (Tag s('s'); x) {
      case 3:
        return d.value() + s.value();
      case 4:
        note('4');
        [[fallthrough]];
      default:
        note('*');
    }
  }
  note('-');
out:
  Tag e('e');
  return x + e.value();
}

static int temporaries(int x) {
  const Tag &extended = Tag('k').plus(x);  // 'k' dies at the semicolon, its sum lives on
  note(';');
  int sum = Tag('m').plus(x).plus(1).value() + extended.value();
  note(';');
  const Tag &member = x > 1 ? Pair('p').second : Tag('t');
  note(';');
  bool both = Tag('u').value() > 'u' - x && Tag('v').value() > 'v' + x - 3;
  note(';');
  for (int i = 0; Tag('w').value() - 'w' + i < x; Tag('x'), i++) note('0' + (char)i);
  return sum + member.value() * 2 + both;
}

static int arrays(int n) {
  Tag row[] = {'a', Tag('b'), 'c'};
  Pair pairs[2] = {Pair('f'), Pair('i')};
  return row[n].value() + pairs[n & 1].kept.value();
}

int main() noexcept {
  for (int x = 0; x <= 5; x++) flush("branches", branches(hide(x)));
  for (int x = 0; x <= 4; x++) flush("temporaries", temporaries(hide(x)));
  for (int n = 0; n < 3; n++) flush("arrays", arrays(hide(n)));
}
