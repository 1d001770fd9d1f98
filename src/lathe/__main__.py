"""Where the command `lathe` starts. A build starts `lathe capture` thousands of times: that loads nothing else."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command and exit."""
    if sys.argv[1:2] == ["capture"] and "--" in sys.argv:
        _run_probe(sys.argv[sys.argv.index("--") + 1 :])
        from lathe.capture import main as capture

        sys.exit(capture(sys.argv[2:]))
    from lathe.cli.app import main as command

    command()


def _run_probe(command: list[str]) -> None:
    """Become the compiler when `configure` asks it something, as it does hundreds of times, one after the other."""
    if any(word.startswith("conftest.") for word in command):
        try:
            os.execvp(command[0], command)
        except OSError:
            return  # capture says what is wrong


if __name__ == "__main__":
    main()
