"""Lathe makes compiled code smaller than `clang -Oz`, and says how: see README.md.

This is the outermost door. `lathe.tune`, `lathe.emulate` and `lathe.disassemble` are the three tasks, each one call
(`lathe.library`, loaded when it is asked for). The rooms behind them are `lathe.llvm` (ask the compiler what a recipe
gives), `lathe.search` (find better recipes) and others; `lathe.cli` is the command.
"""

TYPE_CHECKING = False  # as type checkers know it; `typing` takes longer to load than a build should wait
if TYPE_CHECKING:
    from typing import Any

    from lathe.library import disassemble, emulate, tune

__all__ = ["__version__", "disassemble", "emulate", "tune"]

__version__ = "0.1.0"


def __getattr__(name: str) -> "Any":
    if name not in __all__:
        raise AttributeError(f"module 'lathe' has no attribute {name!r}")
    from lathe import library

    return getattr(library, name)
