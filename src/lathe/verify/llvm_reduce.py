"""`llvm-reduce`, LLVM's own reducer of IR, asked one candidate at a time.

It wants a test program that it can start thousands of times. Ours is a line of shell that passes the candidate's path
up one pipe and waits for the answer on another, so that every candidate is judged in this process, by an engine that
is warm; and since this process sees every candidate that is interesting, the reducer can be stopped at any time.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lathe.llvm import Toolchain

__all__ = ["run_llvm_reduce"]

_TEST = 'echo "$2" >"$0"; read -r answer <"$1"; exit "$answer"'  # with this process gone, both fail: not interesting
_SKIPPED = ("operands-poison", "operands-to-args", "module-data")
"""Steps left out: two make undefined behaviour (arguments that `main` never gets), one takes the target away."""


def run_llvm_reduce(
    toolchain: Toolchain, text: bytes, *, interesting: Callable[[bytes], bool], seconds: float
) -> tuple[bytes, bool]:
    """The smallest IR found that is still interesting, and whether nothing smaller was left to try.

    `text` must be interesting. Raises `ToolchainError` when llvm-reduce is not installed.
    """
    tool, deadline = toolchain.tool("llvm-reduce"), time.monotonic() + seconds
    known: dict[bytes, bool] = {}
    with tempfile.TemporaryDirectory(prefix="lathe-") as folder:
        (Path(folder) / "input.ll").write_bytes(text)
        (asked, ask), (answered, answer) = os.pipe(), os.pipe()
        words = ("/bin/sh", "-c", _TEST, f"/dev/fd/{ask}", f"/dev/fd/{answered}")
        tests = [f"--test={words[0]}", *(f"--test-arg={word}" for word in words[1:])]
        process = subprocess.Popen(
            [str(tool), *tests, f"--skip-delta-passes={','.join(_SKIPPED)}", "input.ll", "-o", "output.ll"],
            cwd=folder,
            env={**os.environ, "TMPDIR": folder},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(ask, answered),
            start_new_session=True,
        )
        os.close(ask)
        os.close(answered)
        try:
            with open(asked) as questions, open(answer, "w", buffering=1) as answers:  # noqa: PTH123 (descriptors)
                while select.select([questions], [], [], max(0, deadline - time.monotonic()))[0]:
                    path = questions.readline().rstrip("\n")
                    if not path:
                        return text, process.wait() == 0
                    candidate = (Path(folder) / path).read_bytes()
                    if candidate not in known:  # every step, and every round, begins with what there is
                        known[candidate] = interesting(candidate)
                    text = candidate if known[candidate] else text
                    answers.write(f"{int(not known[candidate])}\n")
            return text, False
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
