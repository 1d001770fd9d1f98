"""What earlier compiles left: objects, and what was asked of clang, by the digest of all that decides them.

    cache = FileCache(folder)
    if (data := cache.read("object", digest)) is None:
        cache.write("object", digest, data)

Small files, since a build reads few of them in each of thousands of processes. Losing any of it costs time only.
"""

from __future__ import annotations

import os

from lathe.digests import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FileCache", "digest_all"]

_MOST_BYTES = 1 << 30
_FOLDERS = 256


def digest_all(*parts: bytes | str) -> str:
    """A digest of parts, each apart from the next."""
    total = blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        total.update(b"%d:" % len(data))
        total.update(data)
    return total.hexdigest()


class FileCache:
    """Files in a folder, by kind and digest; the oldest go when they are more than a gibibyte."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def read(self, kind: str, digest: str) -> bytes | None:
        """What was kept; None where nothing was."""
        path = self._place(kind, digest)
        try:
            with open(path, "rb") as file:
                data = file.read()
            os.utime(path)
        except OSError:
            return None
        return data

    def write(self, kind: str, digest: str, data: bytes) -> None:
        """Keep something, if that can be."""
        path = self._place(kind, digest)
        fresh = f"{path}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(fresh, "wb") as file:
                file.write(data)
            os.replace(fresh, path)
            self._clear(os.path.dirname(path))
        except OSError:
            if os.path.exists(fresh):
                os.unlink(fresh)

    def _place(self, kind: str, digest: str) -> str:
        return os.path.join(self._folder, digest[:2], f"{digest[2:]}.{kind}")

    def _clear(self, folder: str) -> None:
        """Remove the oldest in one of the folders, while it has more than its share."""
        found = sorted(self._list(folder), reverse=True)
        total = 0
        for _, size, path in found:
            total += size
            if total > _MOST_BYTES // _FOLDERS:
                os.unlink(path)

    @staticmethod
    def _list(folder: str) -> Iterator[tuple[float, int, str]]:
        with os.scandir(folder) as entries:
            for entry in entries:
                status = entry.stat()
                yield status.st_mtime, status.st_size, entry.path
