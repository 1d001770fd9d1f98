"""Where the command `lathe` starts. A build starts `lathe capture` thousands of times: that loads nothing else."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command and exit."""
    if sys.argv[1:2] == ["capture"] and "--" in sys.argv:
        from lathe.capture import main as capture

        sys.exit(capture(sys.argv[2:]))
    from lathe.cli.app import main as command

    command()


if __name__ == "__main__":
    main()
