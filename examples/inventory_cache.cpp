// SPDX-License-Identifier: Apache-2.0
//
// inventory_cache: a parts store whose price look-ups go through a least-recently-used cache.
//
// Key idea: invariants are kept by owning objects, not by careful callers. The cache keeps a list
// in order of use and an index of list positions; an order is a transaction object that puts
// everything back when it is left, by return or by exception, without having been committed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

template <typename Key, typename Value> class LruCache {
public:
    using Loader = std::function<Value(const Key &)>;

    LruCache(std::size_t capacity, Loader load) : capacity_(capacity), load_(std::move(load))
    {
        if (capacity == 0)
            throw std::invalid_argument("a cache needs room for one entry");
    }

    const Value &get(const Key &key)
    {
        auto known = index_.find(key);
        if (known != index_.end()) {
            hits_++;
            entries_.splice(entries_.begin(), entries_, known->second);
            return entries_.front().second;
        }
        entries_.emplace_front(key, load_(key));
        try {
            index_.emplace(key, entries_.begin());
        } catch (...) {
            entries_.pop_front();
            throw;
        }
        if (entries_.size() > capacity_) {
            index_.erase(entries_.back().first);
            entries_.pop_back();
        }
        return entries_.front().second;
    }

    void forget(const Key &key)
    {
        auto known = index_.find(key);
        if (known == index_.end())
            return;
        entries_.erase(known->second);
        index_.erase(known);
    }

    std::vector<Key> keys_by_use() const
    {
        std::vector<Key> keys;
        std::transform(entries_.begin(), entries_.end(), std::back_inserter(keys),
                       [](const auto &entry) { return entry.first; });
        return keys;
    }

    unsigned hits() const { return hits_; }

private:
    using Entries = std::list<std::pair<Key, Value>>;

    std::size_t capacity_;
    Loader load_;
    Entries entries_;
    std::unordered_map<Key, typename Entries::iterator> index_;
    unsigned hits_ = 0;
};

struct UnknownPart : std::out_of_range {
    using std::out_of_range::out_of_range;
};

struct OutOfStock : std::runtime_error {
    OutOfStock(const std::string &part, int lacking)
        : std::runtime_error(part + " lacks " + std::to_string(lacking)) {}
};

struct Part {
    int stock, price;
    std::vector<std::string> tags;
};

class Inventory {
public:
    void add(const std::string &name, int count, int price, std::vector<std::string> tags = {})
    {
        auto [place, is_new] = parts_.try_emplace(name, Part{0, price, std::move(tags)});
        place->second.stock += count;
        place->second.price = price;
        if (is_new)
            newest_ = name;
    }

    Part &part(const std::string &name)
    {
        auto found = parts_.find(name);
        if (found == parts_.end())
            throw UnknownPart(name);
        return found->second;
    }

    std::optional<std::string> cheapest(const std::string &tag) const
    {
        std::optional<std::string> best;
        int best_price = 0;
        for (const auto &[name, part] : parts_) {
            bool tagged = std::find(part.tags.begin(), part.tags.end(), tag) != part.tags.end();
            if (tagged && part.stock > 0 && (!best || part.price < best_price)) {
                best = name;
                best_price = part.price;
            }
        }
        return best;
    }

    std::int64_t worth() const
    {
        return std::accumulate(parts_.begin(), parts_.end(), std::int64_t{0},
                               [](std::int64_t sum, const auto &entry) {
                                   return sum + std::int64_t{entry.second.stock} * entry.second.price;
                               });
    }

    const std::string &newest() const { return newest_; }

private:
    std::map<std::string, Part> parts_;
    std::string newest_;
};

class Order {
public:
    explicit Order(Inventory &inventory) : inventory_(inventory) {}
    Order(const Order &) = delete;
    Order &operator=(const Order &) = delete;
    ~Order()
    {
        for (const auto &[part, count] : taken_)
            part->stock += count;
    }

    void take(const std::string &name, int count)
    {
        Part &part = inventory_.part(name);
        if (part.stock < count)
            throw OutOfStock(name, count - part.stock);
        taken_.emplace_back(&part, count);
        part.stock -= count;
    }

    std::size_t commit()
    {
        std::size_t lines = taken_.size();
        taken_.clear();
        return lines;
    }

private:
    Inventory &inventory_;
    std::vector<std::pair<Part *, int>> taken_;
};

using PriceCache = LruCache<std::string, int>;
using Lines = std::vector<std::pair<std::string, int>>;

// The price of the whole order, or the reason why nothing was taken.
std::string place_order(Inventory &inventory, PriceCache &prices, const Lines &lines)
{
    try {
        Order order(inventory);
        int total = 0;
        for (const auto &[name, count] : lines) {
            order.take(name, count);
            total += prices.get(name) * count;
        }
        return std::to_string(order.commit()) + " lines, " + std::to_string(total);
    } catch (const UnknownPart &error) {
        return std::string("no part ") + error.what();
    } catch (const OutOfStock &error) {
        return error.what();
    }
}

const char *first_wrong()
{
    Inventory inventory;
    inventory.add("bolt", 100, 3, {"metal", "small"});
    inventory.add("gear", 8, 250, {"metal"});
    inventory.add("belt", 5, 120, {"rubber"});
    inventory.add("seal", 0, 2, {"rubber", "small"});
    inventory.add("bolt", 20, 4);
    if (inventory.worth() != 480 + 2000 + 600 || inventory.newest() != "seal")
        return "stock after additions";
    if (inventory.cheapest("small") != "bolt" || inventory.cheapest("rubber") != "belt" ||
        inventory.cheapest("wood"))
        return "cheapest part";

    int loads = 0;
    PriceCache prices(2, [&](const std::string &name) {
        loads++;
        return inventory.part(name).price;
    });
    if (place_order(inventory, prices, {{"bolt", 20}, {"gear", 1}}) != "2 lines, 330")
        return "first order";
    const std::int64_t worth = inventory.worth();
    if (place_order(inventory, prices, {{"bolt", 5}, {"gear", 8}}) != "gear lacks 1" ||
        place_order(inventory, prices, {{"belt", 5}, {"nut", 1}}) != "no part nut" ||
        inventory.worth() != worth || worth != 400 + 1750 + 600)
        return "failed orders leave the stock alone";

    // Look-ups so far: bolt, gear, bolt again (a hit), belt, which pushed gear out.
    const std::vector<std::string> by_use = {"belt", "bolt"};
    if (loads != 3 || prices.hits() != 1 || prices.keys_by_use() != by_use)
        return "cache order";
    inventory.add("belt", 0, 130);
    int stale = prices.get("belt");
    prices.forget("belt");
    if (stale != 120 || prices.get("belt") != 130 || loads != 4)
        return "forgotten entry";
    bool threw = false;
    try {
        prices.get("nut");
    } catch (const std::out_of_range &) {
        threw = prices.keys_by_use() == by_use;
    }
    try {
        PriceCache empty(0, nullptr);
        threw = false;
    } catch (const std::invalid_argument &) {
    }
    return threw ? nullptr : "exceptions through the cache";
}

} // namespace

int main()
{
    const char *wrong = first_wrong();
    std::printf("inventory_cache: %s\n", wrong == nullptr ? "ok" : wrong);
    return wrong == nullptr ? 0 : 1;
}
