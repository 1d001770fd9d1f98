"""Records: what a build compiled and linked, a small file for each object and image, which the wrapper writes.

LATHE_RECORD=.lathe/records make CC="lathe cc"
"""

from __future__ import annotations

import os

from lathe.build.command import Command, asks_what_it_can, expand_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from lathe.llvm import Unit

__all__ = ["STATE_FOLDER", "Record", "name_object", "read_records", "write_record"]

STATE_FOLDER = ".lathe"
"""What is known of a build, in its root: records, and objects of clang and by the lock."""

_NAMES = ("compiler", "flags", "folder", "inputs", "language", "level", "links", "out", "reason", "source", "words")


class Record:
    """A command that made an object of a source, or an image of `inputs`; `out` is absolute."""

    __slots__ = _NAMES

    def __init__(self, values: dict[str, object]) -> None:
        for name in _NAMES:
            setattr(self, name, values[name])

    if TYPE_CHECKING:
        compiler: str
        flags: list[str]
        folder: str
        inputs: list[str]
        language: str
        level: str
        links: bool
        out: str
        reason: str
        source: str
        words: list[str]

    @property
    def whole(self) -> bool:
        """Whether it links bitcode, which is optimised as a whole then."""
        return self.links and bool(self.level) and not self.reason

    @property
    def unit(self) -> Unit:
        """The source that is compiled."""
        from pathlib import Path

        from lathe.llvm import Unit

        return Unit(Path(self.source), tuple(self.flags), Path(self.folder))

    def compile_words(self, out: str) -> list[str]:
        """The words that compile the source into another place, and write nothing beside it."""
        return [*self.flags, self.level, "-c", self.source, "-o", out]

    def name(self, root: str) -> str:
        """What the lock calls the object."""
        return name_object(self.folder, self.source, self.out, root)


def name_object(folder: str, source: str, out: str, root: str) -> str:
    """A source and its object as all who build the project know them; `out` is seen from the folder."""
    seen = os.path.relpath(os.path.join(folder, source), root)
    made = os.path.relpath(os.path.join(folder, out), root)
    if seen == made:
        return source
    names = (source if seen.startswith("..") else seen, os.path.basename(out) if made.startswith("..") else made)
    return " → ".join(names)


def write_record(folder: str, command: Command, compiler: str) -> None:
    """Write down a command that compiles or links, if that can be."""
    import json

    from lathe.digests import blake2b

    if asks_what_it_can(command.inputs):
        return
    here = os.getcwd()
    out = os.path.join(here, command.out or "a.out")
    values = {name: getattr(command, name, "") for name in _NAMES}
    values |= {"compiler": compiler, "folder": here, "out": out, "words": list(expand_words(command.words))}
    path = os.path.join(folder, f"{blake2b(out.encode(), digest_size=8).hexdigest()}.json")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as file:
            json.dump(values, file)
        os.replace(f"{path}.{os.getpid()}", path)
    except OSError:
        return


def read_records(folder: Path) -> list[Record]:
    """All records in a folder whose objects and images are there."""
    import json

    found = [Record(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]
    return [record for record in found if os.path.isfile(record.out)]
