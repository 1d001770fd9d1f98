"""The one tree of errors. Each kind has its exit code (table: docs/exit-codes.md).

A message says what failed, what was found, and what to do. A user's mistake raises one of these; a
programmer's mistake asserts. Nothing here imports anything of Lathe.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers know it; `typing` takes longer to load than a build should wait
if TYPE_CHECKING:
    from typing import ClassVar

__all__ = [
    "CompileError",
    "InputError",
    "LatheError",
    "LockError",
    "ModelError",
    "OutputError",
    "RecipeError",
    "SandboxError",
    "ToolchainError",
    "TrainingError",
    "UsageError",
    "VerdictError",
]


class LatheError(Exception):
    """Any failure that Lathe explains to its user; `exit_code` is the status of the command that meets it."""

    exit_code: ClassVar[int] = 1


class UsageError(LatheError):
    """Options that contradict each other or name something that does not exist."""

    exit_code = 2


class InputError(LatheError):
    """An input that cannot be read, is empty or broken, or is for a target that Lathe does not know."""

    exit_code = 3


class RecipeError(LatheError):
    """A recipe that does not parse, or that names a pass, parameter or option outside the catalogue."""

    exit_code = 4


class ToolchainError(LatheError):
    """LLVM is missing, too old, or not usable."""

    exit_code = 5


class CompileError(LatheError):
    """clang refused the source, or LLVM could not compile it; `status` is the measurement's, where there was one."""

    exit_code = 6

    def __init__(self, message: str, *, status: str = "") -> None:
        super().__init__(message)
        self.status = status


class OutputError(LatheError):
    """An output that cannot be written; what was there before is untouched."""

    exit_code = 7


class SandboxError(LatheError):
    """A program could not be run in the sandbox, or the sandbox not be set up."""

    exit_code = 8


class VerdictError(LatheError):
    """A recipe was put to the test and not accepted."""

    exit_code = 9


class TrainingError(LatheError):
    """A model does not learn: its loss is no number, or jumped."""

    exit_code = 10


class ModelError(LatheError):
    """A model does not answer: its server is down or slow, refuses, or says what is no answer."""

    exit_code = 13


class LockError(LatheError):
    """A build that must use what is locked, and a module that is not, or a lock that cannot be used."""

    exit_code = 14
