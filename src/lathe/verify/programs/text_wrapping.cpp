// A string builder and text layout: greedy wrapping, optimal wrapping by dynamic programming, justification
// and centring at widths around word lengths. Provokes loop versioning, memset formation and nested min
// searches.
#include <string>
#include <vector>

#include "check.h"

using Words = std::vector<std::string>;

class Builder {
 public:
  Builder &operator<<(const std::string &s) { return text_ += s, *this; }
  Builder &operator<<(char c) { return text_ += c, *this; }
  Builder &pad(char c, int n) {
    while (n-- > 0) text_ += c;
    return *this;
  }
  void print(const char *label) const {
    printf("%s %s", label, text_.c_str());
    report_bytes("", text_.data(), text_.size());
  }

 private:
  std::string text_;
};

static Words split(const std::string &s) {
  Words words(1);
  for (char c : s) {
    if (c != ' ')
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

static void line(Builder &out, const Words &w, size_t from, size_t to, int width, bool justify) {
  int letters = 0, gaps = (int)(to - from) - 1;
  for (size_t i = from; i < to; i++) letters += (int)w[i].size();
  int spaces = justify && gaps > 0 ? width - letters : gaps;
  for (size_t i = from; i < to; i++) {
    out << w[i];
    int share = i + 1 < to ? (spaces + gaps - 1) / gaps : 0;
    out.pad(' ', share);
    spaces -= share, gaps--;
  }
  out << '/';
}

static int wrap(Builder &out, const Words &w, int width, bool best) {
  size_t n = w.size();
  std::vector<int> cost(n + 1, 1 << 28), end(n + 1, (int)n);
  cost[n] = 0;
  for (size_t i = n; i-- > 0;) {
    int used = -1;
    for (size_t j = i; j < n; j++) {
      used += 1 + (int)w[j].size();
      if (used > width && j > i) break;
      int rest = used > width ? used : width - used, c = (j + 1 == n ? 0 : rest * rest) + cost[j + 1];
      if (best ? c < cost[i] : true) cost[i] = c, end[i] = (int)j + 1;
    }
  }
  for (size_t i = 0; i < n; i = (size_t)end[i]) line(out, w, i, (size_t)end[i], width, end[i] < (int)n);
  return cost[0];
}

int main() noexcept {
  std::string text = "  the compiler may  not change what a program does, only how soon it is done with it ";
  text += (char)hide('.');
  Words words = split(text);
  report("words", (long long)words.size());
  for (int width : {7, 8, 9, 12, 13, 24, 200}) {
    Builder greedy, best;
    int a = wrap(greedy, words, hide(width), false), b = wrap(best, words, hide(width), true);
    greedy.print("greedy");
    best.print("best");
    report("costs", a * 10000L + b);
  }
  report("none", (long long)split("   ").size() + (long long)split("").size());
}
