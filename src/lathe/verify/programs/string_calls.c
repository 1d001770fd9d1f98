/* Calls of the string library with constant and hidden arguments: SimplifyLibCalls rewrites them into cheaper
   calls, loads and constants. */
#include "check.h"

static int sign(int value) { return (value > 0) - (value < 0); }

static void compare_all(const char *a, const char *b) {
  report("strcmp", sign(strcmp(a, b)));
  for (size_t n = 0; n <= 4; n++) report("strncmp", sign(strncmp(a, b, hide(n))));
  report("equal", (strcmp(a, b) == 0) * 2 + (memcmp(a, b, 3) == 0));
  report("memcmp", sign(memcmp(a, b, 1)) * 100 + sign(memcmp(a, b, 2)) * 10 + sign(memcmp(a, b, 4)));
}

static void find_all(const char *text) {
  const char *end = text + strlen(text);
  report("first n", strchr(text, 'n') - text);
  report("last n", strrchr(text, 'n') - text);
  report("zero", strchr(text, '\0') - end);
  report("none", strchr(text, hide('z')) == NULL);
  report("memchr", (const char *)memchr(text, 'd', 10) - text);
  report("memchr too short", memchr(text, 'd', hide((size_t)9)) == NULL);
  report("strstr", strstr(text, "and") - text);
  report("strstr empty", strstr(text, "") - text);
  report("starts", strstr(text, "sand") == text);
  report("spans", (long long)(strspn(text, "andes") * 100 + strcspn(text, hide((const char *)" c"))));
  report("strpbrk", strpbrk(text, "tu") - text);
}

static void copy_all(const char *text) {
  char out[24], *end;
  memset(out, '#', sizeof out);
  strncpy(out, text, 3);
  report_bytes("strncpy cut", out, sizeof out);
  strncpy(out, text, 20);
  report_bytes("strncpy padded", out, sizeof out);
  strcpy(out, text + 5);
  strcat(out, "!");
  report_bytes("strcat", out, sizeof out);
  strncat(out, text, hide((size_t)2));
  report("strncat", (long long)strlen(out));
  report_bytes("strncat bytes", out, sizeof out);
  end = out + sprintf(out, "%s", text);
  report("sprintf", end - out);
  end += sprintf(end, "x%d%%%c", hide(-7), hide('q'));
  report_bytes("sprintf bytes", out, (size_t)(end - out));
  report("snprintf", snprintf(out, 5, "%s", text) * 10LL + (long long)strlen(out));
}

int main(void) {
  compare_all(hide((const char *)"abcd"), hide((const char *)"abce"));
  compare_all(hide((const char *)"ab\xff"), "ab\x01");
  compare_all(hide((const char *)"same"), "same");
  find_all(hide((const char *)"sand and sun"));
  copy_all(hide((const char *)"long enough"));
  report("empty", (long long)strlen(hide((const char *)"")) + (*hide((const char *)"") == 0));
  report("ternary",
         (long long)strlen(hide(1) ? "four" : "seventh") * 10 + (long long)strlen(hide(0) ? "a" : "bcd"));
  return 0;
}
