// A copy-on-write string with counted buffers, proxies on the subscript and ref-qualified members that steal
// from temporaries. Provokes reference count folding, memcpy forwarding and alias checks between sharers.
#include <utility>

#include "check.h"

static int buffers, clones;

class Text {
  struct Buffer {
    int owners, size;
    char data[60];
  };

 public:
  Text(const char *s) : b_(new Buffer{1, (int)strlen(s), {}}) {
    memcpy(b_->data, s, (size_t)b_->size);
    buffers++;
  }
  Text(const Text &o) : b_(o.b_) { b_->owners++; }
  Text(Text &&o) noexcept : b_(std::exchange(o.b_, nullptr)) {}
  Text &operator=(Text o) noexcept { return std::swap(b_, o.b_), *this; }
  ~Text() {
    if (b_ && --b_->owners == 0) delete b_, buffers--;
  }
  struct Proxy {
    Text &t_;
    int i_;
    operator char() const { return t_.b_->data[i_]; }
    Proxy &operator=(char c) {
      if (t_.b_->data[i_] != c) t_.own().data[i_] = c;  // an equal letter does not unshare
      return *this;
    }
    Proxy &operator=(const Proxy &o) { return *this = (char)o; }
  };
  Proxy operator[](int i) { return {*this, i}; }
  Text &operator+=(const Text &o) {
    int more = o.b_->size;  // o may share the buffer, or be this very object
    Buffer &b = own();
    memmove(b.data + b.size, o.b_->data, (size_t)more);
    b.size += more;
    return *this;
  }
  Text reversed() const & { return Text(*this).reversed(); }
  Text reversed() && {
    Buffer &b = own();
    for (int i = 0, j = b.size - 1; i < j; i++, j--) std::swap(b.data[i], b.data[j]);
    return std::move(*this);
  }
  void show(const char *label) const {
    printf("%s %.*s owners %d buffers %d clones %d\n", label, b_->size, b_->data, b_->owners, buffers,
           clones);
  }

 private:
  Buffer &own() {
    if (b_->owners > 1) {
      b_->owners--;
      b_ = new Buffer(*b_);
      b_->owners = 1;
      buffers++, clones++;
    }
    return *b_;
  }
  Buffer *b_;
};

int main() noexcept {
  {
    Text a("share"), b = a, c("x");
    a.show("a");
    b[hide(0)] = 's';
    b.show("same letter");
    b[hide(1)] = 't';
    b.show("b");
    a[hide(4)] = b[hide(1)];
    a.show("a");
    c = a;
    c += c;
    c.show("doubled");
    (c += a) += b;
    std::as_const(c).reversed().show("copy reversed");
    Text d = std::move(c).reversed();
    d.show("moved reversed");
    for (int i = 0; i < 3; i++) b += i % 2 ? a : b;
    b.show("grown");
    report("letters", b[hide(3)] * 1000 + d[hide(14)]);
  }
  expect("buffers", buffers, 0);
}
