// SPDX-License-Identifier: Apache-2.0
//
// expression_evaluator: parses, simplifies, prints and evaluates integer formulas with variables.
//
// Key idea: a formula is a std::variant tree and every operation on it is a visitor, so adding an
// operation never touches the node types. Binding powers in one table drive the parser and tell
// the printer which parentheses are needed. Overflow and division by zero are exceptions.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using Value = std::int64_t;

struct Node;
using NodePtr = std::unique_ptr<const Node>;

struct Literal { Value value; };
struct Variable { std::string name; };
struct Negation { NodePtr operand; };
struct Binary { char op; NodePtr left, right; };
struct Call { std::string name; std::vector<NodePtr> arguments; };
struct Node { std::variant<Literal, Variable, Negation, Binary, Call> kind; };

template <typename... Lambdas> struct Overloaded : Lambdas... { using Lambdas::operator()...; };
template <typename... Lambdas> Overloaded(Lambdas...) -> Overloaded<Lambdas...>;

struct ParseError : std::runtime_error {
    ParseError(const std::string &what, std::size_t at) : std::runtime_error(what), position(at) {}
    std::size_t position;
};

struct EvaluationError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <typename Kind> NodePtr make(Kind kind)
{
    return std::make_unique<const Node>(Node{std::move(kind)});
}

int binding_power(char op)
{
    switch (op) {
    case '<': case '=': return 1;
    case '+': case '-': return 2;
    case '*': case '/': case '%': return 3;
    default: return 0;
    }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

class Parser {
public:
    explicit Parser(std::string text) : text_(std::move(text)) {}

    NodePtr parse()
    {
        NodePtr node = expression(1);
        if (peek() != '\0')
            throw ParseError("unexpected character", at_);
        return node;
    }

private:
    char peek()
    {
        while (at_ < text_.size() && text_[at_] == ' ')
            at_++;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    bool accept(char wanted)
    {
        bool found = peek() == wanted;
        at_ += found;
        return found;
    }

    void expect(char wanted)
    {
        if (!accept(wanted))
            throw ParseError(std::string("expected ") + wanted, at_);
    }

    template <typename Predicate> std::string take_while(Predicate matches)
    {
        std::size_t start = at_;
        while (at_ < text_.size() && matches(text_[at_]))
            at_++;
        return text_.substr(start, at_ - start);
    }

    NodePtr expression(int least_power)
    {
        NodePtr left = primary();
        for (char op = peek(); binding_power(op) >= least_power; op = peek()) {
            at_++;
            NodePtr right = expression(binding_power(op) + 1);
            left = make(Binary{op, std::move(left), std::move(right)});
        }
        return left;
    }

    NodePtr primary()
    {
        char c = peek();
        if (accept('-'))
            return make(Negation{primary()});
        if (accept('(')) {
            NodePtr inner = expression(1);
            expect(')');
            return inner;
        }
        if (is_digit(c)) {
            std::size_t start = at_;
            try {
                return make(Literal{std::stoll(take_while(is_digit))});
            } catch (const std::out_of_range &) {
                throw ParseError("number too large", start);
            }
        }
        if (!is_letter(c))
            throw ParseError("expected an operand", at_);
        std::string name = take_while(is_letter);
        if (!accept('('))
            return make(Variable{std::move(name)});
        std::vector<NodePtr> arguments;
        do
            arguments.push_back(expression(1));
        while (accept(','));
        expect(')');
        return make(Call{std::move(name), std::move(arguments)});
    }

    std::string text_;
    std::size_t at_ = 0;
};

Value apply(char op, Value a, Value b)
{
    Value result = 0;
    bool overflow = false;
    switch (op) {
    case '+': overflow = __builtin_add_overflow(a, b, &result); break;
    case '-': overflow = __builtin_sub_overflow(a, b, &result); break;
    case '*': overflow = __builtin_mul_overflow(a, b, &result); break;
    case '<': return a < b;
    case '=': return a == b;
    default:
        if (b == 0)
            throw EvaluationError("division by zero");
        overflow = b == -1 && a == std::numeric_limits<Value>::min();
        if (!overflow)
            result = op == '/' ? a / b : a % b;
    }
    if (overflow)
        throw EvaluationError("overflow");
    return result;
}

class Environment {
public:
    using Function = std::function<Value(const std::vector<Value> &)>;

    void set(const std::string &name, Value value) { variables_[name] = value; }
    void define(const std::string &name, Function f) { functions_[name] = std::move(f); }

    Value evaluate(const Node &node) const
    {
        return std::visit(Overloaded{
            [](const Literal &literal) { return literal.value; },
            [&](const Variable &variable) { return find(variables_, variable.name); },
            [&](const Negation &negation) { return apply('-', 0, evaluate(*negation.operand)); },
            [&](const Binary &binary) {
                Value left = evaluate(*binary.left); // first, so its errors are reported first
                return apply(binary.op, left, evaluate(*binary.right));
            },
            [&](const Call &call) {
                std::vector<Value> values;
                for (const NodePtr &argument : call.arguments)
                    values.push_back(evaluate(*argument));
                return find(functions_, call.name)(values);
            },
        }, node.kind);
    }

private:
    template <typename Map>
    static const typename Map::mapped_type &find(const Map &map, const std::string &name)
    {
        auto found = map.find(name);
        if (found == map.end())
            throw EvaluationError("unknown name " + name);
        return found->second;
    }

    std::map<std::string, Value> variables_;
    std::map<std::string, Function> functions_;
};

// The value of a formula that needs no variables or functions and does not fail.
std::optional<Value> constant(const Node &node)
{
    try {
        return Environment().evaluate(node);
    } catch (const EvaluationError &) {
        return std::nullopt;
    }
}

// Prints with constant parts folded and only the parentheses that are needed.
std::string print(const Node &node, int least_power = 1)
{
    if (std::optional<Value> value = constant(node); value && *value >= 0)
        return std::to_string(*value);
    return std::visit(Overloaded{
        [](const Literal &literal) { return std::to_string(literal.value); },
        [](const Variable &variable) { return variable.name; },
        [](const Negation &negation) { return "-" + print(*negation.operand, 4); },
        [&](const Binary &b) {
            int power = binding_power(b.op);
            std::string text = print(*b.left, power) + ' ' + b.op + ' ' + print(*b.right, power + 1);
            return power < least_power ? '(' + text + ')' : text;
        },
        [](const Call &call) {
            std::string text = call.name;
            for (std::size_t i = 0; i < call.arguments.size(); i++)
                text += (i == 0 ? "(" : ", ") + print(*call.arguments[i]);
            return text + ')';
        },
    }, node.kind);
}

// What a console would answer: the value, or the error and where it is.
std::string answer(const Environment &environment, const std::string &formula)
{
    try {
        return std::to_string(environment.evaluate(*Parser(formula).parse()));
    } catch (const ParseError &error) {
        return std::string(error.what()) + " at " + std::to_string(error.position);
    } catch (const EvaluationError &error) {
        return error.what();
    }
}

bool all_answers_right()
{
    Environment environment;
    int calls = 0;
    environment.set("x", 12);
    environment.set("y_max", -5);
    environment.define("max", [&calls](const std::vector<Value> &values) {
        calls++;
        Value best = values.front();
        for (Value value : values)
            best = value > best ? value : best;
        return best;
    });
    environment.define("if", [](const std::vector<Value> &values) {
        if (values.size() != 3)
            throw EvaluationError("if takes three arguments");
        return values[0] != 0 ? values[1] : values[2];
    });
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"1 + 2 * 3 - 4", "3"}, {"100 / 7 / 2", "7"}, {"-(2 - x) % 4", "2"}, {"--x * -y_max", "60"},
        {"max(1, x, max(y_max, 30)) + 1", "31"}, {"if(x < 3 + 10, x = 12, 7)", "1"},
        {"if(1, 2)", "if takes three arguments"}, {"9223372036854775807 + 1", "overflow"},
        {"-9223372036854775807 - 1", "-9223372036854775808"}, {"z * 2", "unknown name z"},
        {"(0-9223372036854775807-1) / -1", "overflow"}, {"4 / (x - 12)", "division by zero"},
        {"9223372036854775808", "number too large at 0"}, {"2 + ", "expected an operand at 4"},
        {"(1 + 2", "expected ) at 6"}, {"1 2", "unexpected character at 2"},
        {"max()", "expected an operand at 4"},
    };
    for (const auto &[formula, result] : expected)
        if (answer(environment, formula) != result)
            return false;
    return calls == 2;
}

bool all_prints_right()
{
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"((x))*(2+3*4)", "x * 14"}, {"(a-b)-(c-d)", "a - b - (c - d)"},
        {"(a+b)*-(c*d)", "(a + b) * -(c * d)"}, {"f(1+1,(x<y))%3", "f(2, x < y) % 3"},
        {"1/0+x", "1 / 0 + x"}, {"a*(2-5)", "a * (2 - 5)"},
    };
    for (const auto &[formula, text] : expected) {
        std::string printed = print(*Parser(formula).parse());
        if (printed != text || print(*Parser(printed).parse()) != printed)
            return false;
    }
    return true;
}

} // namespace

int main()
{
    const char *wrong = !all_answers_right() ? "answers" : !all_prints_right() ? "printing" : nullptr;
    std::printf("expression_evaluator: %s\n", wrong == nullptr ? "ok" : wrong);
    return wrong == nullptr ? 0 : 1;
}
