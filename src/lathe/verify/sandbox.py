"""The sandbox: runs programs that a miscompile may have made dangerous, and says how they ended.

    with Sandbox() as sandbox:
        finished = sandbox.run(("program",), folder, Limits(seconds=2))

A program may use the CPU, memory, clock and output that its limits give, read the system's libraries, and do as it
likes in its own directory. What holds it there depends on the kernel: `describe_protection` says what this machine has,
and docs/correctness.md what is covered and what is not. The work is done by a process of its own (`launcher.py`).
"""

from __future__ import annotations

import subprocess
import sys
import threading
from multiprocessing import Pipe
from pathlib import Path

from lathe.errors import SandboxError
from lathe.llvm import Closing
from lathe.verify.launcher import Finished, Limits, Order

__all__ = ["Sandbox", "SandboxPool"]


class Sandbox(Closing):
    """A launcher process; used by one thread at a time, in a `with` statement."""

    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        number = theirs.fileno()
        program = "import sys; from lathe.verify.launcher import main; main(sys.argv[1:])"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", program, str(number)], stdin=subprocess.DEVNULL, pass_fds=[number]
        )
        theirs.close()

    def run(self, arguments: tuple[str, ...], folder: Path, limits: Limits | None = None) -> Finished:
        """Run a command line in `folder`, the one directory where it may write; the first word is a path from there.

        Raises `SandboxError` when the program cannot be started.
        """
        order = Order((f"./{arguments[0]}", *arguments[1:]), str(folder.resolve()), limits or Limits())
        try:
            self._pipe.send(order)
            finished: Finished = self._pipe.recv()
        except (EOFError, OSError):
            raise SandboxError("The process that starts programs has ended. Run the command again.") from None
        if finished.error:
            raise SandboxError(f"{arguments[0]} could not be started in the sandbox: {finished.error}")
        return finished

    def close(self) -> None:
        """End the launcher, and with it the program that it runs."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()


class SandboxPool(Closing):
    """A sandbox for every thread that asks; in a `with` statement."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._sandboxes: list[Sandbox] = []

    def run(self, arguments: tuple[str, ...], folder: Path, limits: Limits | None = None) -> Finished:
        """As `Sandbox.run`, in this thread's sandbox."""
        sandbox: Sandbox | None = getattr(self._local, "sandbox", None)
        if sandbox is None:
            sandbox = self._local.sandbox = Sandbox()
            self._sandboxes.append(sandbox)
        return sandbox.run(arguments, folder, limits)

    def close(self) -> None:
        """End all of them, and the programs that they run."""
        for sandbox in self._sandboxes:
            sandbox.close()
