"""Commands: a target and a recipe as what LLVM's tools take, a triple, a pass list and flags.

The same three make the engine's compile and the `opt` and `llc` lines that repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lathe.llvm.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lathe.llvm.recipe import Recipe

__all__ = ["Command", "make_command", "read_command"]

_BASELINE_OPTIONS = (
    "-inlinedefault-threshold=5",
)  # what clang's -Oz gives its inliner, and the printed pipeline omits
_READ_ONCE = ("regalloc", "post-RA-scheduler", "break-anti-dependencies")


@dataclass(frozen=True, slots=True)
class Command:
    """What decides a compile, beside the module: `passes` for `opt -passes=`, `flags` for opt and llc."""

    triple: str
    passes: str
    flags: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, ...]:
        """What a process must not change after its first compile: the target and the options that LLVM reads once.

        The pointer size of the first target ends in the debug info of the next; the first `-regalloc` decides for
        all; of the other two LLVM asks for a position on the command line, which a reset forgets (LOG.md, 2026-11-20).
        """
        return (self.triple, *(f for f in self.flags if _name(f) in _READ_ONCE))


def make_command(target: Target, recipe: Recipe | None) -> Command:
    """The command for a recipe (None: as `clang -Oz` does); the recipe's options replace the target's."""
    if recipe is None:
        return _make(target, target.pipeline, _BASELINE_OPTIONS)
    return _make(target, recipe.pass_list, recipe.arguments)


def read_command(target: Target, text: str) -> Command:
    """The command for the canonical text of a recipe, which is trusted to be that."""
    first, *rest = text.split(" ")
    return _make(target, first, rest) if not first.startswith("-") else _make(target, "", [first, *rest])


def _make(target: Target, passes: str, own: Sequence[str]) -> Command:
    names = {_name(o) for o in own}
    flags = (*(f for f in target.flags if _name(f) not in names), *own)
    return Command(target.triple, passes, flags)


def _name(option: str) -> str:
    return option.lstrip("-").partition("=")[0]
