"""The architecture as tests: imports go down only, heavy libraries stay in their rooms, files stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "lathe"
FLOORS = {
    "errors": 0, "digests": 0, "door": 0, "capture": 1, "llvm": 1, "model": 1, "corpus": 2, "training": 2, "verify": 3,
    "search": 4, "tasks": 5, "tuning": 6, "evaluation": 6, "library": 7, "build": 7, "cli": 8, "cc": 8, "service": 8,
    "__main__": 9, "__init__": 9,
}  # fmt: skip
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from ([f"lathe.{a.name}" for a in node.names] if node.module == "lathe" else [node.module or ""])


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert {name for name in imports_of(path) if name.startswith("lathe.")} <= {"lathe.library"}
        return
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] != "lathe" or len(parts) == 1 or parts[1] == "__version__":
            continue
        other = parts[1]
        assert other == room or FLOORS[other] < FLOORS[room], f"{path} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_rooms_are_entered_through_their_door(path: Path) -> None:
    if path.name == "__main__.py":
        return  # the command's own door
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "lathe" and len(parts) > 2:
            assert parts[1] == room_of(path), f"{path} reaches into {name}; import from lathe.{parts[1]}"


CALLS_C = {"launcher.py": "confines what it starts", "devices.py": "speaks to the allocator"}


def test_ctypes_stays_in_llvm_and_torch_in_training() -> None:
    for path in FILES:
        names = {name.split(".")[0] for name in imports_of(path)}
        assert "ctypes" not in names or room_of(path) == "llvm" or path.name in CALLS_C, path
        assert "torch" not in names or room_of(path) == "training", path


def test_files_are_short_and_functions_too() -> None:
    lengths = []
    for path in FILES:
        assert path.read_text().count("\n") <= 500, path
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                lengths.append((node.end_lineno or 0) - node.lineno + 1)
    lengths.sort()
    assert lengths[len(lengths) // 2] <= 10
    assert sum(length > 40 for length in lengths) <= len(lengths) // 20


def test_the_library_never_prints() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            assert not called, f"{path} prints"


def test_importing_the_command_line_loads_no_heavy_library() -> None:
    heavy = {"datasets", "numpy", "openvino", "pyarrow", "torch", "transformers"}
    code = f"import sys, lathe.cli.app; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
