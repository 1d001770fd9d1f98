"""csmith: random programs with checksums, by seed (Yang et al., PLDI 2011)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lathe.errors import InputError

__all__ = ["Csmith", "find_csmith"]

_SECONDS = 30
_INCLUDES = (Path("/usr/include/csmith"), Path("/usr/local/include/csmith"))


@dataclass(frozen=True, slots=True)
class Csmith:
    """The program, and the flags with which clang compiles what it writes."""

    tool: str
    flags: tuple[str, ...]

    def write(self, seed: int, path: Path) -> None:
        """Write the program of a seed, unless it is there."""
        if not path.exists():
            # it writes and reads a file of its own where it runs, so that two in one folder fail now and then
            with tempfile.TemporaryDirectory(prefix="lathe-") as folder:
                command = [self.tool, "--seed", str(seed)]
                run = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True, cwd=folder)
            path.write_bytes(run.stdout)


def find_csmith() -> Csmith:
    """csmith on this machine; raises `InputError` without it."""
    tool, include = shutil.which("csmith"), next(filter(Path.is_dir, _INCLUDES), None)
    if tool is None or include is None:
        raise InputError("csmith is not installed: apt-get install csmith libcsmith-dev")
    return Csmith(tool, (f"-I{include}", "-w"))
