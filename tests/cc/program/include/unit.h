/* Declarations of the small program that command lines are tried with. */
#ifndef UNIT_H
#define UNIT_H
#ifdef __cplusplus
extern "C" {
#endif
unsigned unit_crc(const unsigned char *data, unsigned count);
int unit_table(int x);
unsigned unit_words(const char *text);
int unit_hash(const char *text, int turns);
extern int unit_calls;
#ifdef __cplusplus
}
#endif
#endif
