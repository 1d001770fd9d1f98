"""Splitting: a module becomes pieces, one for each function, that are compiled each in its own way and joined again.

    split = split_text(engine.emit(module, stage, "ll").decode())
    objects = [engine.emit(Module(piece.text.encode(), module.target), recipe) for piece, recipe in …]
    data = join_objects(engine.toolchain, objects, local=split.promoted)

LLVM's text form is taken apart by its lines: functions and variables are items that name others. A piece holds a
function, the variables that nobody else uses, and declarations of what else it names; the last piece, the rest, holds
all other variables, aliases, and what cannot stand alone. What was internal and is named across pieces is promoted:
hidden for the compiler, and local again after joining. Names never change.

What stays together: the members of a comdat, a function with those that use its labels, an alias with its function.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from lathe.llvm.normal_form import renumber_nodes

__all__ = ["Kept", "Piece", "Split", "split_text"]

_WORD = r'(?:"[^"]*"|[-\w$.]+)'
_STRING = '"[^"]*"'
_GLOBAL = re.compile(rf"@({_WORD})|{_STRING}")
_OTHER = re.compile(rf"[%$]{_WORD}|[!#]\d+\b|{_STRING}")
_FUNCTION = re.compile(rf"^(?:define|declare)\b[^@]*@({_WORD})\(")
_VARIABLE = re.compile(rf"^@({_WORD}) = (.*?)\b(global|constant|alias|ifunc)\b (.*)$")
_COMDAT = re.compile(rf"\bcomdat(?:\(\$({_WORD})\))?")
_LABEL = re.compile(rf"blockaddress\(@({_WORD}),")
_ASSEMBLY = re.compile(r'\basm (?:\w+ )*"([^"]*)"|^module asm "(.*)"$', re.MULTILINE)
_AFTER_PARAMETERS = re.compile(r"(?: (?:local_)?unnamed_addr| addrspace\(\d+\)| #\d+)*")
_LISTS_OF_UNIT = re.compile(r", (?:globals|enums|retainedTypes|imports|macros): !\d+")
_HINTS = re.compile(r", !callees !\d+")  # they name functions, of which a piece would have to know
_LOCAL = ("private", "internal")
_LINKAGES = (*_LOCAL, "available_externally", "linkonce_odr", "linkonce", "weak_odr", "weak", "common", "appending",
             "extern_weak", "external")  # fmt: skip
_STRONGER = {"linkonce_odr": "weak_odr", "linkonce": "weak"}  # else passes would drop what nobody here calls
_EVERYWHERE = ("!llvm.module.flags ", "!llvm.errno.tbaa ")


class Kept(StrEnum):
    """Why a function is in the rest; the values are the sentences shown."""

    LABELS = "a variable that others use too holds its labels"
    NAKED = "it is naked: assembly without a frame"
    COMDAT = "it shares a comdat with a variable"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text IR of the functions named, mostly one; of none, or of those that were kept, in the rest."""

    functions: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Split:
    """Pieces in the module's order, the rest last; which symbols were promoted; and why functions are in the rest."""

    pieces: tuple[Piece, ...]
    promoted: frozenset[str]
    kept: Mapping[str, Kept]


@dataclass(frozen=True, slots=True)
class _Item:
    """A function, variable or alias: its text, its linkage (empty: external), and what it names."""

    name: str
    kind: str
    text: str
    linkage: str
    names: frozenset[str]

    @property
    def defined(self) -> bool:
        return self.kind != "declare" and self.linkage not in ("external", "extern_weak", "available_externally")

    @property
    def local(self) -> bool:
        return self.linkage in _LOCAL

    @property
    def discardable(self) -> bool:
        return self.local or self.linkage in _STRONGER


class _Text:
    """A module's text taken apart. Keys of `others` are `%type`, `$comdat`, `#attributes` and `!metadata`."""

    def __init__(self, text: str) -> None:
        self.head: list[str] = []
        self.named: list[str] = []
        self.items: dict[str, _Item] = {}
        self.others: dict[str, str] = {}
        lines = iter(_HINTS.sub("", text).splitlines())
        for line in lines:
            if line.startswith("define "):
                self._add(_read_function(line, [line, *_read_body(lines)]))
            elif line.startswith("declare "):
                self._add(_read_function(line, [line]))
            elif line.startswith("@"):
                self._add(_read_variable(line))
            elif match := re.match(rf"(?:attributes )?([%$]{_WORD}|[!#]\d+) = ", line):
                self.others[match[1]] = line
            elif line.startswith("!"):
                self.named.append(line)
            elif line.startswith(("target ", "module asm ", "source_filename ")):
                self.head.append(line)
        self._needs: dict[str, list[str]] = {}

    def _add(self, item: _Item) -> None:
        self.items[item.name] = item

    def close(self, text: str, names: Iterable[str]) -> list[str]:
        """The lines of `others` that a text that defines names needs, and those need, in the order of their mention."""
        found: dict[str, str] = {}
        fresh = [*_OTHER.findall(text), *(f"${name}" for name in names)]
        while fresh:
            new = [key for key in dict.fromkeys(fresh) if key in self.others and key not in found]
            found |= dict.fromkeys(new, "")
            fresh = [need for key in new for need in self._need(key)]
        return [self.others[key] for key in found]

    def _need(self, key: str) -> list[str]:
        if key not in self._needs:
            line = self.others[key]
            if "DICompileUnit(" in line:  # its lists would bring the whole module's debug information along
                line = self.others[key] = _LISTS_OF_UNIT.sub("", line)
            self._needs[key] = _OTHER.findall(line)
        return self._needs[key]


def split_text(text: str, *, alone: bool = False, together: Mapping[str, str] | None = None) -> Split:
    """Take a module's text apart.

    `alone` gives each piece all local constants that it names: it is never joined. `together` puts functions with
    equal values into one piece, and those that it does not name into another.
    """
    module = _Text(text)
    pinned = {word for pair in _ASSEMBLY.findall(text) for half in pair for word in re.findall(r"[\w.$]+", half)}
    live = _find_live(module.items, pinned)
    groups, kept = _group_functions(module, live)
    if together is not None:
        groups = _put_together(groups, together)
    owners = _find_owners(module.items, live, groups, pinned)
    labelled = _find_labelled(module.items, groups, owners)
    if labelled:
        kept |= {name: Kept.LABELS for name in labelled if module.items[name].kind == "define"}
        groups |= dict.fromkeys(labelled, _REST)
        owners = _find_owners(module.items, live, groups, pinned)
    promoted = _find_promoted(module.items, live, owners, pinned)
    members: dict[int, list[str]] = defaultdict(list)
    for name in module.items:
        if name in live and module.items[name].defined:
            members[owners[name]].append(name)
    rest = members.pop(_REST, [])
    order = sorted(members.values(), key=lambda names: next(groups[n] for n in names if n in groups))
    if alone:
        order = [[*_find_constants(module.items, names), *names] for names in order]
    pieces = [_write_piece(module, names, promoted, rest=False, alone=alone) for names in order]
    pieces.append(_write_piece(module, rest, promoted, rest=True))
    return Split(tuple(pieces), frozenset(map(_plain, promoted)), {_plain(name): why for name, why in kept.items()})


_REST = -1


def _find_live(items: Mapping[str, _Item], pinned: Iterable[str]) -> set[str]:
    """What is visible outside, and what that names; the rest of a module nobody can reach."""
    live: set[str] = set()
    fresh = {name for name, item in items.items() if item.defined and not item.discardable} | (
        set(pinned) & items.keys()
    )
    while fresh:
        live |= fresh
        fresh = {other for name in fresh for other in items[name].names if other in items} - live
    return live


def _group_functions(module: _Text, live: set[str]) -> tuple[dict[str, int], dict[str, Kept]]:
    """A number for each function and its aliases, the same for those that belong together; and who must be kept."""
    items = module.items
    functions = [n for n in items if n in live and items[n].defined and items[n].kind == "define"]
    parent = {name: name for name in functions}

    def find(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    comdats: dict[str, str] = {}
    of_variables = {_comdat_of(item) for item in items.values() if item.kind in ("global", "constant")} - {None}
    for name in functions:
        comdat = _comdat_of(items[name])
        if comdat is not None:
            parent[find(name)] = find(comdats.setdefault(comdat, name))
        for label in _LABEL.findall(items[name].text):
            parent[find(name)] = find(label)
    numbers = {name: number for number, name in enumerate(functions)}
    groups = {name: numbers[find(name)] for name in functions}
    for name, item in items.items():
        if name in live and item.kind in ("alias", "ifunc"):
            target = next((other for other in item.names if other in groups), None)
            groups[name] = groups[target] if target else _REST
    naked = {groups[name]: Kept.NAKED for name in functions if _is_naked(module, name)}
    shared = {groups[name]: Kept.COMDAT for name in functions if _comdat_of(items[name]) in of_variables}
    reasons = naked | shared
    kept = {name: reasons[groups[name]] for name in functions if groups[name] in reasons}
    return {name: _REST if number in reasons else number for name, number in groups.items()}, kept


def _put_together(groups: Mapping[str, int], together: Mapping[str, str]) -> dict[str, int]:
    """Groups made one where their first functions that are named have the same value; the rest stays."""
    values: dict[int, str] = {}
    for name, number in groups.items():
        if (plain := _plain(name)) in together:
            values.setdefault(number, together[plain])
    firsts: dict[str, int] = {}
    return {
        name: number if number == _REST else firsts.setdefault(values.get(number, ""), number)
        for name, number in groups.items()
    }


def _comdat_of(item: _Item) -> str | None:
    """The comdat that a definition is in."""
    match = _COMDAT.search(item.text.partition("\n")[0]) if item.defined else None
    return (match[1] or item.name) if match else None


def _is_naked(module: _Text, name: str) -> bool:
    head = module.items[name].text.partition("\n")[0]
    return any("naked" in module.others.get(key, "").split() for key in re.findall(r"#\d+", head))


def _find_owners(
    items: Mapping[str, _Item], live: set[str], groups: Mapping[str, int], pinned: set[str]
) -> dict[str, int]:
    """The piece of each definition: a local variable belongs to the one piece that names it, others to the rest."""
    users: dict[str, set[str]] = defaultdict(set)
    for name in live:
        for other in items[name].names:
            users[other].add(name)
    free = [name for name in items if name in live and items[name].defined and name not in groups]
    owners = {**groups, **dict.fromkeys(free, _REST)}
    movable = {
        name for name in free
        if items[name].local and name not in pinned and items[name].kind not in ("alias", "ifunc")
    }  # fmt: skip
    order = TopologicalSorter({name: users[name] & movable for name in movable})
    with suppress(CycleError):  # what is in a cycle stays with the rest
        order.prepare()
    while ready := order.get_ready():
        for name in ready:
            found = {owners.get(user, _REST) for user in users[name]}
            owners[name] = found.pop() if len(found) == 1 else _REST
        order.done(*ready)
    return owners


def _find_labelled(items: Mapping[str, _Item], groups: Mapping[str, int], owners: Mapping[str, int]) -> set[str]:
    """Functions, with those that belong to them, whose labels a variable of the rest holds."""
    labels = {
        label for name, owner in owners.items()
        if owner == _REST and name not in groups for label in _LABEL.findall(items[name].text)
    }  # fmt: skip
    numbers = {groups[label] for label in labels if label in groups} - {_REST}
    return {name for name, number in groups.items() if number in numbers}


def _find_promoted(items: Mapping[str, _Item], live: set[str], owners: Mapping[str, int], pinned: set[str]) -> set[str]:
    """What is local and named by another piece."""
    promoted = {name for name in pinned if name in items and items[name].local}
    for name in live:
        where = owners.get(name, _REST)
        promoted |= {
            other for other in items[name].names
            if other in owners and items[other].local and owners[other] != where
        }  # fmt: skip
    return promoted


def _find_constants(items: Mapping[str, _Item], names: Iterable[str]) -> list[str]:
    """The local constants that definitions name, and those that these name."""
    constants = {name for name, item in items.items() if item.kind == "constant" and item.local}
    found: dict[str, None] = {}
    fresh = list(names)
    while fresh:
        mentioned = dict.fromkeys(other for name in fresh for other in _find_globals(items[name].text))
        fresh = [name for name in mentioned if name in constants and name not in found]
        found |= dict.fromkeys(fresh)
    return [name for name in found if name not in names]


def _write_piece(module: _Text, names: list[str], promoted: set[str], *, rest: bool, alone: bool = False) -> Piece:
    """The text of a piece whose definitions are named."""
    items, own = module.items, set(names)
    copied = {name for name in names if alone and items[name].kind == "constant" and items[name].local}
    definitions = [_define(items[name], promoted - copied) for name in names]
    mentioned = dict.fromkeys(_find_globals("\n".join(definitions)))
    declarations = [_declare(items[name], items, promoted) for name in mentioned if name in items and name not in own]
    text = "\n".join([*declarations, *definitions])
    named = [line for line in module.named if rest or line.startswith(_EVERYWHERE)]
    if not rest and "!dbg" in text:
        named += [line for line in module.named if line.startswith("!llvm.dbg.cu ")]
    head = [line for line in module.head if rest or line.startswith("target ")]
    others = module.close("\n".join([text, *named]), names)
    functions = tuple(_plain(name) for name in names if items[name].kind == "define")
    # with everything in the order of mention, a function that many modules have is the same piece in each
    return Piece(functions, renumber_nodes("\n".join([*head, *others, text, *named, ""])))


def _define(item: _Item, promoted: set[str]) -> str:
    if item.name in promoted:
        return _change_linkage(item.text, item.linkage, "hidden")
    return _change_linkage(item.text, item.linkage, _STRONGER.get(item.linkage, item.linkage))


def _change_linkage(text: str, old: str, new: str) -> str:
    return text if old == new else re.sub(rf"(^define |^@{_WORD} = ){old}\b", rf"\g<1>{new}", text, count=1)


def _declare(item: _Item, items: Mapping[str, _Item], promoted: set[str]) -> str:
    """How another piece names an item."""
    hidden = "hidden " if item.name in promoted else ""
    if item.kind == "declare" or (item.kind in ("global", "constant") and item.linkage in ("external", "extern_weak")):
        return item.text
    if item.kind == "define":
        head = item.text.partition("\n")[0]
        start, parameters, rest = _cut_parameters(head)
        before = re.sub(rf"^define (?:(?:{'|'.join(_LINKAGES)}) )?", f"declare {hidden}", start)
        after = _AFTER_PARAMETERS.match(rest)
        return f"{before}({parameters}){after[0] if after else ''}"
    match = _VARIABLE.match(item.text)
    assert match, item.text
    words = " ".join(word for word in match[2].split() if word not in _LINKAGES)
    type_, rest = _cut_type(match[4])
    if item.kind in ("alias", "ifunc"):
        if rest.startswith("("):
            return f"declare {hidden}{type_} @{item.name}{rest[: rest.index(')') + 1]}"
        return f"@{item.name} = external {hidden}{words} global {type_}"
    align = re.search(r", align \d+", item.text)
    how = " ".join(filter(None, ("external", hidden.strip(), words, item.kind)))
    return f"@{item.name} = {how} {type_}{align[0] if align else ''}"


def _find_globals(text: str) -> list[str]:
    """The functions and variables that a text names, strings left out."""
    return [name for name in _GLOBAL.findall(text) if name]


def _plain(name: str) -> str:
    """A name as the object has it, without LLVM's quotes and escapes."""
    return re.sub(r"\\([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), name.strip('"'))


def _read_body(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line == "}":
            return


def _read_function(line: str, lines: list[str]) -> _Item:
    match = _FUNCTION.match(line)
    assert match, line
    words = line.split(maxsplit=2)
    linkage = words[1] if words[1] in _LINKAGES else ""
    text = "\n".join(lines)
    return _Item(match[1], words[0], text, linkage, frozenset(_find_globals(text)) - {match[1]})


def _read_variable(line: str) -> _Item:
    match = _VARIABLE.match(line)
    assert match, line
    first = match[2].split()[:1]
    linkage = first[0] if first and first[0] in _LINKAGES else ""
    return _Item(match[1], match[3], line, linkage, frozenset(_find_globals(line)) - {match[1]})


def _cut_parameters(head: str) -> tuple[str, str, str]:
    """A function's first line before, inside and after the parentheses of its parameters."""
    match = _FUNCTION.match(head)
    assert match, head
    at = match.end() - 1
    end = _find_end(head, at)
    return head[:at], head[at + 1 : end], head[end + 1 :]


def _cut_type(text: str) -> tuple[str, str]:
    """The type that a text starts with, and what follows."""
    if text[0] in "[{<":
        end = _find_end(text, 0) + 1
    else:
        match = re.match(rf"%{_WORD}|[^\s,]+(?: addrspace\(\d+\))?", text)
        assert match, text
        end = match.end()
    return text[:end], text[end:].strip()


def _find_end(text: str, start: int) -> int:
    """Where the bracket at `start` is closed."""
    depth, quoted = 0, False
    for at in range(start, len(text)):
        letter = text[at]
        quoted ^= letter == '"'
        if not quoted:
            depth += (letter in "([{<") - (letter in ")]}>")
            if not depth:
                return at
    raise AssertionError(text)
