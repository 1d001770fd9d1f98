"""The normal form of IR and of assembly: short, and the same for the same code, whatever module it came from.

Of IR, as LLVM prints it, goes what cannot change code: comments, indentation, debug information, names of files and
compilers. Values and blocks are numbered in order, so are private constants, attributes and metadata, in the order of
their mention. LLVM reads the result, and makes the same code of it. Of assembly go comments, unwind directives and what
only describes symbols; its labels are numbered in order, and it assembles to the same code.

Not kept: the order of uses that bitcode can carry, which some passes follow; the unwind table of assembly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["normalise_assembly", "normalise_ir", "renumber_nodes"]

_WORD = r'(?:"[^"]*"|[-\w$.]+)'
_COMMENT = re.compile(r'((?:"[^"]*"|[^";])*);.*')
_DROPPED_LINES = ("source_filename ", "!llvm.ident ", "!llvm.dbg.cu ", "!llvm.commandline ", "#dbg_",
                  "call void @llvm.dbg.", "tail call void @llvm.dbg.", "declare void @llvm.dbg.")  # fmt: skip
_DROPPED_MARKS = re.compile(r",? !(?:dbg|srcloc|annotation|heapallocsite) !\d+")
_DROPPED_FLAGS = ("Debug Info Version", "Dwarf Version", "DWARF64", "uwtable-debug")
_NODE = re.compile(rf"^(?:attributes (#\d+)|(!\d+)|(%{_WORD})(?= = type )|(\${_WORD})) = ")
_MENTION = re.compile(rf'"[^"]*"|[#!]\d+\b|[%$]{_WORD}')
_NUMBERED = re.compile(r'"[^"]*"|[#!]\d+\b')
_LOCAL = re.compile(rf'%({_WORD})|c?"[^"]*"')
_RESULT = re.compile(rf"^%({_WORD}) = ")
_BLOCK = re.compile(rf"^({_WORD}):$")
_PRIVATE = re.compile(rf"^@({_WORD}) = private ")
_GLOBAL = re.compile(rf'@({_WORD})|c?"[^"]*"')

_ASSEMBLY_COMMENT = {"x86": "#", "aarch64": "//", "arm": "@", "riscv": "#"}
_DROPPED_DIRECTIVES = (".cfi_", ".ident", ".file", ".addrsig", ".size", '.section\t".note.GNU-stack"',
                       ".section .note.GNU-stack", ".loc\t", ".loc ")  # fmt: skip
_SPACES = re.compile(r'"(?:\\.|[^"\\])*"|\s+')
_LABEL = re.compile(r'"(?:\\.|[^"\\])*"|\.L[\w$.]+')


def normalise_ir(text: str) -> str:
    """The normal form of a module's text, as LLVM prints it."""
    lines = list(_drop(text.splitlines()))
    nodes = {next(filter(None, match.groups())): line for line in lines if (match := _NODE.match(line))}
    code = [line for line in lines if not _NODE.match(line)]
    if any("= !DI" in line or "= distinct !DI" in line for line in nodes.values()):
        code = _drop_locations(code, nodes)
    code = [_without_flags(line, nodes) if line.startswith("!llvm.module.flags ") else line for line in code]
    needed = _close(code, nodes)
    types = [nodes[key] for key in nodes if key in needed and key[0] in "%$"]
    rest = [nodes[key] for sign in "#!" for key in needed if key[0] == sign]
    head = [line for line in code if line.startswith("target ")]
    body = list(_number_values(line for line in code if not line.startswith("target ")))
    return renumber_nodes(_number_constants("\n".join([*head, *types, *body, *rest, ""])))


def _drop(lines: Iterable[str]) -> Iterator[str]:
    """Lines without comments, indentation and marks that cannot change code."""
    for line in lines:
        match = _COMMENT.match(line) if ";" in line else None
        kept = (match[1] if match else line).strip()
        if kept and not kept.startswith(_DROPPED_LINES):
            yield _DROPPED_MARKS.sub("", kept)


def _drop_locations(code: list[str], nodes: dict[str, str]) -> list[str]:
    """Take places in sources out of the metadata of loops; loops of which nothing else is said lose it."""
    places = {key for key, line in nodes.items() if re.search(r"= (?:distinct )?!DI", line)}
    empty = set()
    for key, line in nodes.items():
        if line.startswith(f"{key} = distinct !{{{key}"):
            kept = [k for k in re.findall(r"!\d+", line.partition("{")[2]) if k not in places]
            nodes[key] = f"{key} = distinct !{{{', '.join(kept)}}}"
            empty |= {key} if kept == [key] else set()
    mark = re.compile(r", !llvm\.loop (!\d+)")
    return [mark.sub(lambda m: "" if m[1] in empty else m[0], line) for line in code]


def _without_flags(line: str, nodes: dict[str, str]) -> str:
    """The list of module flags without those of debug information."""
    keys = [key for key in re.findall(r"!\d+", line) if not any(flag in nodes[key] for flag in _DROPPED_FLAGS)]
    return f"!llvm.module.flags = !{{{', '.join(keys)}}}"


def _close(code: list[str], nodes: dict[str, str]) -> dict[str, None]:
    """The nodes that code mentions, and those that they mention, in that order."""
    found: dict[str, None] = {}
    fresh = [key for line in code for key in _mentions(line)]
    while fresh:
        new = [key for key in dict.fromkeys(fresh) if key in nodes and key not in found]
        found |= dict.fromkeys(new)
        fresh = [key for one in new for key in _mentions(nodes[one])]
    return found


def _mentions(line: str) -> list[str]:
    names = _MENTION.findall(line)
    # a comdat without a name is called like its function
    own = re.search(rf"@({_WORD})", line) if re.search(r"\bcomdat\b(?!\()", line) else None
    return [*names, f"${own[1]}"] if own else names


def _number_values(lines: Iterable[str]) -> Iterator[str]:
    """Lines with the values and blocks of each function numbered as LLVM numbers those without names."""
    function: list[str] = []
    for line in lines:
        if function or line.startswith("define "):
            function.append(line)
            if line == "}":
                yield from _number_function(function)
                function = []
        else:
            yield line


def _number_function(lines: list[str]) -> Iterator[str]:
    names = list(_list_parameters(lines[0]))
    if not _BLOCK.match(lines[1]):
        lines.insert(1, f"{len(names)}:")
    names += [match[1] for line in lines[1:] if (match := _RESULT.match(line) or _BLOCK.match(line))]
    numbers = {name: str(number) for number, name in enumerate(names)}

    def number(match: re.Match[str]) -> str:
        return f"%{numbers.get(match[1], match[1])}" if match[1] else match[0]

    yield _LOCAL.sub(number, lines[0])
    for line in lines[2:]:  # the first block needs no label
        block = _BLOCK.match(line)
        yield f"{numbers[block[1]]}:" if block else _LOCAL.sub(number, line)


def _list_parameters(head: str) -> Iterator[str]:
    """The names of a function's parameters; one without gets a name that nothing mentions."""
    start = re.search(rf"@{_WORD}\(", head)
    assert start, head
    depth, words, word = 1, [""], ""
    for letter in head[start.end() :]:
        depth += (letter in "([{<") - (letter in ")]}>")
        if not depth:
            break
        if depth == 1 and letter == ",":
            words.append("")
        else:
            words[-1] += letter
    for place, word in enumerate(filter(None, map(str.strip, words))):
        last = re.search(rf"\s%({_WORD})$", word)
        if word != "...":
            yield last[1] if last else f" {place}"


def _number_constants(text: str) -> str:
    """A text with its private constants (`@.str.7`) numbered in the order of their mention, each by its kind."""
    names = dict.fromkeys(match[1] for line in text.splitlines() if (match := _PRIVATE.match(line)))
    counts: dict[str, int] = {}
    numbers: dict[str, str] = {}
    for name in dict.fromkeys(name for name in _GLOBAL.findall(text) if name in names):
        base = re.sub(r"(?:\.\d+)+$", "", name)
        if base and not base.startswith('"'):
            numbers[name] = f"{base}.{counts.setdefault(base, 0)}"
            counts[base] += 1
    return _GLOBAL.sub(lambda m: f"@{numbers[m[1]]}" if m[1] in numbers else m[0], text)


def renumber_nodes(text: str) -> str:
    """A text with its attributes and metadata numbered in the order of their mention."""
    numbers: dict[str, dict[str, int]] = {"#": {}, "!": {}}

    def number(match: re.Match[str]) -> str:
        known = numbers.get(match[0][0])
        return match[0] if known is None else f"{match[0][0]}{known.setdefault(match[0], len(known))}"

    return _NUMBERED.sub(number, text)


def normalise_assembly(text: str, architecture: str) -> str:
    """The normal form of what LLVM writes as assembly for an architecture (x86, aarch64, arm, riscv)."""
    mark = re.escape(_ASSEMBLY_COMMENT[architecture])
    comment = re.compile(rf'((?:"(?:\\.|[^"\\])*"|(?!{mark})[^"])*){mark}.*')
    lines = [match[1].strip() if (match := comment.match(line)) else line.strip() for line in text.splitlines()]
    lines = [_SPACES.sub(_one_space, line) for line in lines if line and not line.startswith(_DROPPED_DIRECTIVES)]
    used = {label for line in lines if not line.endswith(":") for label in _LABEL.findall(line)}
    lines = [line for line in lines if not (line.startswith(".L") and line.endswith(":") and line[:-1] not in used)]
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return match[0] if match[0][0] == '"' else f".L{numbers.setdefault(match[0], len(numbers))}"

    return _LABEL.sub(number, "\n".join([*lines, ""]))


def _one_space(match: re.Match[str]) -> str:
    return match[0] if match[0][0] == '"' else " "
