// SPDX-License-Identifier: Apache-2.0
//
// event_bus: publish and subscribe without heap, with subscriptions that end with their scope.
//
// Key idea: events are plain structs; each type has its own channel, made from one template, and
// subscribers are linked into it through themselves, so subscribing cannot fail. A subscriber may
// leave while an event is being delivered: the channel then moves the delivery along.
// The verdict is a global object: built before main, it is printed when it is destroyed after it.

#include <stddef.h>
#include <stdint.h>

extern "C" int printf(const char *format, ...);

class Verdict {
public:
    explicit Verdict(const char *program) : program_(program) {}
    ~Verdict() { printf("%s: %s\n", program_, wrong_ == nullptr ? "ok" : wrong_); }
    Verdict(const Verdict &) = delete;
    Verdict &operator=(const Verdict &) = delete;

    void expect(bool holds, const char *what)
    {
        if (!holds && wrong_ == nullptr)
            wrong_ = what;
    }
    bool failed() const { return wrong_ != nullptr; }

private:
    const char *program_;
    const char *wrong_ = nullptr;
};

static Verdict verdict("event_bus");

template <typename Event> class Channel {
public:
    class Subscriber {
    public:
        explicit Subscriber(int rank) : rank_(rank) { join(); }
        Subscriber(const Subscriber &) = delete;
        Subscriber &operator=(const Subscriber &) = delete;
        virtual bool receive(const Event &event) = 0; // true: the event is used up

        void join()
        {
            if (!joined_)
                instance().insert(*this);
            joined_ = true;
        }
        void leave()
        {
            if (joined_)
                instance().remove(*this);
            joined_ = false;
        }

    protected:
        ~Subscriber() { leave(); }

    private:
        friend class Channel;
        Subscriber *next_ = nullptr;
        int rank_;
        bool joined_ = false;
    };

    static Channel &instance()
    {
        static Channel channel;
        return channel;
    }

    // Delivers in order of rank until a subscriber uses the event up; returns how many saw it.
    int publish(const Event &event)
    {
        Delivery delivery{first_, innermost_};
        innermost_ = &delivery;
        int seen = 0;
        for (bool used = false; delivery.next != nullptr && !used; seen++) {
            Subscriber *receiver = delivery.next;
            delivery.next = receiver->next_;
            used = receiver->receive(event);
        }
        innermost_ = delivery.outer;
        return seen;
    }

    bool empty() const { return first_ == nullptr; }

private:
    struct Delivery {
        Subscriber *next;
        Delivery *outer; // receivers may publish in turn, so deliveries nest
    };

    void insert(Subscriber &subscriber)
    {
        Subscriber **link = &first_;
        while (*link != nullptr && (*link)->rank_ <= subscriber.rank_)
            link = &(*link)->next_;
        subscriber.next_ = *link;
        *link = &subscriber;
    }

    void remove(Subscriber &subscriber)
    {
        for (Delivery *delivery = innermost_; delivery != nullptr; delivery = delivery->outer)
            if (delivery->next == &subscriber)
                delivery->next = subscriber.next_;
        Subscriber **link = &first_;
        while (*link != &subscriber)
            link = &(*link)->next_;
        *link = subscriber.next_;
    }

    Subscriber *first_ = nullptr;
    Delivery *innermost_ = nullptr;
};

template <typename Event> int publish(const Event &event)
{
    return Channel<Event>::instance().publish(event);
}

struct KeyPressed { int code; };
struct Reading { int sensor, value; };
struct Alarm { int sensor, level; };

template <typename Event> using On = typename Channel<Event>::Subscriber;

// Eats every key until the right sequence has been typed.
class Lock final : public On<KeyPressed> {
public:
    Lock() : Subscriber(0) {}
    bool receive(const KeyPressed &key) override
    {
        static constexpr int secret[] = {4, 7, 1, 1};
        matched_ = key.code == secret[matched_] ? matched_ + 1 : key.code == secret[0];
        if (matched_ == sizeof secret / sizeof secret[0])
            leave();
        return true;
    }

private:
    size_t matched_ = 0;
};

// Averages four readings per sensor and raises an alarm when an average leaves its band.
template <int Low, int High> class Monitor final : public On<Reading> {
public:
    explicit Monitor(int sensor) : Subscriber(5), sensor_(sensor) {}
    bool receive(const Reading &reading) override
    {
        if (reading.sensor != sensor_)
            return false;
        sum_ += reading.value;
        if (++count_ % 4 != 0)
            return true;
        int average = sum_ / 4;
        sum_ = 0;
        if (average < Low || average > High)
            publish(Alarm{sensor_, average < Low ? average - Low : average - High});
        return true;
    }

private:
    int sensor_, count_ = 0, sum_ = 0;
};

// Sounds once, and takes the key channel for the key that silences it.
class Siren final : public On<Alarm>, public On<KeyPressed> {
public:
    Siren() : On<Alarm>(1), On<KeyPressed>(-1) { On<KeyPressed>::leave(); }
    bool receive(const Alarm &alarm) override
    {
        On<Alarm>::leave();
        On<KeyPressed>::join();
        loudness += alarm.level < 0 ? -alarm.level : alarm.level;
        return false;
    }
    bool receive(const KeyPressed &) override
    {
        loudness = 0;
        On<KeyPressed>::leave();
        On<Alarm>::join();
        return true;
    }
    int loudness = 0;
};

// Counts all alarms for as long as the program lives; a global subscriber.
class Journal final : public On<Alarm> {
public:
    Journal() : Subscriber(9) {}
    ~Journal() { verdict.expect(alarms == 3 && levels == -7, "journal at exit"); }
    bool receive(const Alarm &alarm) override
    {
        alarms++;
        levels += alarm.level;
        return false;
    }
    int alarms = 0, levels = 0;
};

static Journal journal;

static void feed(int sensor, int first, int step)
{
    for (int i = 0; i < 4; i++)
        publish(Reading{sensor, first + i * step});
}

// Destroys a later subscriber in the middle of a delivery, from inside a nested one.
static void leave_during_delivery()
{
    struct Counter final : On<KeyPressed> {
        Counter(int rank, Counter *victim) : Subscriber(rank), victim_(victim) {}
        bool receive(const KeyPressed &key) override
        {
            seen++;
            if (victim_ != nullptr && key.code == 0)
                victim_->leave();
            else if (victim_ != nullptr)
                publish(KeyPressed{key.code - 1});
            return false;
        }
        int seen = 0;
        Counter *victim_;
    };
    Counter last(12, nullptr), middle(11, nullptr), first(10, &middle);
    verdict.expect(publish(KeyPressed{2}) == 2, "receivers left");
    verdict.expect(first.seen == 3 && middle.seen == 0 && last.seen == 3, "nested deliveries");
}

int main()
{
    {
        Lock lock;
        Siren siren;
        Monitor<-10, 50> boiler(1);
        Monitor<0, 9> cellar(2);
        static constexpr int typed[] = {4, 7, 4, 7, 1};
        for (int code : typed)
            verdict.expect(publish(KeyPressed{code}) == 1, "lock eats keys");
        feed(1, 48, 1); // average 49: in the band
        feed(2, 12, 1); // average 13: 4 above
        feed(1, -20, 0);
        verdict.expect(siren.loudness == 4 && journal.alarms == 2, "alarms");
        verdict.expect(publish(KeyPressed{1}) == 1 && siren.loudness == 0, "siren silenced");
        verdict.expect(publish(KeyPressed{1}) == 1 && publish(KeyPressed{1}) == 0, "lock opens");
        feed(2, -1, 0);
        verdict.expect(siren.loudness == 1 && publish(Reading{3, 0}) == 2, "alarm after silence");
    }
    verdict.expect(Channel<KeyPressed>::instance().empty(), "scopes end subscriptions");
    leave_during_delivery();
    return verdict.failed() ? 1 : 0;
}
