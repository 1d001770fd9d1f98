"""`lathe doctor`: what was found on this machine, what is missing, and whether the engine works."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from lathe import __version__
from lathe.errors import LatheError, ToolchainError
from lathe.llvm import (
    Engine,
    Toolchain,
    Unit,
    compile_baseline,
    default_cache_path,
    find_toolchain,
    list_toolchains,
    load_unit,
)
from lathe.verify import describe_protection, find_alive_tv

__all__ = ["doctor"]

_TOOLS = ("clang", "clang++", "opt", "llc", "llvm-size", "llvm-objcopy", "ld.lld")
_PROGRAM = "static int g; int count(int n) { for (int i = 0; i < n; i++) g += i ^ n; return g; }\n"


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> int:
    """Print what Lathe found, with versions, and what is missing. Exit status 5 when tuning cannot work."""
    report: dict[str, Any] = {
        "lathe": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cache": str(default_cache_path()),
        "sandbox": str(describe_protection()),
        "alive_tv": _describe_alive_tv(),
        "llvm_found": [f"{t.version} in {t.root}" for t in list_toolchains()],
    }
    try:
        report |= _inspect(find_toolchain())
    except LatheError as error:
        report["problem"] = str(error)
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        for key, value in report.items():
            typer.echo(f"{key + ':':<13}{', '.join(value) or 'none' if isinstance(value, list) else value}")
    return ToolchainError.exit_code if "problem" in report else 0


def _describe_alive_tv() -> str:
    try:
        return str(find_alive_tv() or "not found (optional)")
    except ToolchainError as error:  # tuning works without it
        return str(error)


def _inspect(toolchain: Toolchain) -> dict[str, Any]:
    found: dict[str, Any] = {
        "llvm": toolchain.version,
        "library": str(toolchain.library),
        "tools": [name for name in _TOOLS if toolchain.has(name)],
        "missing": [name for name in _TOOLS if not toolchain.has(name)],
    }
    if sys.platform != "linux":
        raise ToolchainError("Lathe's engine needs Linux (process limits, /proc).")
    return found | {"engine": _try_engine(toolchain)}


def _try_engine(toolchain: Toolchain) -> str:
    """Compile a tiny program both ways; raises `ToolchainError` when the objects differ."""
    with tempfile.TemporaryDirectory(prefix="lathe-") as folder, Engine(toolchain, jobs=1) as engine:
        path = Path(folder) / "count.c"
        path.write_text(_PROGRAM, encoding="utf-8")
        unit = Unit(path)
        if engine.emit(load_unit(engine, unit), None) != compile_baseline(toolchain, unit):
            raise ToolchainError(f"The engine's -Oz differs from clang's ({toolchain.library}). Please report this.")
    return "works: its -Oz is byte for byte clang's"
