// A checker of bracketed expressions: a switch over states around switches over tokens, with breaks,
// continues and gotos that leave different levels; jump threading follows the state from one round to the
// next.
#include "check.h"

enum Token { kEnd, kNumber, kPlus, kMinus, kOpen, kClose };
enum State { kOperand, kOperator, kError };

// Checks a sequence of tokens; the result packs the state, the depth and the count of tokens that were read.
static int check(const unsigned char *tokens) {
  enum State state = kOperand;
  int depth = 0, read = 0;
  for (;; read++) {
    switch (state) {
      case kOperand:
        switch (tokens[read]) {
          case kNumber:
            state = kOperator;
            break;
          case kMinus:
            continue;
          case kOpen:
            if (++depth > 3) goto done;
            break;
          default:
            state = kError;
            break;
        }
        break;
      case kOperator:
        switch (tokens[read]) {
          case kEnd:
            goto done;
          case kClose:
            if (depth-- > 0) continue;
            state = kError;
            break;
          case kPlus:
          case kMinus:
            state = kOperand;
            break;
          default:
            state = kError;
        }
        break;
      default:
        goto done;
    }
  }
done:
  return read * 100 + depth * 10 + state;
}

int main(void) {
  const unsigned char sequences[][8] = {{kNumber},
                                        {kNumber, kPlus, kNumber},
                                        {kMinus, kMinus, kNumber},
                                        {kEnd},
                                        {kNumber, kNumber},
                                        {kOpen, kNumber, kClose},
                                        {kOpen, kOpen, kNumber},
                                        {kNumber, kClose},
                                        {kNumber, kPlus},
                                        {kOpen, kOpen, kOpen, kOpen},
                                        {kOpen, kNumber, kClose, kClose},
                                        {kNumber, kMinus, kMinus, kNumber, 9},
                                        {kNumber, 250},
                                        {kOpen, kOpen, kOpen, kNumber, kClose, kClose, kClose},
                                        {kPlus}};
  for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
    unsigned char tokens[10] = {0};
    for (int j = 0; j < 8; j++) tokens[j] = hide(sequences[i][j]);
    report("checked", check(tokens));
  }
  return 0;
}
