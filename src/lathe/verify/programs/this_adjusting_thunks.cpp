// Several polymorphic bases: calls through the second and third base go through thunks which adjust `this`.
// Provokes tail calls and merging of thunks, and identical code folding by mergefunc.
#include "check.h"

namespace {
struct Reader {
  long cursor = 3;
  virtual long read(long n) { return cursor += n; }
  virtual ~Reader() = default;
};
struct Writer {
  long total = 5;
  virtual long write(long v) { return total ^= v; }
  virtual long both(long a, long b) {
    long first = write(a);
    return first - write(b);
  }
  virtual ~Writer() = default;
};
struct Closer {
  long closed = 0;
  virtual long close() { return ++closed; }
  virtual ~Closer() = default;
};

struct File : Reader, Writer, Closer {
  long size = 7;
  long read(long n) override { return Reader::read(n) + size; }
  long write(long v) override {
    size += v > 8 ? 8 : v;
    return Writer::write(v) + size;
  }
  long close() override { return Closer::close() * 1000 + size + cursor + total; }
};
struct Log final : File {
  long lines = 0;
  long write(long v) override {
    lines++;
    return File::write(v + lines);
  }
  long both(long a, long b) override {
    long r = File::both(b, a);
    return r * 2 + lines;
  }
  long close() override {
    long r = File::close();
    return lines > 4 ? r : -r;
  }
  ~Log() override { report("log gone", lines); }
};
struct Plain : Closer, Writer {};  // the same bases at other offsets

long through(Reader &r, Writer &w, Closer &c, long n) {
  long a = r.read(n), b = w.write(a), d = w.both(n, b), e = c.close();
  return ((a * 31 + b) * 31 + d) * 31 + e;
}
long same(const File &f, const Writer *w) { return w == &f ? 1 : 0; }  // compares after adjustment
}  // namespace

int main() noexcept {
  File file;
  Log *log = new Log;
  Plain plain;
  Reader alone;
  for (long n = 7; n <= 9; n++) {
    report("file", through(file, file, file, hide(n)));
    report("log", through(*log, *log, *log, hide(n)));
    report("plain", through(alone, plain, plain, hide(n)));
    report("mixed", through(file, *log, plain, hide(n)));
  }
  Writer *writers[] = {&file, log, &plain};
  for (Writer *w : writers) {
    report("is file", same(file, w));
    report("is log", same(*log, w));
    report("back", w == &plain ? plain.closed : static_cast<File *>(w)->size);
  }
  File *none = hide(0) ? &file : nullptr;
  Writer *still_none = none;  // a null pointer is not adjusted
  expect("null", still_none == nullptr, 1);
  Closer *closer = log;
  delete closer;
}
