"""Guards: IR that traps where its behaviour would be undefined, for modules whose source is not at hand.

What clang's sanitizers do for sources is done here for text IR: arithmetic that may not wrap, shifts by too much,
loaded values outside their range (C's `bool`), broken assumptions, places that must not be reached. Not covered:
addresses (out of bounds, misaligned, dangling), vectors, `exact`, and values that were never written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["add_guards"]

_VALUE = r"(%[\w.]+|-?\d+|true|false)"
_ARITHMETIC = re.compile(rf"  %\S+ = (add|sub|mul)((?: nuw| nsw)+) (i\d+) {_VALUE}, {_VALUE}")
_SHIFT = re.compile(rf"  %\S+ = (?:shl|lshr|ashr)(?: nuw| nsw| exact)* i(\d+) {_VALUE}, {_VALUE}")
_LOAD = re.compile(r"  (%\S+) = load (?:volatile )?(i\d+), .*!range (!\d+)")
_ASSUME = re.compile(r"  (?:tail )?call void @llvm\.assume\(i1 (?:noundef )?(%[\w.]+)\)")
_TRAP = """
define internal void @lathe.undefined(i1 %when) noinline optnone {
  br i1 %when, label %trap, label %end
trap:
  call void @llvm.trap()
  unreachable
end:
  ret void
}
"""


def add_guards(text: str) -> str:
    """A module's text with a trap before, or after, whatever is undefined at the values at hand."""
    ranges = dict(re.findall(r"^(!\d+) = !\{(i\d+ -?\d+, i\d+ -?\d+)\}$", text, re.MULTILINE))
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        inside = line.startswith("define ") or (inside and line != "}")
        checks = list(_check_line(line, f"%lathe.{len(lines)}", ranges)) if inside else []
        lines += [line, *checks] if _LOAD.match(line) else [*checks, line]
    used = sorted(set(re.findall(r"@(llvm\.[su](?:add|sub|mul)\.with\.overflow\.(i\d+))\(", "\n".join(lines))))
    declared = [f"declare {{ {t}, i1 }} @{name}({t}, {t})" for name, t in used if f" @{name}({t}, {t})" not in text]
    if "declare void @llvm.trap()" not in text:
        declared.append("declare void @llvm.trap()")
    return "\n".join([*lines, *declared, _TRAP])


def _check_line(line: str, name: str, ranges: dict[str, str]) -> Iterator[str]:
    """Instructions that call `lathe.undefined` with whether the line is; their values begin with `name`."""
    if match := _ARITHMETIC.match(line):
        operation, flags, type_, left, right = match.groups()
        for sign in (word[1] for word in flags.split()):
            call = f"@llvm.{sign}{operation}.with.overflow.{type_}({type_} {left}, {type_} {right})"
            yield f"  {name}.{sign} = call {{ {type_}, i1 }} {call}"
            yield f"  {name}.{sign}.o = extractvalue {{ {type_}, i1 }} {name}.{sign}, 1"
            yield f"  call void @lathe.undefined(i1 {name}.{sign}.o)"
    elif match := _SHIFT.match(line):
        bits, _, amount = match.groups()
        yield from _trap_when(name, f"icmp uge i{bits} {amount}, {bits}")
    elif (match := _LOAD.match(line)) and match[3] in ranges:
        low, high = (int(word.split()[1]) for word in ranges[match[3]].split(", "))
        yield f"  {name}.d = sub {match[2]} {match[1]}, {low}"
        yield from _trap_when(name, f"icmp uge {match[2]} {name}.d, {high - low}")
    elif match := _ASSUME.match(line):
        yield from _trap_when(name, f"xor i1 {match[1]}, true")
    elif line == "  unreachable":
        yield "  call void @lathe.undefined(i1 true)"


def _trap_when(name: str, condition: str) -> Iterator[str]:
    yield f"  {name} = {condition}"
    yield f"  call void @lathe.undefined(i1 {name})"
