"""Capture: a compiler wrapper that keeps the unoptimised module of everything that a build compiles.

    CC="lathe capture -o/tmp/captured -- clang" ./configure && make

The compiler runs first, just as the build asked, and its status is passed on. Then clang's own driver says (`-###`)
what it would compile at -Oz, and every C or C++ file among it is compiled once more, up to the unoptimised module.
Whatever goes wrong with that is written down, and the build does not notice.

A compile is a file `<key>.json` (`Captured`), and `<key>.bc` beside it when there is a module; the key is a hash of
what was compiled and how, so building again replaces. Errors and the standard library alone are imported here: a build
starts this thousands of times.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lathe.errors import UsageError

__all__ = ["Captured", "capture", "main", "read_captured", "read_module", "run_capture"]

_USAGE = 'Write: lathe capture -oDIR -- clang ARGUMENTS (in a build: CC="lathe capture -o/path/DIR -- clang")'
_ASKED = ("-Oz", "-g0", "-fno-lto", "-fno-sanitize=all", "-###")  # after the build's own words, which they override
_ACTIONS = ("-emit-obj", "-S", "-emit-llvm", "-emit-llvm-bc")  # of a compile; others only preprocess or check
_WITH_VALUE = ("-o", "-dependency-file", "-MT", "-MQ", "-header-include-file", "-serialize-diagnostic-file",
               "-stack-usage-file", "-split-dwarf-file", "-split-dwarf-output", "-dumpdir")  # fmt: skip
_ALONE = ("-MP", "-MG", "-sys-header-deps", "-module-file-deps", "-Werror", "-H")
_MODULE = ("-emit-llvm-bc", "-emit-llvm-uselists", "-disable-llvm-passes", "-w", "-o")
_PROBES = ("conftest", "CMakeFiles/", "CMakeScratch/", "CMakeTmp/", "meson-private/")
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Captured:
    """A compile: where it ran, its source, its language (c or c++), the build's words, and those of `clang -cc1`.

    `error` says why there is no module.
    """

    key: str
    folder: str
    source: str
    language: str
    words: list[str]
    cc1: list[str] = field(repr=False)
    error: str = ""


def main(words: Sequence[str]) -> int:
    """`lathe capture` from a build: the exit status."""
    try:
        return run_capture(words)
    except UsageError as error:
        sys.stderr.write(f"lathe: {error}\n")
        return error.exit_code


def run_capture(words: Sequence[str]) -> int:
    """The command `lathe capture`: the compiler's own status, whatever becomes of the rest; raises `UsageError`."""
    before, command = _split_words(list(words))
    if before[:1] == ["-o"]:
        before = ["-o" + "".join(before[1:2]), *before[2:]]
    if len(before) != 1 or not before[0].startswith("-o") or before == ["-o"] or not command:
        raise UsageError(_USAGE)
    try:
        status = subprocess.call(command)
    except OSError as error:
        raise UsageError(f"{command[0]} cannot be run: {error.strerror}. {_USAGE}") from None
    except KeyboardInterrupt:
        return 130
    if status == 0:
        _capture_quietly(command, Path(before[0][2:]))
    return status if status >= 0 else 128 - status


def _split_words(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before `--`, and what behind it."""
    end = words.index("--") if "--" in words else len(words)
    return words[:end], words[end + 1 :]


def _capture_quietly(command: list[str], out: Path) -> None:
    """Keep what a command compiled; an error of ours goes into the folder's log, or nowhere."""
    try:
        capture(command, out)
    except (OSError, ValueError, subprocess.SubprocessError, KeyboardInterrupt) as error:
        try:
            with (out / "errors.log").open("a", encoding="utf-8") as log:
                log.write(f"{error}: {shlex.join(command)}\n")
        except OSError:
            pass


def capture(command: Sequence[str], out: Path, *, folder: Path | None = None) -> list[Captured]:
    """Keep the module of everything that a clang command, run in `folder`, compiles.

    Raises `OSError` when it cannot be kept in `out`, and `ValueError` when the compiler is not clang.
    """
    folder = folder or Path.cwd()
    asked = subprocess.run(
        [*command, *_ASKED],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
    )  # fmt: skip
    said = asked.stderr.decode("utf-8", "surrogateescape")
    if "clang" not in said:
        raise ValueError("not clang, so there is no module to keep")
    lines = [shlex.split(line) for line in said.splitlines() if ' "-cc1" ' in line]
    return [_keep(list(command), cc1, folder, out) for cc1 in lines if _is_compile(cc1, folder)]


def _is_compile(cc1: list[str], folder: Path) -> bool:
    language = cc1[cc1.index("-x") + 1] if "-x" in cc1 else ""
    source = f"{folder}/{cc1[-1]}"
    return (
        language in ("c", "c++")
        and any(action in cc1 for action in _ACTIONS)
        and cc1[-1] != "-"
        and not any(probe in source for probe in _PROBES)
    )


def _keep(command: list[str], cc1: list[str], folder: Path, out: Path) -> Captured:
    cc1 = list(_clean(cc1))
    key = hashlib.blake2b("\0".join((str(folder), *cc1)).encode("utf-8", "replace"), digest_size=16).hexdigest()
    out.mkdir(parents=True, exist_ok=True)
    fresh = out.resolve() / f".{key}.{os.getpid()}"
    try:
        made = subprocess.run(
            [*cc1[:-1], *_MODULE, str(fresh), cc1[-1]],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        error = made.stderr.decode("utf-8", "replace")[-2000:] if made.returncode else ""
        for number in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            if os.strerror(number) in error:
                raise OSError(number, os.strerror(number), str(out))
    except subprocess.TimeoutExpired:
        error = f"no module after {_SECONDS} s"
    if error:
        fresh.unlink(missing_ok=True)
    else:
        fresh.replace(out / f"{key}.bc")
    found = Captured(key, str(folder), cc1[-1], cc1[cc1.index("-x") + 1], command, cc1, error)
    fresh.write_text(json.dumps(asdict(found)), encoding="utf-8")
    fresh.replace(out / f"{key}.json")
    return found


def _clean(cc1: Sequence[str]) -> Iterator[str]:
    """The words of `clang -cc1` without those that write files."""
    rest = iter(cc1)
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif word not in _ACTIONS and word not in _ALONE:
            yield word


def read_captured(out: Path) -> Iterator[Captured]:
    """What a folder holds, in order of source."""
    rows = (json.loads(path.read_text(encoding="utf-8")) for path in out.glob("*.json"))
    yield from sorted((Captured(**row) for row in rows), key=lambda c: (c.folder, c.source, c.key))


def read_module(out: Path, captured: Captured) -> bytes:
    """The bitcode of a compile that has no error."""
    return (out / f"{captured.key}.bc").read_bytes()
