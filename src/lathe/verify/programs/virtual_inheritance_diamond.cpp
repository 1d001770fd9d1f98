// A diamond with a virtual base below further virtual bases: offsets through vtables, one shared subobject
// built by the most derived class, construction vtables. Provokes folding of vbase offsets and vtable loads.
#include "check.h"

namespace {
struct Account {
  int balance, id;
  explicit Account(int b) : balance(b), id(kind()) {}
  ~Account() { report("account closed", balance * 10 + kind()); }
  virtual int kind() const { return 1; }
  virtual int pay(int n) { return n <= balance ? balance -= n : -1; }
};
struct Fees : virtual Account {
  int fee;
  explicit Fees(int f) : Account(1), fee(f + kind()) {}
  ~Fees() { balance += kind(); }
  int kind() const override { return 2; }
  int pay(int n) override { return Account::pay(n + fee); }
};
struct Bonus : virtual Account {
  int rate;
  explicit Bonus(int r) : Account(2), rate(r * kind()) {}
  ~Bonus() { balance -= kind(); }
  int kind() const override { return 3; }
  virtual int credit(int n) { return balance += n * rate; }
};
struct Gold : Fees, Bonus {
  int paid = 0;
  Gold(int b, int f, int r) : Account(b), Fees(f), Bonus(r) {}
  int kind() const override { return 4; }
  int pay(int n) override {  // final overrider for the shared base
    int left = Fees::pay(n);
    if (left >= 0) paid += n;
    return left;
  }
};
struct Audit : virtual Account {
  int audits = 0;
  Audit() : Account(3) {}
  virtual int audit() { return ++audits * 100 + balance; }
};
struct Bank final : Gold, Audit {
  explicit Bank(int b) : Account(b * 2), Gold(b, 3, 5) {}
  int kind() const override { return 5; }
  int credit(int n) override { return n > 2 ? Bonus::credit(n) : balance; }
};

int use(Account &a, int n) { return a.pay(n) * 10 + a.kind(); }
int use(Bonus &b, int n) {
  int now = b.credit(n);
  return now + use(static_cast<Account &>(b), n);
}
int use(Fees &f, int n) {
  int paid = f.pay(n);
  paid -= f.Account::pay(n);
  return paid + f.balance;
}
}  // namespace

int main() noexcept {
  Account plain(hide(20));
  Fees fees(hide(2));
  Bonus bonus(hide(4));
  Gold gold(hide(50), hide(2), hide(1));
  Bank bank(hide(30));
  Account *all[] = {&plain, &fees, &bonus, &gold, &bank};
  for (Account *a : all) printf("built as %d, is %d, has %d\n", a->id, a->kind(), a->balance);
  for (int n = 19; n <= 21; n++) report("plain", use(plain, hide(n)));
  for (int n = 1; n <= 3; n++) {
    report("bonus", use(bonus, hide(n)));
    report("gold as bonus", use(static_cast<Bonus &>(gold), hide(n)));
    report("bank as bonus", use(static_cast<Bonus &>(bank), hide(n)));
    report("bank as fees", use(static_cast<Fees &>(bank), hide(n)));
    report("audit", bank.audit());
    report("paid", gold.paid * 100 + bank.paid);
  }
  for (int n = -1; n <= 11; n += 6)
    for (Account *a : all) report("last", use(*a, hide(n)));
  expect("shared", static_cast<Account *>(static_cast<Fees *>(&bank)) == static_cast<Audit *>(&bank), 1);
}
