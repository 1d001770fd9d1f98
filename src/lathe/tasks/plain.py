"""Plain forms of IR: without what code generation seldom heeds, so that there is less to be said.

Metadata, attributes and the flags of instructions tell the optimiser what it may assume; they cannot be read off
assembly, and most of them change nothing in it any more. A form is right where it lowers to the same assembly, which
whoever uses it must see to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lathe.llvm import normalise_ir

__all__ = ["list_plain_forms"]

_MARKS = re.compile(r", ![\w.]+ !\d+")
_GROUP = re.compile(r"^attributes (#\d+) = \{ (.*) \}$", re.MULTILINE)
_GROUP_MENTION = re.compile(r" (#\d+)(?=$| |,)", re.MULTILINE)
_KEPT = re.compile(r'"frame-pointer"="[^"]*"|"[^"]*"(?:="[^"]*")?|[\w.-]+(?:\([^()]*\))?')
_OF_FUNCTIONS = {
    "uwtable",
    "ssp",
    "sspstrong",
    "sspreq",
    "minsize",
    "optsize",
    "nounwind",
    "noreturn",
    "naked",
    "noredzone",
    "returns_twice",
    "optnone",
}
_OF_PARAMETERS = re.compile(
    r"(?<=[\w)\]>}]) (?:noundef|nonnull|readonly|writeonly|readnone|noalias|nofree|immarg|returned|"
    r"captures\([^()]*(?:\([^()]*\))?[^()]*\)|dereferenceable(?:_or_null)?\(\d+\)|range\([^()]*\)|initializes\(\([^()]*\)\))"
)
_ALIGNED = re.compile(r"(?<![,]) align \d+(?= [%@]|,|\))")
_FLAGS = re.compile(r" (?:nuw|nsw|exact|disjoint|samesign|nneg|inbounds)(?= )")
_ADDRESS = re.compile(r" (?:local_)?unnamed_addr(?= |$)", re.MULTILINE)
_DEFINED_HERE = re.compile(r"^define dso_local ", re.MULTILINE)
_LEVELS = """\
!llvm.module.flags = !{!0, !1}
!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 7, !"PIE Level", i32 2}
"""
_LIFETIME = re.compile(r"^call void @llvm\.lifetime\..*\n", re.MULTILINE)
_DECLARED = re.compile(r'^declare .*?@("[^"]*"|[-\w$.]+)\(.*\n', re.MULTILINE)


def list_plain_forms(ir: str) -> Iterator[str]:
    """Forms of a module in normal form, the plainest first; the last is the module itself."""
    quiet = _drop_attributes(ir)
    bare = _drop_metadata(quiet)
    plainest = _drop_unused(_LIFETIME.sub("", _FLAGS.sub("", _DEFINED_HERE.sub("define ", bare))))
    flags = _LEVELS if all(level in ir for level in ('"PIC Level", i32 2', '"PIE Level", i32 2')) else ""
    for form in (plainest, _drop_unused(_FLAGS.sub("", bare)) + flags, bare + flags, quiet):
        yield normalise_ir(form)
    yield ir


def _drop_metadata(ir: str) -> str:
    """Without metadata; the flags of the module, which are some, go too."""
    return "".join(f"{_MARKS.sub('', line)}\n" for line in ir.splitlines() if not line.startswith("!"))


def _drop_attributes(ir: str) -> str:
    """Without attributes but those of functions that code generation asks for."""
    groups = {}
    for name, text in _GROUP.findall(ir):
        words = [w for w in _KEPT.findall(text) if w in _OF_FUNCTIONS or w.startswith('"frame-pointer"')]
        groups[name] = "".join(f" {word}" for word in words)
    lines = []
    for line in ir.splitlines():
        if line.startswith(("@", "!")):
            lines.append(line)
        elif not line.startswith("attributes "):
            kept = groups if line.startswith("define ") else {}
            line = _GROUP_MENTION.sub(lambda m: kept.get(m[1], ""), line)  # noqa: B023
            lines.append(_ALIGNED.sub("", _OF_PARAMETERS.sub("", _ADDRESS.sub("", line))))
    return "".join(f"{line}\n" for line in lines)


def _drop_unused(ir: str) -> str:
    """Without declarations of what is not mentioned."""
    return _DECLARED.sub(lambda m: m[0] if ir.count(f"@{m[1]}") > 1 else "", ir)
