// unique_ptr with stateful deleters, shared_ptr and weak_ptr counts, aliasing, cycles cut by weak links,
// enable_shared_from_this. Provokes refcount load/store motion and merging of release paths.
#include <memory>

#include "check.h"

static char trace[64];
static int length;
static void note(char c) { trace[length++] = c; }

struct Closer {
  char tag;
  void operator()(int *p) const {
    note(tag);
    note((char)('0' + *p));
    delete p;
  }
};
using Handle = std::unique_ptr<int, Closer>;

struct Node : std::enable_shared_from_this<Node> {
  char name;
  std::shared_ptr<Node> child;
  std::weak_ptr<Node> parent;
  int pair[2] = {3, 4};
  explicit Node(char n) : name(n) {}
  ~Node() { note(name); }
  std::shared_ptr<Node> adopt(std::shared_ptr<Node> c) {
    c->parent = weak_from_this();
    child = std::move(c);
    return shared_from_this();
  }
  int depth() const {
    auto p = parent.lock();
    return p ? p->depth() + 1 : 0;
  }
};

static Handle choose(Handle a, Handle b, int limit) { return *a >= limit ? std::move(a) : std::move(b); }

int main() noexcept {
  for (int limit = 3; limit <= 5; limit++) {
    Handle h =
        choose(Handle(new int(hide(4)), Closer{'a'}), Handle(new int(hide(2)), Closer{'b'}), hide(limit));
    note('.');
    h.reset(new int(7));
    std::unique_ptr<int, Closer> other(h.release(), Closer{'c'});
    std::swap(h, other);
    report("held", *h * 10 + (other == nullptr));
  }
  {
    auto root = std::make_shared<Node>('r');
    auto leaf = std::make_shared<Node>('l');
    std::weak_ptr<Node> watch = leaf;
    auto same = root->adopt(std::make_shared<Node>('m'));
    same->child->adopt(leaf);
    report("counts", root.use_count() * 100 + leaf.use_count() * 10 + root->child.use_count());
    report("depth", leaf->depth());
    std::shared_ptr<int> inside(leaf, &leaf->pair[hide(1)]);
    leaf.reset();
    report("aliased", *inside * 10 + watch.use_count());
    root->child.reset();
    note('-');
    report("depth", watch.lock()->depth());
    report("expired", watch.expired());
    inside = nullptr;
    report("expired", watch.expired() * 10 + (watch.lock() == nullptr));
    root.swap(same);
    root.reset();
    report("same", same.use_count());
    std::weak_ptr<Node> weak = same;
    int failed = 0;
    same.reset();
    try {
      std::shared_ptr<Node> revived(weak);
    } catch (const std::bad_weak_ptr &) {
      failed = 1;
    }
    expect("bad weak", failed, 1);
    std::shared_ptr<int> several[4];
    several[0] = std::shared_ptr<int>(new int(hide(8)), Closer{'s'});
    for (int i = 1; i < 4; i++) several[i] = several[i - 1];
    for (int i = 0; i < 4; i += 2) several[i].reset();
    report("two left", several[1].use_count());
  }
  printf("trace %s\n", trace);
}
