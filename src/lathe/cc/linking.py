"""Link-time optimisation: what lld merged is treated as a source's module is, and the image linked of its object.

The link runs as it was asked to, and leaves what lld merged and the object that it made of it. An object by the lock,
or by a quick look, takes the place of all bitcode, and what is linked then stays if it is the smaller image.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lathe.build import Whole, expand_words, link_whole, measure_file
from lathe.cc.compiling import Compile, make_folder, remove_folder
from lathe.cc.machine import run_program
from lathe.errors import CompileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lathe.build import Command

__all__ = ["Link"]

_BITCODE = (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")


class Link(Compile):
    """A link of bitcode into one image; use it in a `with` statement."""

    _more = 2  # this is all the time that the build generates code

    def __init__(self, command: Command, compiler: str) -> None:
        super().__init__(command, compiler)
        self._folder = ""
        self._whole = Whole(b"", b"")

    def close(self) -> None:
        """Remove the files in between."""
        if self._folder:
            remove_folder(self._folder)

    def clang(self) -> int:
        """Link as asked, unless it has been done, and keep the merged module and its object."""
        if self.status is None:
            try:
                self._folder = self._folder or make_folder()
            except OSError as error:
                self._why = str(error)
                return super().clang()
            words = [self.compiler, *self.command.words]
            self.status, self._whole = link_whole(words, Path(self.command.out), Path(self._folder))
        return self.status

    def _read_module(self) -> bytes | None:
        return None if self._clang_first() else self._whole.bitcode or None

    def _reference(self) -> bytes:
        return self._own()

    def _own(self) -> bytes:
        return self._whole.data

    def _finish(self, data: bytes) -> int:
        """Link an object in the place of all bitcode, and keep the image if it is the smaller."""
        made, image = os.path.join(self._folder, "made.o"), os.path.join(self._folder, "image")
        with open(made, "wb") as file:
            file.write(data)
        words = list(expand_words(self.command.words))
        first = next((word for word in words if word in self.command.inputs and _is_bitcode(word)), None)
        if first is None:
            raise CompileError("all bitcode is in archives.")
        words = [made if word == first else word for word in words if word == first or not _is_bitcode(word)]
        if run_program([self.compiler, *words, "-o", image], os.path.join(self._folder, "told")):
            raise CompileError("the object cannot be linked in the place of the bitcode.")
        if measure_file(Path(image)) < measure_file(Path(self.command.out)):
            fresh = f"{self.command.out}.{os.getpid()}"
            shutil.copy(image, fresh)
            os.replace(fresh, self.command.out)
        return 0


def _is_bitcode(path: str) -> bool:
    if path.startswith("-") or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return file.read(4) in _BITCODE
