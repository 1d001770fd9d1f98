// Scans, inclusive and exclusive, in place, backwards and segmented: every element depends on the one before
// it, so nothing may be reordered; store-to-load forwarding carries the last element in a register.
#include "check.h"

static void inclusive(int32_t *v, int n) {
  for (int i = 1; i < n; i++) v[i] += v[i - 1];
}

static int32_t exclusive(int32_t *v, int n) {
  int32_t sum = 0;
  for (int i = 0; i < n; i++) {
    int32_t value = v[i];
    v[i] = sum;
    sum += value;
  }
  return sum;
}

static void suffix_maxima(const int32_t *v, int32_t *out, int n) {
  int32_t greatest = INT32_MIN;
  for (int i = n - 1; i >= 0; i--) out[i] = greatest = v[i] > greatest ? v[i] : greatest;
}

static void segmented(int32_t *v, const unsigned char *starts, int n) {
  for (int i = 1; i < n; i++)
    if (!starts[i]) v[i] += v[i - 1];
}

// The best sum of a run (which may be empty), and where the run ends.
static int best_run(const int32_t *v, int n, int *end) {
  int best = 0, here = 0;
  *end = 0;
  for (int i = 0; i < n; i++) {
    here = here + v[i] < 0 ? 0 : here + v[i];
    if (here > best) best = here, *end = i + 1;
  }
  return best;
}

// Hillis and Steele: distances double, from one buffer to the other.
static void by_doubling(int32_t *v, int n) {
  int32_t next[24];
  for (int distance = 1; distance < n; distance *= 2) {
    for (int i = 0; i < n; i++) next[i] = i >= distance ? v[i] + v[i - distance] : v[i];
    memcpy(v, next, (size_t)n * sizeof *v);
  }
}

int main(void) {
  for (int n = -1; n <= 20; n += n < 5 ? 1 : 5) {
    int32_t a[20], b[20], c[20], d[20], maxima[20], original[20];
    unsigned char starts[20];
    for (int i = 0; i < 20; i++) {
      original[i] = (hide(i) * 73 + 11) % 41 - 20;
      starts[i] = i % 6 == 3;
    }
    memcpy(a, original, sizeof a), memcpy(b, original, sizeof b), memcpy(c, original, sizeof c),
        memcpy(d, original, sizeof d);
    inclusive(a, hide(n));
    int32_t sum = exclusive(b, hide(n));
    segmented(c, starts, hide(n));
    by_doubling(d, hide(n));
    for (int i = 0; i < 20; i++) maxima[i] = 7;
    suffix_maxima(original, maxima, hide(n));
    int end, best = best_run(original, hide(n), &end);
    printf("%d: %d %d %d\n", n, (int)sum, best, end);
    if (n > 0) expect("last", a[n - 1], sum);
    expect("doubling", memcmp(a, d, sizeof a), 0);
    int32_t together[60];
    for (int i = 0; i < 20; i++)
      together[3 * i] = b[i], together[3 * i + 1] = c[i], together[3 * i + 2] = maxima[i];
    report_bytes("scans", together, sizeof together);
  }
  int32_t wanted[5] = {hide(3), hide(-4), hide(4), hide(-1), hide(2)};
  int end;
  expect("best", best_run(wanted, hide(5), &end), 5);
  expect("end", end, 5);
  return 0;
}
