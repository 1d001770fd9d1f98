"""Modules: the IR of one program as bitcode, with the target that it is compiled for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from lathe.llvm.target import Target

__all__ = ["Module"]


@dataclass(frozen=True)
class Module:
    """Unoptimised IR (bitcode) and its target; `functions` are the names of those that have a body."""

    bitcode: bytes = field(repr=False)
    target: Target
    functions: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def hash(self) -> str:
        """Identifies the bitcode: 32 hexadecimal digits."""
        return hashlib.blake2b(self.bitcode, digest_size=16).hexdigest()
