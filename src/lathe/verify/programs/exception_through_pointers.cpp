// Exceptions crossing calls through function pointers, virtual calls and member pointers; pointers caught
// with base and qualification conversions (multiple inheritance included). Provokes indirect call promotion.
#include "check.h"

struct Named {
  int name = 11;
};
struct Sized {
  int size = 22;
};
struct Both : Named, Sized {
  int both = 33;
};
struct Other {
  int other = 44;
};

static Both the_both;
static Named the_named;
static Sized the_sized;
static Other the_other;

static int quiet(int x) { return x + 1; }
template <auto *Object, auto Member, class Thrown>
static int throw_it(int x) {
  Object->*Member = x;
  throw static_cast<Thrown>(Object);
}
static int throw_null(int x) {
  if (x < 4) throw nullptr;
  return -x;
}

struct Step {
  virtual int go(int x) const { return x * 2; }
  virtual ~Step() = default;
};
struct Wrapped final : Step {
  int (*next)(int);
  explicit Wrapped(int (*n)(int)) : next(n) {}
  int go(int x) const override { return next(x) + 5; }
};

static int classify(const Step &step, int (Step::*member)(int) const, int x) {
  try {
    return (step.*member)(x);
  } catch (Sized *s) {  // a Both arrives here with its pointer adjusted
    return 1000 + (s ? s->size : 0);
  } catch (const Named *n) {
    return 2000 + (n ? n->name : 0);
  } catch (void *) {
    return 3000 + the_other.other;
  }
}

static int prefer_base(int (*f)(int), int x) {
  try {
    return f(x);
  } catch (const Named *n) {
    return n ? 4000 + n->name : 4999;
  } catch (const Sized *s) {
    return 5000 + s->size;
  } catch (const Other *o) {
    return 6000 + o->other;
  }
}

int main() {
  static int (*const table[])(int) = {quiet,
                                      throw_it<&the_both, &Both::both, Both *>,
                                      throw_it<&the_named, &Named::name, const Named *>,
                                      throw_it<&the_sized, &Sized::size, Sized *>,
                                      throw_it<&the_other, &Other::other, Other *>,
                                      throw_null};
  int index = 0;
  for (auto f : table) {
    Wrapped w(f);
    Step plain;
    for (int x = 3; x <= 4; x++) {
      const Step &chosen = hide(x) == 3 && hide(index) % 2 == 0 ? plain : static_cast<const Step &>(w);
      report("classify", classify(chosen, &Step::go, hide(x)));
      report("wrapped", classify(w, &Step::go, hide(x + 10)));
      report("prefer base", prefer_base(f, hide(x)));
    }
    index++;
  }
  report("state", the_both.both + the_named.name * 3 + the_sized.size * 7 + the_other.other * 31);
}
