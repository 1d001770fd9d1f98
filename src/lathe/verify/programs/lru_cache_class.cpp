// An LRU cache: an unordered_map into a linked order, with hits, misses, evictions and pinned entries; a
// model with plain arrays must agree. Provokes inlining of hash lookup and of node relinking.
#include <list>
#include <unordered_map>

#include "check.h"

class Cache {
 public:
  explicit Cache(size_t room) : room_(room) {}
  int *find(int key) {
    auto at = index_.find(key);
    if (at == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, at->second);
    return &at->second->value;
  }
  bool put(int key, int value, bool pin) {  // false when every entry is pinned
    if (int *old = find(key)) return *old = value, true;
    if (order_.size() == room_) {
      auto victim = order_.end();
      do {
        if (victim == order_.begin()) return false;
      } while ((--victim)->pinned);
      evicted = evicted * 7 + (unsigned)victim->key;
      index_.erase(victim->key);
      order_.erase(victim);
    }
    order_.push_front({key, value, pin});
    index_[key] = order_.begin();
    return true;
  }
  int weigh() const {
    int sum = 0;
    for (const Entry &e : order_) sum = (sum * 11 + e.key * 3 + e.value) % 100003;
    return sum;
  }
  unsigned evicted = 0;

 private:
  struct Entry {
    int key, value, pinned;
  };
  size_t room_;
  std::list<Entry> order_;
  std::unordered_map<int, std::list<Entry>::iterator> index_;
};

struct Model {
  int keys[8], values[8], count = 0, room;
  int find(int key) {
    int i = 0;
    while (i < count && keys[i] != key) i++;
    if (i == count) return -1;
    int value = values[i];
    for (; i > 0; i--) keys[i] = keys[i - 1], values[i] = values[i - 1];
    keys[0] = key, values[0] = value;
    return value;
  }
  void put(int key, int value) {
    if (find(key) < 0) {
      if (count < room) count++;
      keys[count - 1] = key, values[count - 1] = 0;
      find(key);
    }
    values[0] = value;
  }
};

int main() noexcept {
  for (int room = 1; room <= 7; room++) {
    Cache cache((size_t)hide(room)), pinned((size_t)hide(room));
    Model model{{}, {}, 0, room};
    unsigned state = hide(31u);
    int hits = 0, refused = 0, differ = 0;
    for (int i = 0; i < 150; i++) {
      state = state * 1664525u + 1013904223u;
      int key = (int)(state >> 28), value = (int)(state >> 20 & 255);
      if (state >> 12 & 1) {
        cache.put(key, value, false), model.put(key, value);
        refused += !pinned.put(key, value, key % 5 == 4);
      } else {
        int *found = cache.find(key);
        differ += (found ? *found : -1) != model.find(key);
        hits += found != nullptr;
      }
    }
    printf("room %d: hits %d differ %d refused %d evicted %08x %08x order %d %d\n", room, hits, differ,
           refused, cache.evicted, pinned.evicted, cache.weigh(), pinned.weigh());
  }
}
