// Switches whose arms cover runs of characters: the runs become range checks or bit tests; every run is
// entered at both ends and missed by one on either side, and a second switch works on the class that the
// first has found.
#include "check.h"

enum Class { kOther, kSpace, kDigit, kLower, kUpper, kPunctuation };

static enum Class classify(int c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
      return kSpace;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return kDigit;
    case 'a':
    case 'b':
    case 'c':
    case 'd':
    case 'e':
    case 'f':
      return kLower;
    case 'A':
    case 'B':
    case 'C':
    case 'D':
    case 'E':
    case 'F':
      return kUpper;
    case '+':
    case '-':
    case '*':
    case '/':
    case '(':
    case ')':
    case '.':
      return kPunctuation;
    default:
      return kOther;
  }
}

static int hex_value(int c) {
  switch (classify(c)) {
    case kDigit:
      return c - '0';
    case kLower:
      return c - 'a' + 10;
    case kUpper:
      return c - 'A' + 10;
    default:
      return -1;
  }
}

int main(void) {
  unsigned char classes[260];
  int members[6] = {0};
  for (int c = -2; c < 258; c++) {
    classes[c + 2] = (unsigned char)classify(hide(c));
    members[classes[c + 2]]++;
  }
  report_bytes("classes", classes, sizeof classes);
  for (int i = 0; i < 6; i++) report("members", members[i]);
  const char *digits = hide((const char *)"09afAF/:`gG@ ");
  for (; *digits; digits++) report("hex", hex_value(*digits));
  return 0;
}
