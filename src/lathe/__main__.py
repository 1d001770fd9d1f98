"""Where the command `lathe` starts. Builds start `lathe cc` or `lathe capture` very often: no more is loaded."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

_COMPILERS = ("clang", "cc", "c++", "gcc", "g++")


def main() -> None:
    """Run the command and exit."""
    if sys.argv[1:2] == ["capture"] and "--" in sys.argv:
        _run_probe(sys.argv[sys.argv.index("--") + 1 :])
        from lathe.capture import main as capture

        sys.exit(capture(sys.argv[2:]))
    if (found := _find_wrapped(sys.argv)) is not None:
        from lathe.cc import main as compile_

        words, compiler, plusplus = found
        sys.exit(compile_(words, compiler=compiler, plusplus=plusplus))
    from lathe.cli.app import main as command

    command()


def _find_wrapped(words: list[str]) -> tuple[list[str], str | None, bool] | None:
    """The words of a compile, whose compiler to start (None: ours), and whether it is for C++; None: it is no compile.

    `lathe cc …` and `lathe c++ …`, `lathe /usr/bin/clang …` as launchers are called, and a link to us named `clang++`.
    """
    name, first = os.path.basename(words[0]), words[1] if len(words) > 1 else ""
    if first in ("cc", "c++"):
        return words[2:], None, first == "c++"
    if os.path.basename(first).startswith(_COMPILERS) and (os.sep in first or first.startswith("clang")):
        return words[2:], first, first.endswith("++")
    if name.startswith(_COMPILERS):
        return words[1:], None, "++" in name
    return None


def _run_probe(command: list[str]) -> None:
    """Become the compiler when `configure` asks it something, as it does hundreds of times, one after the other."""
    if any(word.startswith("conftest.") for word in command):
        try:
            os.execvp(command[0], command)
        except OSError:
            return  # capture says what is wrong


if __name__ == "__main__":
    main()
