"""Disassembly: given assembly, the IR that it was made from (LLM Compiler, section on disassembly).

The function at -Oz, as IR, and the assembly that LLVM writes for it, for x86-64 and for AArch64. The IR is in the
plainest form (`lathe.tasks.plain`) that lowers to this assembly. Functions with inline assembly are left out. The front
end compiled for the corpus's own target; for the other one the optimiser and the code generator work on the same IR
with another triple, so what the front end fixed (how structs are passed) stays.
"""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from lathe.corpus import Function, make_usual_module
from lathe.errors import CompileError, InputError
from lathe.llvm import Engine, Module, Recipe, normalise_assembly, normalise_ir, parse_recipe
from lathe.tasks.dataset import BuildSetting, Row
from lathe.tasks.objects import read_object
from lathe.tasks.plain import list_plain_forms

__all__ = [
    "TRIPLES",
    "find_assembly_fault",
    "has_inline_assembly",
    "lower_function",
    "lower_text",
    "make_disassembly",
    "target_function",
]

_OZ, _AS_IT_IS = parse_recipe("default<Oz>"), Recipe(())
TRIPLES: Mapping[str, str] = {"x86": "x86_64-pc-linux-gnu", "aarch64": "aarch64-unknown-linux-gnu"}
_INLINE = re.compile(r"\basm (?:\w+ )*\"|^module asm", re.MULTILINE)
_LAYOUT = re.compile(r"^target datalayout = .*\n", re.MULTILINE)
_TRIPLE = re.compile(r"^target triple = .*$", re.MULTILINE)
_OF_TARGET = re.compile(r' ?"(?:target-cpu|target-features|tune-cpu)"="[^"]*"')
_UNLIKE = ("x86_fp80", "ppc_fp128", "@llvm.x86.", "@llvm.aarch64.", "@llvm.va_start", "@llvm.va_copy")


def make_disassembly(engine: Engine, function: Function, setting: BuildSetting) -> Iterator[Row | str]:
    """A pair for each architecture: assembly as input, IR as output."""
    if has_inline_assembly(function.ir):
        yield "inline assembly"
        return
    for architecture in TRIPLES:
        module = target_function(engine, function, architecture)
        if module is None:
            yield f"not for {architecture}"
            continue
        try:
            optimised = engine.emit(module, _OZ, "ll")
            assembly = engine.emit(replace(module, bitcode=optimised), _AS_IT_IS, "asm").decode("utf-8", "replace")
        except CompileError as error:
            yield f"{error.status or 'not compiled'} for {architecture}"
            continue
        text = normalise_assembly(assembly, architecture)
        output = _make_plain(engine, normalise_ir(optimised.decode("utf-8", "replace")), text, architecture)
        if output is None:
            yield f"not the usual code for {architecture}"
            continue
        if max(len(text), len(output)) > setting.most_bytes:
            yield "too long"
            continue
        yield {"input": text, "output": output, "architecture": architecture, "recipe": str(_OZ)}


def _make_plain(engine: Engine, ir: str, assembly: str, architecture: str) -> str | None:
    """The plainest form of a function's IR that lowers to its assembly; None where none does."""
    for form in list_plain_forms(ir):
        if lower_text(engine, form, architecture) == assembly:
            return form
    return None


def lower_text(engine: Engine, code: str, architecture: str) -> str | None:
    """The assembly of a text in normal form, for the usual target, where it is IR that parses, verifies, and lowers."""
    found = _lower(engine, code, architecture, "asm")
    return None if found is None else normalise_assembly(found.decode("utf-8", "replace"), architecture)


def lower_function(engine: Engine, code: str, architecture: str, name: str) -> str | None:
    """A function of a text as its object has it (`lathe.tasks.objects`); None as for `lower_text`."""
    found = _lower(engine, code, architecture, "obj")
    try:
        return None if found is None else dict(read_object(engine.toolchain, found).functions).get(name)
    except InputError:  # it has no function
        return None


def _lower(engine: Engine, code: str, architecture: str, kind: Literal["asm", "obj"]) -> bytes | None:
    if not code:
        return None
    try:
        engine.read(code.encode(), "text")
        target = make_usual_module(engine.toolchain, TRIPLES[architecture]).target
        return engine.emit(Module(code.encode(), target), _AS_IT_IS, kind)
    except (InputError, CompileError):
        return None


def find_assembly_fault(engine: Engine, text: str, triple: str) -> str:
    """The first thing that clang says against a text as assembly of a triple; empty when it assembles."""
    words = [str(engine.toolchain.tool("clang")), f"--target={triple}", "-c", "-x", "assembler", "-", "-o", "/dev/null"]
    done: Any = subprocess.run(words, input=text.encode("utf-8", "replace"), capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace").splitlines()
    return "" if done.returncode == 0 else said[0] if said else "clang refuses it"


def has_inline_assembly(ir: str) -> bool:
    """Whether there is any in a text."""
    return _INLINE.search(ir) is not None


def target_function(engine: Engine, function: Function, architecture: str) -> Module | None:
    """The function for `x86` or `aarch64`: its own module, or the same IR for the other target, where that can be."""
    if architecture == function.target.architecture:
        return function.module
    if any(word in function.ir for word in _UNLIKE):
        return None
    triple = TRIPLES[architecture]
    usual = make_usual_module(engine.toolchain, triple)
    layout = _find_layout(engine, triple)
    text = _OF_TARGET.sub("", _TRIPLE.sub(f'target triple = "{triple}"', _LAYOUT.sub(layout, function.ir)))
    return Module(text.encode("utf-8", "surrogateescape"), usual.target)


@functools.cache
def _find_layout(engine: Engine, triple: str) -> str:
    """The line of a triple's data layout."""
    found = _LAYOUT.search(engine.emit(make_usual_module(engine.toolchain, triple), _AS_IT_IS, "ll").decode())
    assert found, triple
    return found[0]
