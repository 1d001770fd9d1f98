"""`lathe capture`, as its help shows it; a build gets there on a shorter way (`lathe.__main__`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lathe.capture import run_capture

__all__ = ["capture"]


def capture(
    context: typer.Context,
    out: Annotated[Path, typer.Option("-o", help="Folder for the modules; give a whole path, builds change folders.")],
) -> int:
    """Run the clang command after `--` as it is, and keep the unoptimised module of all that it compiles.

    In a build: CC="lathe capture -o$PWD/captured -- clang" ./configure, or with CMake
    -DCMAKE_C_COMPILER_LAUNCHER="lathe;capture;-o$PWD/captured;--".
    """
    return run_capture([f"-o{out}", "--", *(context.obj or ())])
