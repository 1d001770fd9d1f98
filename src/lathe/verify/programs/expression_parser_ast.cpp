// A tokenizer, a recursive descent parser with precedence, an AST of virtual nodes, a constant folder and
// a printer. Provokes devirtualisation, switch lowering and recursive inlining.
#include "check.h"

static int nodes;

struct Node {
  Node() { nodes++; }
  virtual ~Node() { nodes--; }
  virtual long eval(const long *vars) const = 0;
  virtual Node *fold() { return this; }
  virtual void print() const = 0;
};
struct Number final : Node {
  long value;
  explicit Number(long v) : value(v) {}
  long eval(const long *) const override { return value; }
  void print() const override { printf("%ld", value); }
};
struct Variable final : Node {
  int index;
  explicit Variable(int i) : index(i) {}
  long eval(const long *vars) const override { return vars[index]; }
  void print() const override { printf("%c", 'a' + index); }
};
struct Binary final : Node {
  char op;
  Node *left, *right;
  Binary(char o, Node *l, Node *r) : op(o), left(l), right(r) {}
  ~Binary() override { delete left, delete right; }
  long eval(const long *vars) const override {
    long l = left->eval(vars);
    if (op == '?' && l <= 0) return 0;  // does not look at the right side
    long r = right->eval(vars);
    if (op == '/' && r == 0) throw op;
    return op == '+'   ? l + r
           : op == '-' ? l - r
           : op == '*' ? l * r
           : op == '/' ? l / r
           : op == '<' ? l < r
                       : r;
  }
  Node *fold() override {
    left = left->fold(), right = right->fold();
    if (!dynamic_cast<Number *>(left) || !dynamic_cast<Number *>(right)) return this;
    Node *n = new Number(eval(nullptr));
    return delete this, n;
  }
  void print() const override { putchar('('), left->print(), putchar(op), right->print(), putchar(')'); }
};

static int level(char c) {
  return c == '?' ? 1 : c == '<' ? 2 : c == '+' || c == '-' ? 3 : c == ')' || c == 0 ? 0 : 4;
}

static Node *parse(const char *&s, int above) {
  Node *n;
  if (*s == '(') {
    n = parse(++s, 0), s++;
  } else if (*s >= 'a' && *s <= 'z') {
    n = new Variable(*s++ - 'a');
  } else {
    char *end;
    n = new Number(strtol(s, &end, 10)), s = end;
  }
  while (level(*s) > above) {
    char op = *s++;
    n = new Binary(op, n, parse(s, level(op)));
  }
  return n;
}

int main() noexcept {
  const char *sources[] = {"1+2*3-4", "a-b-c*2", "(a+9)*(10-3)/2", "a<b?b/(a-1)", "20/(2-a*1)<c?7*6"};
  for (const char *s : sources) {
    Node *n = parse(s, hide(0));
    printf("%d nodes ", nodes);
    (n = n->fold())->print();
    for (long a = 0; a <= 2; a++) {
      long vars[] = {hide(a), hide(1L), hide(9L)};
      try {
        printf(" %ld", n->eval(vars));
      } catch (char c) {
        printf(" %c!", c);
      }
    }
    delete n;
    printf(" left %d\n", nodes);
  }
}
