// SPDX-License-Identifier: Apache-2.0
//
// units_and_vectors: a small ballistics simulation in fixed point with compile-time units.
//
// Key idea: a quantity carries its powers of metre and second in its type, so adding a speed to
// a position does not compile, while all of it costs no more than the fixed-point number inside.
// Forces are virtual, so a scene is a list of them and the integrator knows none by name.

#include <stddef.h>
#include <stdint.h>

extern "C" int printf(const char *format, ...);

// A number with 16 fractional bits. Products and quotients round towards minus infinity.
class Fixed {
public:
    constexpr Fixed() = default;
    constexpr Fixed(int whole) : raw_(whole * 65536) {}
    static constexpr Fixed from_raw(int32_t raw)
    {
        Fixed value;
        value.raw_ = raw;
        return value;
    }
    static constexpr Fixed ratio(int32_t over, int32_t under)
    {
        return from_raw(floor_divide(int64_t{over} * 65536, under));
    }
    constexpr int32_t raw() const { return raw_; }

    friend constexpr Fixed operator+(Fixed a, Fixed b) { return from_raw(a.raw_ + b.raw_); }
    friend constexpr Fixed operator-(Fixed a, Fixed b) { return from_raw(a.raw_ - b.raw_); }
    friend constexpr Fixed operator-(Fixed a) { return from_raw(-a.raw_); }
    friend constexpr Fixed operator*(Fixed a, Fixed b)
    {
        return from_raw(floor_divide(int64_t{a.raw_} * b.raw_, 65536));
    }
    friend constexpr Fixed operator/(Fixed a, Fixed b) { return ratio(a.raw_, b.raw_); }
    friend constexpr bool operator<(Fixed a, Fixed b) { return a.raw_ < b.raw_; }
    friend constexpr bool operator==(Fixed a, Fixed b) { return a.raw_ == b.raw_; }

private:
    static constexpr int32_t floor_divide(int64_t over, int64_t under)
    {
        int64_t quotient = over / under;
        bool inexact = quotient * under != over;
        return static_cast<int32_t>(quotient - (inexact && (over < 0) != (under < 0) ? 1 : 0));
    }

    int32_t raw_ = 0;
};

Fixed square_root(Fixed value)
{
    uint64_t wanted = static_cast<uint64_t>(value.raw()) << 16, root = 0;
    for (uint64_t bit = uint64_t{1} << 23; bit != 0; bit >>= 1)
        if ((root | bit) * (root | bit) <= wanted)
            root |= bit;
    return Fixed::from_raw(static_cast<int32_t>(root));
}

template <int Metres, int Seconds> struct Quantity {
    Fixed value;

    friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.value + b.value}; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.value - b.value}; }
    friend constexpr Quantity operator-(Quantity a) { return {-a.value}; }
    friend constexpr bool operator<(Quantity a, Quantity b) { return a.value < b.value; }
    friend constexpr bool operator==(Quantity a, Quantity b) { return a.value == b.value; }
};

template <int M, int S, int N, int T>
constexpr Quantity<M + N, S + T> operator*(Quantity<M, S> a, Quantity<N, T> b)
{
    return {a.value * b.value};
}

template <int M, int S, int N, int T>
constexpr Quantity<M - N, S - T> operator/(Quantity<M, S> a, Quantity<N, T> b)
{
    return {a.value / b.value};
}

template <int M, int S> Quantity<M / 2, S / 2> square_root(Quantity<M, S> a)
{
    static_assert(M % 2 == 0 && S % 2 == 0, "only a square has a root with whole powers");
    return {square_root(a.value)};
}

using Number = Quantity<0, 0>;
using Length = Quantity<1, 0>;
using Time = Quantity<0, 1>;
using Speed = Quantity<1, -1>;
using Acceleration = Quantity<1, -2>;

constexpr Length operator""_m(unsigned long long metres) { return {static_cast<int>(metres)}; }
constexpr Time operator""_s(unsigned long long seconds) { return {static_cast<int>(seconds)}; }

template <typename T> struct Vector {
    T x, y, z;

    Vector &operator+=(const Vector &other)
    {
        x = x + other.x;
        y = y + other.y;
        z = z + other.z;
        return *this;
    }
    friend constexpr bool operator==(const Vector &a, const Vector &b)
    {
        return a.x == b.x && a.y == b.y && a.z == b.z;
    }
};

template <typename T, typename U> constexpr auto operator*(const Vector<T> &a, U factor)
{
    return Vector<decltype(a.x * factor)>{a.x * factor, a.y * factor, a.z * factor};
}

template <typename T, typename U> constexpr auto dot(const Vector<T> &a, const Vector<U> &b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

template <typename T, typename U> constexpr auto cross(const Vector<T> &a, const Vector<U> &b)
{
    return Vector<decltype(a.x * b.x)>{a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
                                       a.x * b.y - a.y * b.x};
}

struct Body {
    Vector<Length> position;
    Vector<Speed> velocity;
};

class Force {
public:
    virtual Vector<Acceleration> on(const Body &body) const = 0;

protected:
    ~Force() = default;
};

class Gravity final : public Force {
public:
    explicit Gravity(Acceleration down) : down_(down) {}
    Vector<Acceleration> on(const Body &) const override { return {{}, {}, -down_}; }

private:
    Acceleration down_;
};

class Drag final : public Force {
public:
    explicit Drag(Quantity<-1, 0> factor) : factor_(factor) {}
    Vector<Acceleration> on(const Body &body) const override
    {
        Speed speed = square_root(dot(body.velocity, body.velocity));
        return body.velocity * -(speed * factor_);
    }

private:
    Quantity<-1, 0> factor_;
};

class Spring final : public Force {
public:
    explicit Spring(Quantity<0, -2> stiffness) : stiffness_(stiffness) {}
    Vector<Acceleration> on(const Body &body) const override { return body.position * -stiffness_; }

private:
    Quantity<0, -2> stiffness_;
};

template <size_t Count>
void simulate(Body &body, const Force *const (&forces)[Count], Time step, int steps)
{
    for (; steps != 0; steps--) {
        Vector<Acceleration> total{};
        for (const Force *force : forces)
            total += force->on(body);
        body.velocity += total * step;
        body.position += body.velocity * step;
    }
}

static constexpr Time tick{Fixed::ratio(1, 64)};
static_assert((6_m / 2_s) * 3_s == 9_m, "units cancel");
static_assert(Fixed::ratio(-1, 3).raw() == -21846, "rounds down");

static const char *first_wrong()
{
    constexpr Vector<Number> x{{1}, {}, {}}, y{{}, {1}, {}}, z{{}, {}, {1}};
    if (!(cross(x, y) == z) || !(cross(y, x) == z * Number{-1}) || !(dot(x, y) == Number{0}))
        return "vector products";
    if (!(square_root(Fixed(2)) == Fixed::from_raw(92681)) || !(square_root(49_m * 1_m) == 7_m))
        return "square root";

    // Without drag the steps are exact: z = v t - g t (t + tick) / 2, here with t = 2 s, g = 10.
    const Gravity gravity{{10}};
    const Drag drag{Quantity<-1, 0>{Fixed::ratio(1, 16)}};
    const Spring spring{Quantity<0, -2>{4}};
    const Body thrown{{0_m, 0_m, 0_m}, {{3}, {-4}, {20}}};

    Body body = thrown;
    const Force *vacuum[] = {&gravity};
    simulate(body, vacuum, tick, 128);
    if (!(body.position == Vector<Length>{6_m, -8_m, {Fixed(20) - Fixed::ratio(10, 64)}}))
        return "throw in vacuum";

    // Falling with quadratic drag approaches sqrt(g / k), here sqrt(160) m/s.
    const Force *air[] = {&gravity, &drag};
    simulate(body = thrown, air, tick, 64 * 20);
    Fixed fall = -body.velocity.z.value;
    if (!(Fixed::ratio(1264, 100) < fall && fall < Fixed::ratio(1266, 100)))
        return "terminal speed";

    // A spring conserves energy on average: v^2 + 4 x^2 stays near its first value of 16.
    Body bob{{2_m, 0_m, 0_m}, {}};
    const Force *springs[] = {&spring};
    for (int part = 0; part < 40; part++) {
        simulate(bob, springs, tick, 16);
        Fixed v = bob.velocity.x.value, p = bob.position.x.value, energy = v * v + p * p * 4;
        if (energy < Fixed(15) || Fixed(17) < energy)
            return "spring energy";
    }
    return nullptr;
}

int main()
{
    const char *wrong = first_wrong();
    printf("units_and_vectors: %s\n", wrong == nullptr ? "ok" : wrong);
    return wrong == nullptr ? 0 : 1;
}
