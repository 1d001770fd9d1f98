"""The cache of measurements, on disk (a `Store`) or in memory.

Keys are hashes of everything that decides a result (`Engine` makes them); values are measurements, on disk as JSON.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from lathe.llvm.folders import find_cache_folder
from lathe.llvm.measurement import Measurement, Status
from lathe.llvm.store import Store

__all__ = ["Cache", "default_cache_path"]

_SCHEMA = 4
"""Part of the file's name: raise it when a fixed bug makes old measurements wrong."""

_FIELDS = tuple(field.name for field in fields(Measurement) if field.name != "seconds")
_SETS = ("nobits", "exported", "undefined")
_MOST_IN_MEMORY = 10_000


def default_cache_path() -> Path:
    """The file of this user's measurements."""
    return find_cache_folder() / f"measurements-{_SCHEMA}.sqlite"


class Cache:
    """Measurements by key. Safe to use from many threads and processes. `path` None keeps the last 10,000 in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._memory: dict[str, Measurement] = {}
        self._store = Store(path) if path else None

    def get(self, keys: Iterable[str]) -> dict[str, Measurement]:
        """What is stored under keys; those without are missing."""
        if self._store is None:
            return {key: self._memory[key] for key in keys if key in self._memory}
        return {key: _decode(text) for key, text in self._store.get(keys).items()}

    def put(self, measurements: Mapping[str, Measurement]) -> None:
        """Store measurements."""
        if self._store is not None:
            self._store.put({key: _encode(measurement) for key, measurement in measurements.items()})
            return
        with self._lock:
            self._memory |= measurements
            for key in list(self._memory)[:-_MOST_IN_MEMORY]:
                del self._memory[key]

    def close(self) -> None:
        """Close the file."""
        if self._store is not None:
            self._store.close()


def _encode(measurement: Measurement) -> str:
    row = {name: getattr(measurement, name) for name in _FIELDS}
    row |= {name: sorted(row[name]) for name in _SETS}
    return json.dumps({k: v for k, v in row.items() if v}, separators=(",", ":"))


def _decode(text: str) -> Measurement:
    row = json.loads(text)
    row["status"] = Status(row["status"])
    row.update((name, frozenset(row.get(name, ()))) for name in _SETS)
    return Measurement(**row)
