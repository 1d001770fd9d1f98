"""The user's own test: a command that is run with tuned objects in place, and put back what was there when it fails.

    with UserTest("make check", {Path("a.o"): clang_object}) as test:
        if test.accepts(Path("a.o"), tuned_object): ...
        test.keep([Path("a.o")])

The command must pass with clang's own objects first. Objects are tried one at a time, beside those that passed before,
so what is kept has been tested together. Unless `keep` is called, every file is again as it was; a small process sees
to that even when this one is killed. The command is the user's own, and runs outside the sandbox.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from lathe.errors import OutputError, VerdictError
from lathe.llvm import Closing

__all__ = ["UserTest"]

_RESTORE = """
read -r word || while [ $# -gt 0 ]; do
  if [ -e "$1" ]; then mv -f -- "$1" "$2"; else rm -f -- "$2"; fi
  shift 2
done
"""
_SLOWER = 10  # times the test's first run, after which it counts as failed
_GRACE = 10  # seconds more
_SHOWN = 500


class UserTest(Closing):
    """A shell command, and the files under test with clang's objects for them. Safe to use from many threads.

    Raises `VerdictError` when the command fails with clang's own objects, and `OutputError` when a file cannot be
    written; in both cases every file is as it was.
    """

    def __init__(self, command: str, baselines: Mapping[Path, bytes]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._current = dict(baselines)
        self._old = {path: path.with_name(f".{path.name}.lathe-old-{os.getpid()}") for path in baselines}
        try:
            for path, old in self._old.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                if path.exists():
                    shutil.copy2(path, old)
        except OSError as error:
            self._drop_old()
            raise OutputError(f"{error.filename} cannot be copied: {error.strerror}. Nothing was changed.") from None
        pairs = [str(p.absolute()) for path, old in self._old.items() for p in (old, path)]
        self._restorer = subprocess.Popen(
            ["sh", "-c", _RESTORE, "sh", *pairs], stdin=subprocess.PIPE, start_new_session=True
        )
        self._seconds: float | None = None
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        try:
            for path, data in self._current.items():
                self._put(path, data)
        except OSError as error:
            raise OutputError(f"{error.filename} cannot be written: {error.strerror}.") from None
        started = time.monotonic()
        failure = self._run(Path())
        self._seconds = _SLOWER * (time.monotonic() - started) + _GRACE
        if failure:
            raise VerdictError(
                f'The test "{self._command}" fails with the objects of clang -Oz: {failure} Nothing was changed; '
                "make it pass with those first."
            )

    def accepts(self, path: Path, data: bytes) -> bool:
        """Whether the command passes with an object in the file's place, where it stays; else the last one returns."""
        with self._lock:
            self._put(path, data)
            if self._run(path):
                self._put(path, self._current[path])
                return False
            self._current[path] = data
            return True

    def put(self, path: Path, data: bytes) -> None:
        """Place an object without a test."""
        with self._lock:
            self._current[path] = data
            self._put(path, data)

    def keep(self, paths: Collection[Path]) -> None:
        """Leave what is in place at these paths; the others are put back."""
        for path in self._current.keys() - set(paths):
            if self._old[path].exists():
                self._old[path].replace(path)
            else:
                path.unlink(missing_ok=True)
        self._restorer.communicate(b"keep\n")
        self._drop_old()

    def close(self) -> None:
        """Put every file back as it was, unless `keep` was called."""
        if self._restorer.poll() is None:
            self._restorer.communicate()

    def _drop_old(self) -> None:
        for old in self._old.values():
            old.unlink(missing_ok=True)

    def _put(self, path: Path, data: bytes) -> None:
        beside = path.with_name(f".{path.name}.lathe-new-{os.getpid()}")
        beside.write_bytes(data)
        beside.replace(path)

    def _run(self, path: Path) -> str:
        """Why the command fails, in a sentence; nothing when it passes."""
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                self._command, shell=True, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, env={**os.environ, "LATHE_OBJECT": str(path)},
            )  # fmt: skip
            try:
                status = process.wait(self._seconds)
            except subprocess.TimeoutExpired:
                return f"no end within {self._seconds:.0f} s."
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if not status:
                return ""
            output.seek(0)
            said = output.read()[-_SHOWN:].decode("utf-8", "replace").strip()
            return f"exit status {status}. Its output ends: {said or '(nothing)'}."
