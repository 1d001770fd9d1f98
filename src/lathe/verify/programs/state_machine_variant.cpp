// A protocol machine whose states are alternatives of a variant and whose transitions are overloads; events
// come as a byte stream. Provokes jump threading through the state index and merging of equal visitor arms.
#include <variant>

#include "check.h"

struct Idle {};
struct Header {
  int need, length;
};
struct Body {
  int left;
  unsigned sum, parity;
};
struct Escaped {
  Body body;
};
struct Failed {
  int code, skipped;
};
using State = std::variant<Idle, Header, Body, Escaped, Failed>;

struct Totals {
  int frames = 0, errors = 0, bytes = 0;
  unsigned check = 0;
};

struct Machine {
  unsigned char c;
  Totals &t;
  State operator()(Idle) const {
    if (c == 0x7e) return Header{2, 0};
    return c == 0 ? State(Idle()) : State(Failed{1, 0});
  }
  State operator()(Header h) const {
    h.length = h.length * 16 + (c & 15);
    if (c >= 0x80) return Failed{2, h.length};
    if (--h.need > 0) return h;
    if (h.length > 40) return Failed{3, h.length};
    return Body{h.length, 0, c};
  }
  State operator()(Body b) const {
    if (b.left == 0) {
      bool good = c == (b.sum & 0xff);
      t.check = t.check * 257 + b.parity;
      good ? t.frames++ : t.errors++;
      return good ? State(Idle()) : State(Failed{4, (int)(b.sum & 0xff)});
    }
    if (c == 0x7d) return Escaped{b};
    t.bytes++;
    return Body{b.left - 1, b.sum + c, b.parity ^ c << 1};
  }
  State operator()(Escaped e) const {
    if (c == 0x7e) return Failed{5, e.body.left};
    Body b = e.body;
    t.bytes++;
    return Body{b.left - 1, b.sum + (c ^ 0x20u), b.parity + 1};
  }
  State operator()(Failed f) const {
    if (c == 0x7e) return Header{2, 0};
    if (f.skipped == 45) return Idle();
    f.skipped++;
    t.errors += f.code;
    return f;
  }
};

int main() noexcept {
  static const unsigned char script[] = {0,    0x7e, 0,    3,    1,    2, 3,    6,    0x7e, 0,    2, 0x7d,
                                         0x5d, 0x7d, 0x5e, 0xfb, 0x7e, 2, 9,    7,    7,    7,    7, 0x7e,
                                         2,    8,    0x7d, 0x7e, 0x80, 1, 0x7e, 0x7f, 0x7e, 0x7e, 0, 0,
                                         0,    5,    0x7e, 0,    1,    9, 8,    1,    0x7e, 0,    0, 0};
  Totals t;
  State s;
  unsigned path = 0, noise = hide(77u);
  int seen[5] = {};
  for (size_t i = 0; i < sizeof script + 700; i++) {
    noise = noise * 1103515245u + 12345u;
    unsigned char c =
        i < sizeof script ? script[i] : (unsigned char)(noise >> 28 < 3 ? 0x7e : noise >> 24 & 0x83);
    s = std::visit(Machine{hide(c), t}, s);
    seen[s.index()]++;
    path = path * 5 + (unsigned)s.index();
    if (i % 8 == 7 && i < 56) report("path", path);
  }
  for (int n : seen) report("seen", n);
  printf("frames %d errors %d bytes %d check %08x path %08x\n", t.frames, t.errors, t.bytes, t.check, path);
}
