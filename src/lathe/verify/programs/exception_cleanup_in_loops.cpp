// catch (...) within loops left by break, continue, return and goto: resources balanced on every way out.
// Provokes loop rotation, unswitching and jump threading across landing pads.
#include "check.h"

static int open_handles, peak, operations;

class Handle {
 public:
  explicit Handle(int id) : id_(id) {
    if (id % 7 == 0) throw 'h';
    if (++open_handles > peak) peak = open_handles;
  }
  ~Handle() { open_handles--; }
  int read(int at) const {
    operations++;
    if (at > id_) throw at - id_;
    if (at == id_) throw 1.5;
    return id_ * 16 + at;
  }

 private:
  int id_;
};

struct Outcome {
  int sum = 0, failures = 0, doubles = 0, way = 0;
};

static Outcome work(int from, int to, int stride, int patience) {
  Outcome o;
  for (int id = from; id != to; id++) {
    try {
      Handle a(id);
      for (int at = 0;; at += stride) {
        try {
          Handle b(id + 1);
          int got = a.read(at);
          got ^= b.read(at);
          if (got == 0) break;
          if (got & 32) continue;
          o.sum += got;
          if (o.sum > 900) {
            o.way = 3;
            return o;
          }
        } catch (double) {
          o.doubles++;
          if (o.doubles % 3 == 2) goto next;
        }
      }
    } catch (char) {
      o.sum -= 1;
      continue;
    } catch (...) {
      if (++o.failures == patience) {
        o.way = 1;
        break;
      }
    }
    o.sum += 2;
  next:
    o.sum += o.failures;
  }
  if (o.way == 0) o.way = 2;
  return o;
}

int main() {
  static const int cases[][4] = {{1, 1, 1, 1},  {1, 6, 1, 9},  {1, 9, 2, 3},   {5, 16, 3, 4},
                                 {6, 8, 1, 1},  {7, 8, 1, 1},  {13, 40, 5, 9}, {20, 60, 1, 99},
                                 {9, 30, 4, 6}, {2, 20, 2, 5}, {1, 60, 2, 99}, {1, 33, 7, 20}};
  for (const auto &c : cases) {
    operations = peak = 0;
    Outcome o = work(hide(c[0]), hide(c[1]), hide(c[2]), hide(c[3]));
    printf("%d..%d: sum %d failures %d doubles %d way %d ops %d peak %d\n", c[0], c[1], o.sum, o.failures,
           o.doubles, o.way, operations, peak);
    if (open_handles != 0) return 1;
  }
}
