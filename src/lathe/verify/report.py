"""Reports: a reduction as a directory that can be sent upstream, and repeated there with LLVM's own tools alone."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path

from lathe.errors import OutputError
from lathe.llvm import Recipe, make_command
from lathe.verify.reduction import DEFAULT, Reduction
from lathe.verify.verdict import Outcome

__all__ = ["check_report_folder", "write_report"]

_SECONDS = 10
_TIMED_OUT = 124  # what `timeout` says
_HEADER = re.compile(rb'^\s*#\s*include\s+"([^"/]+)"', re.MULTILINE)

_SCRIPT = """\
#!/bin/sh
# Shows the failure with the opt, llc and clang on the PATH (LLVM {version}), such as
#   PATH=/usr/lib/llvm-{major}/bin:$PATH sh repeat.sh
# Ends with 1 when expected and got differ, with 0 when they do not. A wrong program may do anything: only
# time and the size of its files are limited.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) && cd "$work" || exit 2
trap 'rm -rf "$work"' EXIT
ulimit -f 65536

expected() {{
  {expected}
}}

got() {{
  {got}
}}

for build in expected got; do
  "$build" >"$build.txt" 2>&1{run}
  printf '\\nstatus %d\\n' $? >>"$build.txt"
done
diff -a expected.txt got.txt
"""
_RUN = f' && timeout {_SECONDS} "./$build.out" >"$build.txt" 2>&1'

_README = """\
# {program}: {outcome}

`{ir}` with the recipe `{recipe}`, LLVM {version}, {triple}: {detail}.

| file | |
|---|---|
| `repeat.sh` | shows it, with `opt`, `llc` and `clang` of LLVM {major} on the PATH |
| `{ir}` | the reduced IR |
| `expected.txt`, `got.txt` | {expected}, and what comes of the recipe |
| `recipe.txt`, `original-recipe.txt` | the recipe, reduced and as it was rejected |
| `{source}` | the program that showed it first; its flags: `{flags}` |

Functions of that program which passes had to touch: {functions}.
"""


def check_report_folder(folder: Path) -> None:
    """Raise `OutputError` now, before minutes of work, when a report could not be written later."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise OutputError(f"{folder} exists, and is not an empty directory. Name a new one.")
    parent = next(p for p in folder.absolute().parents if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise OutputError(f"{folder} cannot be written: {parent} is not a writable directory. Choose another place.")


def write_report(reduction: Reduction, folder: Path) -> None:
    """Write a report, a whole directory or nothing; raises `OutputError`."""
    check_report_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.absolute().parent) as name:
            new = Path(name) / "report"
            new.mkdir()
            _fill(reduction, new)
            new.rename(folder)
    except OSError as error:
        raise OutputError(f"{folder} could not be written: {error}. What was there before is untouched.") from None


def _fill(reduction: Reduction, folder: Path) -> None:
    text, (expected, got) = reduction.case.module.bitcode, _describe_ends(reduction)
    (folder / "expected.txt").write_bytes(expected)
    (folder / "got.txt").write_bytes(got)
    (folder / _name_ir(reduction)).write_bytes(text)
    (folder / "recipe.txt").write_text(f"{reduction.recipe}\n", encoding="utf-8")
    (folder / "original-recipe.txt").write_text(f"{reduction.original}\n", encoding="utf-8")
    (folder / "repeat.sh").write_text(_make_script(reduction), encoding="utf-8")
    (folder / "README.md").write_text(_make_readme(reduction), encoding="utf-8")
    for path in _list_sources(reduction.program.path):
        shutil.copyfile(path, folder / path.name)


def _list_sources(path: Path) -> list[Path]:
    """A program's file, and the headers beside it that it includes."""
    names = (match.decode() for match in _HEADER.findall(path.read_bytes()))
    return [path, *(header for name in names if (header := path.parent / name).is_file())]


def _name_ir(reduction: Reduction) -> str:
    return "reduced.bc" if reduction.case.module.bitcode.startswith(b"BC") else "reduced.ll"


def _describe_ends(reduction: Reduction) -> tuple[bytes, bytes]:
    """The contents of expected.txt and got.txt, as repeat.sh makes them where there is a program."""
    case, got = reduction.case, reduction.got
    if reduction.evidence.outcome is Outcome.NOT_COMPILED:
        expected = b"\nstatus 0\n"
    else:
        expected = case.output + b"\nstatus %d\n" % case.status
    if got is None:
        return expected, f"{reduction.evidence.detail}\n".encode()
    status = _TIMED_OUT if got.timed_out else got.status if got.status >= 0 else 128 - got.status
    return expected, got.output + b"\nstatus %d\n" % status


def _make_script(reduction: Reduction) -> str:
    toolchain, unit, ir = reduction.toolchain, reduction.program.unit, f'"$here/{_name_ir(reduction)}"'

    def compile_with(which: str, recipe: Recipe) -> str:
        flags = make_command(reduction.case.module.target, recipe).flags
        passes = f"-passes={recipe.pass_list or 'no-op-module'}"
        first = shlex.join(["opt", *flags, passes, "-preserve-bc-uselistorder"])
        return f"{first} {ir} -o {which}.bc &&\n  {shlex.join(['llc', *flags])} -filetype=obj {which}.bc -o {which}.o"

    driver = "clang++" if unit.language == "c++" else "clang"
    expected = f"{driver} -O0 -w -pthread {ir} -o expected.out -lm"
    got = compile_with("got", reduction.recipe)
    crash = reduction.evidence.outcome is Outcome.NOT_COMPILED
    if crash:
        expected = compile_with("expected", DEFAULT)
    else:
        got += f" &&\n  {driver} -pthread got.o -o got.out -lm"
    return _SCRIPT.format(
        version=toolchain.version, major=toolchain.major, expected=expected, got=got, run="" if crash else _RUN
    )


def _make_readme(reduction: Reduction) -> str:
    evidence, toolchain, program = reduction.evidence, reduction.toolchain, reduction.program
    crash = evidence.outcome is Outcome.NOT_COMPILED
    text = _README.format(
        program=program.name,
        outcome=evidence.outcome,
        ir=_name_ir(reduction),
        recipe=reduction.recipe,
        version=toolchain.version,
        major=toolchain.major,
        triple=reduction.case.module.target.triple,
        detail=evidence.detail,
        expected="what comes of `default<Oz>`" if crash else "what the unoptimised build does",
        source=program.path.name,
        flags=shlex.join(program.flags),
        functions=", ".join(f"`{name}`" for name in reduction.functions) or "none",
    )
    return "\n".join((text, *reduction.notes, "")) if reduction.notes else text
