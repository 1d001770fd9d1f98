// An intrusive doubly linked list with a sentinel; objects on two lists at once through different hooks,
// unlinking themselves on destruction. Provokes store-to-load forwarding and dead store elimination on links.
#include "check.h"

struct Hook {
  Hook *prev = this, *next = this;
  Hook() = default;
  Hook(const Hook &) = delete;
  ~Hook() { unlink(); }
  void unlink() {
    prev->next = next;
    next->prev = prev;
    prev = next = this;
  }
  void before(Hook &at) {
    unlink();
    prev = at.prev;
    next = &at;
    prev->next = at.prev = this;
  }
  bool linked() const { return next != this; }
};
struct ByAge : Hook {};
struct ByRank : Hook {};

struct Person : ByAge, ByRank {
  int age, rank;
  Person(int a, int r) : age(a), rank(r) {}
};

template <class H>
struct List {
  Hook head;
  ~List() {
    while (head.linked()) head.next->unlink();
  }
  static Person &owner(Hook *h) { return static_cast<Person &>(static_cast<H &>(*h)); }
  template <class Less>
  void insert(Person &p, Less less) {
    Hook *at = head.next;
    while (at != &head && !less(p, owner(at))) at = at->next;
    static_cast<H &>(p).before(*at);
  }
  void append(List &other) {  // takes all of the other's nodes
    if (!other.head.linked()) return;
    Hook *first = other.head.next, *last = other.head.prev;
    other.head.next = other.head.prev = &other.head;
    first->prev = head.prev, head.prev->next = first, last->next = &head, head.prev = last;
  }
  void show(const char *label) {
    printf("%s", label);
    for (Hook *h = head.next; h != &head; h = h->next) printf(" %d/%d", owner(h).age, owner(h).rank);
    int backwards = 0;
    for (Hook *h = head.prev; h != &head; h = h->prev)
      backwards = backwards * 3 + owner(h).age + owner(h).rank;
    printf(" (%d)\n", backwards);
  }
};

int main() noexcept {
  List<ByAge> ages, more;
  List<ByRank> ranks;
  auto younger = [](const Person &a, const Person &b) { return a.age < b.age; };
  auto higher = [](const Person &a, const Person &b) { return a.rank > b.rank; };
  Person people[] = {{hide(30), 5}, {hide(20), 5}, {hide(25), 9}, {hide(30), 1}, {hide(20), 7}};
  for (Person &p : people) {
    ages.insert(p, younger);
    ranks.insert(p, higher);
  }
  ages.show("ages");
  ranks.show("ranks");
  {
    Person guest(hide(22), hide(8));
    ages.insert(guest, younger);
    ranks.insert(guest, higher);
    ranks.show("with guest");
  }
  ages.show("guest gone");
  people[1].ByRank::unlink();
  more.append(ages);
  for (int i = 0; i < 5; i += 2) ages.insert(people[i], younger);
  ages.show("moved back");
  more.show("left");
  more.append(ages);
  ages.append(more);
  ages.append(more);
  ages.show("all");
  ranks.show("ranks");
  report("linked", people[1].ByRank::linked() * 10 + people[1].ByAge::linked());
}
