"""Measurements: what compiling a module with a recipe gave, and the objectives that rank them.

A measurement always exists: a recipe that crashes, hangs or is refused has one too, with its status.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lathe.llvm.elf import read_sizes

__all__ = ["OBJECTIVES", "Measurement", "Objective", "Status", "measure_object"]


_RUNTIME = ("memcpy", "memmove", "memset", "memcmp", "__aeabi_")  # what any C environment must provide


class Status(StrEnum):
    """How a compile ended."""

    OK = "ok"
    INVALID = "invalid"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Sizes of one object file, in bytes; all zero unless `status` is OK.

    `sections` holds every allocated section, `nobits` those of them that occupy no file (`.bss`), `functions`
    the size of every function symbol; `exported` are the strong symbols that the object defines, `undefined` those
    that it wants from elsewhere. `instructions` counts the optimised IR, `ir_hash` identifies it,
    `seconds` is what LLVM took (passes and codegen; 0 when the answer came from the cache).
    """

    status: Status
    message: str = ""
    sections: Mapping[str, int] = field(default_factory=dict)
    nobits: frozenset[str] = frozenset()
    functions: Mapping[str, int] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    undefined: frozenset[str] = frozenset()
    instructions: int = 0
    ir_hash: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether there is an object to speak of."""
        return self.status is Status.OK

    def links_like(self, baseline: Measurement) -> bool:
        """Whether this object can take the baseline's place: the same exports, and nothing new wanted of others.

        A list without an inliner leaves calls of always-inline functions of which no library has a body.
        """
        new = {n for n in self.undefined - baseline.undefined if not n.startswith(_RUNTIME)}
        return self.ok and not new and self.exported == baseline.exported

    @property
    def loadable(self) -> int:
        """Bytes of all allocated sections that occupy the file: what ends in flash."""
        return sum(size for name, size in self.sections.items() if name not in self.nobits)

    @property
    def text_data(self) -> int:
        """Bytes of `.text*` and `.data*` sections: the papers' metric."""
        return sum(size for name, size in self.sections.items() if _is_text_or_data(name))


def measure_object(data: bytes, like: Measurement) -> Measurement:
    """The measurement of an object that was made elsewhere; what is not in an object is taken from `like`."""
    sizes = read_sizes(data)
    return replace(
        like, sections=sizes.sections, nobits=sizes.nobits, functions=sizes.functions,
        exported=sizes.exported, undefined=sizes.undefined,
    )  # fmt: skip


def _is_text_or_data(name: str) -> bool:
    return name.startswith((".text.", ".data.")) or name in (".text", ".data")


Objective = Callable[[Measurement], int]
"""The number made small."""

OBJECTIVES: Mapping[str, Objective] = {
    "loadable": lambda m: m.loadable,
    "text-data": lambda m: m.text_data,
    "instructions": lambda m: m.instructions,
}
"""The objectives by name; the first is the default."""
