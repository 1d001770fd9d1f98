/* What the programs of the bundled suite share: values that the optimiser cannot see through, and reports.

   A program is judged by its exit status and its output, compared with the unoptimised build. So everything
   that it computes must reach a report, and nothing that a correct compiler may choose freely may (addresses,
   the sign of a NaN, the order of evaluation, time). */

#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same value, read through memory about which the optimiser knows nothing. Scalars only. */
#define hide(value)                               \
  (__extension__({                                \
    volatile __typeof__(value) hidden_ = (value); \
    hidden_;                                      \
  }))

/* Stays a call of its own where a program is about calls. */
#define NOINLINE __attribute__((noinline))

__attribute__((unused)) static void report(const char *label, long long value) {
  printf("%s %lld\n", label, value);
}

/* The bits of a double; every NaN is the same. */
__attribute__((unused)) static void report_double(const char *label, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (value != value)
    printf("%s nan\n", label);
  else
    printf("%s %016llx\n", label, (unsigned long long)bits);
}

/* The FNV-1a hash of some bytes (no padding among them). */
__attribute__((unused)) static void report_bytes(const char *label, const void *data, size_t size) {
  const unsigned char *bytes = (const unsigned char *)data;
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
  printf("%s %016llx\n", label, (unsigned long long)hash);
}

/* For answers that are known: ends the program with status 1 when the value is another. */
__attribute__((unused)) static void expect(const char *label, long long value, long long known) {
  report(label, value);
  if (value != known) {
    printf("%s should be %lld\n", label, known);
    exit(1);
  }
}

#endif
