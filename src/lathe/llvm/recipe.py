"""Recipes: a pass list plus codegen options, all that is needed to repeat a result with one LLVM version.

The grammar is our own and closed: every pass, parameter and value must be in the catalogue, and what
reaches LLVM is always the canonical text printed here, never the text that came in.

    recipe    = [pass-list] {"-" name ["=" value]}          separated by spaces
    pass-list = pass {"," pass}
    pass      = name ["<" parameter {";" parameter} ">"] ["(" pass-list ")"]

The key idea of the canonical form: LLVM wants every pass inside an adaptor of its level
(`function(loop-mssa(licm))`); people want to write `licm`. The parser knows each pass's level from the
catalogue, adds the adaptors that are missing, and joins neighbours under one adaptor.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from lathe.errors import RecipeError
from lathe.llvm.catalogue import Catalogue, OptionEntry, load_catalogue

__all__ = ["LEVELS", "Option", "Pass", "Recipe", "nest_passes", "parse_pass", "parse_recipe", "read_pipeline"]

LEVELS = ("module", "cgscc", "function", "loop-mssa", "loop")
"""The levels of passes, outermost first; each name is also that of the adaptor that opens the level."""

_ADAPTOR_FLAGS = {"function": ("eager-inv", "no-rerun"), "cgscc": (), "module": (), "loop": (), "loop-mssa": ()}
_REQUIRED_ANALYSES = {
    "require": ("globals-aa", "profile-summary", "should-not-run-function-passes"),
    "invalidate": ("aa", "all"),
}
_ANALYSIS_LEVEL = {"globals-aa": "module", "profile-summary": "module"}
_ALWAYS = {"instcombine": "no-verify-fixpoint"}  # without it LLVM ends the process where one round is not enough
_MOST_REPEATS = 8
_TOKEN = re.compile(r"\s*([A-Za-z0-9_.\-]+(?:<[^<>()]*(?:<[^<>()]*>)?[^<>()]*>)?|[(),])")


@dataclass(frozen=True, slots=True)
class Pass:
    """One word of a pass list: a pass with its parameters, or an adaptor with the passes inside it."""

    name: str
    parameters: tuple[str, ...] = ()
    children: tuple[Pass, ...] = ()

    def __str__(self) -> str:
        parameters = f"<{';'.join(self.parameters)}>" if self.parameters else ""
        children = f"({','.join(map(str, self.children))})" if self.children else ""
        return f"{self.name}{parameters}{children}"

    def walk(self) -> Iterator[Pass]:
        """This pass and all passes inside it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, order=True)
class Option:
    """One codegen option with its value, such as `-regalloc=basic`."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"-{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A pass list and codegen options; `str()` is its canonical text, and equal recipes print equal text.

    Built by hand it is trusted as it is; text from outside goes through `parse_recipe`.
    """

    passes: tuple[Pass, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def pass_list(self) -> str:
        """The text for `opt -passes=`; empty when the recipe has no passes."""
        return ",".join(map(str, self.passes))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The codegen options as arguments that `opt` and `llc` take."""
        return tuple(map(str, self.options))

    def then(self, other: Recipe) -> Recipe:
        """This recipe's passes and another's after them, with the options of both; where both set one, the other's."""
        options = {option.name: option for option in (*self.options, *other.options)}
        return Recipe((*self.passes, *other.passes), tuple(sorted(options.values())))

    def __str__(self) -> str:
        return " ".join(filter(None, (self.pass_list, *self.arguments)))


def parse_recipe(text: str, catalogue: Catalogue | None = None) -> Recipe:
    """Read a recipe's text against the catalogue (default: LLVM 22's) and return its canonical form.

    Raises `RecipeError` for anything that is not in the catalogue or does not fit the grammar.
    """
    catalogue = catalogue or load_catalogue()
    try:
        parts = shlex.split(text)
    except ValueError as error:
        raise RecipeError(f"Recipe {text!r} has an open quote: {error}. Write PASSES -option=value ...") from None
    lists = [part for part in parts if not part.startswith("-")]
    options = [_parse_option(part, catalogue) for part in parts if part.startswith("-")]
    if len({o.name for o in options}) < len(options):
        raise RecipeError(f"Recipe {text!r} sets an option twice. Keep one of them.")
    passes = _Parser(" ".join(lists), catalogue).parse() if lists else ()
    return Recipe(nest_passes(passes, catalogue), tuple(sorted(options)))


def parse_pass(text: str, catalogue: Catalogue | None = None) -> Pass:
    """Read one word of a pass list, without adding adaptors; raises `RecipeError`."""
    passes = _Parser(text, catalogue or load_catalogue()).parse()
    if len(passes) != 1:
        raise RecipeError(f"{text!r} is {len(passes)} passes where one is wanted.")
    return passes[0]


def read_pipeline(text: str, catalogue: Catalogue | None = None) -> Recipe:
    """A pipeline that LLVM printed, as a recipe: the passes that the catalogue keeps out are left out."""
    catalogue = catalogue or load_catalogue()
    parser = _Parser(text, catalogue, lenient=True)
    return Recipe(nest_passes(parser.parse(), catalogue))


def nest_passes(passes: Iterable[Pass], catalogue: Catalogue, level: str = "module") -> tuple[Pass, ...]:
    """Add the adaptors that `level` needs around passes of inner levels, joining neighbours under one."""
    nested: list[Pass] = []
    for adaptor, group in groupby(passes, key=lambda p: _missing_adaptor(p, catalogue, level)):
        if adaptor:
            nested.append(Pass(adaptor, (), nest_passes(group, catalogue, adaptor)))
        else:
            nested.extend(_nest_children(p, catalogue, level) for p in group)
    return tuple(nested)


def _missing_adaptor(item: Pass, catalogue: Catalogue, level: str) -> str | None:
    """The next adaptor to open so that `item` may stand in a list of `level`; None when it may already."""
    inner = _level_of(item, catalogue, level)
    if inner == level or (inner, level) == ("loop", "loop-mssa"):
        return None
    if LEVELS.index(inner) < LEVELS.index(level) or level.startswith("loop"):
        raise RecipeError(f'"{item.name}" runs on {inner} level and cannot stand inside {level}(...).')
    return "function" if inner.startswith("loop") and level != "function" else inner


def _nest_children(item: Pass, catalogue: Catalogue, level: str) -> Pass:
    if not item.children:
        return item
    inner = item.name if item.name in LEVELS else level
    return Pass(item.name, item.parameters, nest_passes(item.children, catalogue, inner))


def _level_of(item: Pass, catalogue: Catalogue, level: str) -> str:
    """The level at which an item stands (an adaptor stands one level out: where it is found, if that is legal)."""
    if item.name == "devirt":
        return "cgscc"
    if item.name in ("require", "invalidate"):
        return _ANALYSIS_LEVEL.get(item.parameters[0], "function" if item.name == "require" else level)
    if item.name in ("cgscc", "module"):
        return "module"
    if item.name == "function":
        return level if level in ("module", "cgscc") else "module"
    if item.name in ("loop", "loop-mssa"):
        return "function"
    return catalogue.find_pass(item.name).level


def _parse_option(text: str, catalogue: Catalogue) -> Option:
    name, _, value = text.lstrip("-").partition("=")
    entry = catalogue.find_option(name)
    if entry.kind == "bool" and not value:
        value = "true"
    _check_value(entry, value)
    return Option(name, value)


def _check_value(entry: OptionEntry, value: str) -> None:
    if entry.kind == "bool":
        good = value in ("true", "false")
        wanted = "true or false"
    elif entry.kind == "int":
        numbers = [int(v) for v in entry.values]
        low, high = min(numbers), max(numbers) * 2
        good = re.fullmatch(r"-?\d{1,9}", value) is not None and low <= int(value) <= high
        wanted = f"an integer from {low} to {high}"
    else:
        good = value in entry.values
        wanted = "one of " + ", ".join(entry.values)
    if not good:
        raise RecipeError(f'Option "-{entry.name}={value}": the value must be {wanted}.')


class _Parser:
    """Reads a pass list by recursive descent; checks names and parameters, not levels."""

    def __init__(self, text: str, catalogue: Catalogue, *, lenient: bool = False) -> None:
        self.text = text
        self.catalogue = catalogue
        self.lenient = lenient
        self.tokens = self._tokenize()
        self.position = 0

    def parse(self) -> tuple[Pass, ...]:
        passes = self._list()
        if self.position < len(self.tokens):
            raise self._error(f"unexpected {self.tokens[self.position]!r}")
        return passes

    def _tokenize(self) -> list[str]:
        tokens, position = [], 0
        while position < len(self.text.rstrip()):
            match = _TOKEN.match(self.text, position)
            if not match:
                raise self._error(f"cannot read {self.text[position : position + 20]!r}")
            tokens.append(match.group(1))
            position = match.end()
        return tokens

    def _list(self) -> tuple[Pass, ...]:
        passes = [self._pass()]
        while self._peek() == ",":
            self.position += 1
            passes.append(self._pass())
        return tuple(p for p in passes if p)

    def _pass(self) -> Pass | None:
        token = self._peek()
        if token in ("", "(", ")", ","):
            raise self._error(f"a pass is missing before {token or 'the end'!r}")
        self.position += 1
        name, _, rest = token.partition("<")
        parameters = tuple(p for p in rest.removesuffix(">").split(";") if p)
        if name in _ALWAYS and _ALWAYS[name] not in parameters:
            parameters += (_ALWAYS[name],)
        children: tuple[Pass, ...] = ()
        if self._peek() == "(":
            self.position += 1
            children = self._list()
            if self._peek() != ")":
                raise self._error(f'"{name}(" is not closed')
            self.position += 1
        item = Pass(name, parameters, children)
        try:
            self._check(item)
        except RecipeError:
            if self.lenient:
                return None
            raise
        return item

    def _check(self, item: Pass) -> None:
        name, parameters = item.name, item.parameters
        if name in _ADAPTOR_FLAGS or name == "devirt":
            self._check_adaptor(item)
            return
        if item.children:
            raise self._error(f'"{name}" takes no passes inside')
        if name in _REQUIRED_ANALYSES:
            if len(parameters) != 1 or parameters[0] not in _REQUIRED_ANALYSES[name]:
                raise self._error(f'"{name}" takes one of {", ".join(_REQUIRED_ANALYSES[name])}')
            return
        entry = self.catalogue.find_pass(name)
        for parameter in parameters:
            if parameter not in entry.flags and not _fits_integer(parameter, entry.integers or {}):
                allowed = [*entry.flags, *(f"{k}=N" for k in entry.integers or ())]
                known = f"it takes {'; '.join(allowed)}" if allowed else "it takes none"
                raise self._error(f'unknown parameter "{parameter}" of "{name}": {known}')

    def _check_adaptor(self, item: Pass) -> None:
        name, parameters = item.name, item.parameters
        if not item.children:
            raise self._error(f'"{name}" is an adaptor and needs passes inside: {name}(...)')
        if name == "devirt":
            if len(parameters) != 1 or not parameters[0].isdigit() or not 0 < int(parameters[0]) <= _MOST_REPEATS:
                raise self._error(f'"{name}" takes a count from 1 to {_MOST_REPEATS}: {name}<2>(...)')
        elif not set(parameters) <= set(_ADAPTOR_FLAGS[name]):
            raise self._error(f'"{name}" takes only {"; ".join(_ADAPTOR_FLAGS[name]) or "no parameters"}')

    def _peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def _error(self, what: str) -> RecipeError:
        return RecipeError(f"Pass list {self.text!r}: {what}. List the passes: lathe passes")


def _fits_integer(parameter: str, integers: Mapping[str, tuple[int, ...]]) -> bool:
    name, _, value = parameter.partition("=")
    values = integers.get(name, ())
    return bool(values) and value.isdigit() and min(values) <= int(value) <= max(values)
