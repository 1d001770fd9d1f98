"""Programs: what is compiled, with where it comes from and under which licence."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property

from lathe.llvm import Engine, Module, Recipe, Target, normalise_ir, split_text

__all__ = ["Function", "Origin", "Program", "cut_functions"]

_AS_IT_IS = Recipe(())
_DEFINED = re.compile(
    r'^(?:define\b[^@]*|(?=@))@((?:"[^"]*"|[-\w$.]+))(?=\(| = (?!external |extern_weak ))', re.MULTILINE
)
_GLOBAL = re.compile(r'@("[^"]*"|[-\w$.]+)|c?"[^"]*"')


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a program comes from: its project with version, its path there, its licence, its language (c, c++ …)."""

    project: str
    version: str
    path: str
    licence: str
    language: str


@dataclass(frozen=True)
class Program:
    """An unoptimised module as bitcode, its target, and its origin."""

    origin: Origin
    target: Target
    bitcode: bytes = field(repr=False)

    @property
    def hash(self) -> str:
        """Identifies the bitcode: 32 hexadecimal digits."""
        return self.module.hash

    @cached_property
    def module(self) -> Module:
        """What the engine compiles."""
        return Module(self.bitcode, self.target)


@dataclass(frozen=True)
class Function:
    """A function of a program as a module of its own: IR in its normal form, and the hash of the program."""

    origin: Origin
    target: Target
    program: str
    name: str
    ir: str = field(repr=False)

    @cached_property
    def hash(self) -> str:
        """Identifies what the function does, whatever it is called: 32 hexadecimal digits."""
        names = dict.fromkeys(_DEFINED.findall(self.ir))
        numbers = {name: f"@{number}" for number, name in enumerate(names)}
        text = _GLOBAL.sub(lambda m: numbers.get(m[1], m[0]) if m[1] else m[0], self.ir)
        return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()

    @property
    def module(self) -> Module:
        """What the engine compiles."""
        return Module(self.ir.encode("utf-8", "surrogateescape"), self.target)


def cut_functions(engine: Engine, program: Program) -> list[Function]:
    """The functions of a program, each with the types, declarations and constants that it needs.

    What cannot stand alone is left out. Raises `CompileError` and `InputError` when LLVM cannot read the program.
    """
    split = split_text(engine.emit(program.module, _AS_IT_IS, "ll").decode("utf-8", "surrogateescape"), alone=True)
    return [
        Function(program.origin, program.target, program.hash, piece.functions[0], normalise_ir(piece.text))
        for piece in split.pieces
        if len(piece.functions) == 1 and piece.functions[0] not in split.kept
    ]
