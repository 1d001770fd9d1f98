typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long long u64;
extern void *memcpy(void *, const void *, unsigned long); extern double floor(double);
u32 table[256]; static u8 window[512]; static u32 state_a, state_b, state_c;
    static int matrix[12][12], other[12][12];
static int op_add(int a, int b) { return a + b + 7; } static int op_sub(int a, int b) { return a - b - 7; }
static int op_add2(int a, int b) { return a + b + 7; }
static int (*const ops[])(int, int) = {op_add, op_sub, op_add2};
void fill(void) {
  for (u32 i = 0; i < 256; i++) { u32 c = i; for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0xEDB88320u :
      c >> 1; table[i] = c; }
}
u32 crc(const u8 *p, int n) { u32 c = ~0u; while (n--) c = table[(c ^ *p++) & 255] ^ (c >> 8); return ~c; }
static u32 next(void) { state_a ^= state_a << 13; state_a ^= state_a >> 17; state_a ^= state_a << 5;
    state_b += 362437; state_c = state_c * 69069 + 1; return state_a + state_b + state_c; }
int utf8(const u8 *s, u32 *out) {
  if (s[0] < 0x80) { *out = s[0]; return 1; }
  if ((s[0] & 0xe0) == 0xc0) { *out = (u32)(s[0] & 31) << 6 | (s[1] & 63); return 2; }
  if ((s[0] & 0xf0) == 0xe0) { *out = (u32)(s[0] & 15) << 12 | (u32)(s[1] & 63) << 6 | (s[2] & 63); return 3; }
  if ((s[0] & 0xf8) == 0xf0) {
      *out = (u32)(s[0] & 7) << 18 | (u32)(s[1] & 63) << 12 | (u32)(s[2] & 63) << 6 | (s[3] & 63); return 4; }
  *out = 0xfffd; return 1;
}
void multiply(int n) { for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) { int s = 0; for (int k = 0;
    k < n; k++) s += matrix[i][k] * matrix[k][j]; other[i][j] = s; } }
void blur(float *restrict o, const float *restrict a, int n, int mode) {
  for (int i = 1; i < n - 1; i++) { if (mode) o[i] = (a[i - 1] + a[i] * 2 + a[i + 1]) * 0.25f; else o[i] = a[i]; }
  if (mode == 3) for (int i = 0; i < n; i++) o[i] = o[i] > 1 ? 1 : o[i] < 0 ? 0 : o[i];
}
int inflate(const u8 *in, int n, u8 *out, int cap) {
  int i = 0, o = 0;
  while (i < n) {
    u8 c = in[i++];
    if (c & 0x80) { int len = (c & 15) + 2, dist = i < n ? in[i++] + 1 : 1;
        if (dist > o || o + len > cap) return -1; while (len--) { out[o] = out[o - dist]; o++; } }
    else { int len = (c & 15) + 1; if (i + len > n || o + len > cap) return -2; for (int k = 0; k < len;
        k++) out[o++] = in[i++]; }
  }
  return o;
}
u64 mix(u64 a, u64 b) { a ^= b; a *= 0x9E3779B97F4A7C15ull; a ^= a >> 32;
    return a * 0xBF58476D1CE4E5B9ull + (b << 7 | b >> 57); }
int saturate(int a, int lo, int hi) { if (a < lo) { state_b = 1; state_c = 2; return lo; } if (a > hi) {
    state_b = 1; state_c = 2; return hi; } return a; }
int main(void) {
  fill(); state_a = 123; state_b = 9; state_c = 5; u8 buf[64]; float f[24], g[24]; u32 cp = 0; u64 m = 1;
  for (int i = 0; i < 64; i++) buf[i] = (u8)next();
  for (int i = 0; i < 12; i++) for (int j = 0; j < 12; j++) matrix[i][j] = (int)(next() % 9);
  for (int i = 0; i < 24; i++) { f[i] = (float)(next() % 100) / 50; g[i] = 0; }
  multiply(12); blur(g, f, 24, 1); blur(f, g, 24, 3);
  u32 h = crc(buf, 64) + (u32)inflate(buf, 64, window, 512) + crc(window, 200);
  for (int i = 0; i < 60;) { i += utf8(buf + i, &cp); h = h * 33 + cp; m = mix(m, cp); }
  for (int i = 0; i < 12; i++) { h += (u32)other[i][11 - i]; h ^= (u32)ops[i % 3](i, (int)h);
      h += (u32)saturate((int)h, -100, 5000) + (u32)floor(f[i] * 10.0); }
  return (int)((h ^ (u32)m) % 251);
}
