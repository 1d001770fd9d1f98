/* A tokenizer and an evaluator of expressions by precedence climbing, with unary operators, parentheses and
   error codes: mutual recursion with lookahead, and a chain of selects over operators. */
#include "check.h"

typedef struct {
  const char *at;
  int32_t number;
  char kind; /* n for a number, 0 at the end, else the operator */
  char error;
} Lexer;

static const char operators[] = "|&<>+-*/%", levels[] = "123344555";

static void advance(Lexer *lex) {
  while (*lex->at == ' ') lex->at++;
  if (*lex->at < '0' || *lex->at > '9') {
    lex->kind = *lex->at;
    if (lex->kind) lex->at++;
    return;
  }
  uint32_t value = 0, base = 10;
  if (lex->at[0] == '0' && lex->at[1] == 'x') base = 16, lex->at += 2;
  for (;; lex->at++) {
    uint32_t digit = (uint32_t)(*lex->at - '0');
    if (digit > 9) digit = *lex->at >= 'a' ? (uint32_t)(*lex->at - 'a') + 10 : base;
    if (digit >= base) break;
    value = value * base + digit;
  }
  lex->number = (int32_t)value;
  lex->kind = 'n';
}

static int precedence(char op) {
  const char *found = op ? strchr(operators, op) : NULL;
  return found ? levels[found - operators] - '0' : 0;
}

static int32_t apply(Lexer *lex, char op, int32_t a, int32_t b) {
  uint32_t x = (uint32_t)a, y = (uint32_t)b;
  if (op == '+') return (int32_t)(x + y);
  if (op == '-') return (int32_t)(x - y);
  if (op == '*') return (int32_t)(x * y);
  if (op == '<' || op == '>') return op == '<' ? a < b : a > b;
  if (op == '&' || op == '|') return op == '&' ? a & b : a | b;
  if (b == 0 || (b == -1 && a == INT32_MIN)) return lex->error = '0', 0;
  return op == '/' ? a / b : a % b;
}

static int32_t binary(Lexer *lex, int least);

static int32_t unary(Lexer *lex) {
  char kind = lex->kind;
  int32_t value = lex->number;
  advance(lex);
  if (kind == 'n') return value;
  if (kind == '-') return (int32_t)-(uint32_t)unary(lex);
  if (kind == '~') return ~unary(lex);
  if (kind != '(') return lex->error = 'u', 0;
  value = binary(lex, 1);
  if (lex->kind != ')') lex->error = ')';
  advance(lex);
  return value;
}

static int32_t binary(Lexer *lex, int least) {
  int32_t left = unary(lex);
  for (int level; !lex->error && (level = precedence(lex->kind)) >= least;) {
    char op = lex->kind;
    advance(lex);
    int32_t right = binary(lex, level + 1);
    left = apply(lex, op, left, right);
  }
  return left;
}

int main(void) {
  Lexer lex = {
      hide((const char *)"1+2*3;(1+2)*3;2-3-4;100/7%4;-7/2;-7%3;~0 & 0xff9;1<2|6&3;3>3;4>3;2<2;0x7fffffff+1;"
                         "5/(2-2);-2147483648/-1;7%-1;((8);2*(3+);1 + x;0xfg;;9:;--5-~-3;  12  * 0x0a0;"
                         "1-(2-(3-(4-5)))*6"),
      0, 0, 0};
  while (*lex.at) {
    lex.error = 0;
    advance(&lex);
    report("value", binary(&lex, 1));
    report("end", lex.kind * 1000 + lex.error);
    while (lex.kind && lex.kind != ';') advance(&lex);
  }
  return 0;
}
