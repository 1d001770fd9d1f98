"""Lathe makes compiled code smaller than `clang -Oz`, and says how: see README.md.

This is the outermost door. The rooms are `lathe.llvm` (ask the compiler what a recipe gives) and
`lathe.search` (find better recipes); `lathe.cli` is the command.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
