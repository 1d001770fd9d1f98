"""The cache of measurements: one SQLite file, shared by all processes of a user.

Keys are hashes of everything that decides a result (`Engine` makes them); values are measurements as JSON.
It is a cache: deleting it loses time only, and a file that cannot be opened is done without.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from lathe.llvm.measurement import Measurement, Status

__all__ = ["Cache", "default_cache_path"]

_SCHEMA = 2
"""Part of the file's name: raise it when a fixed bug makes old measurements wrong."""

_FIELDS = tuple(field.name for field in fields(Measurement) if field.name != "seconds")
_SETS = ("nobits", "exported", "undefined")
_MOST_BYTES = 2 << 30
_MOST_IN_MEMORY = 10_000
_log = logging.getLogger(__name__)


def default_cache_path() -> Path:
    """The cache file of this user: `$LATHE_CACHE`, else `$XDG_CACHE_HOME/lathe`, else `~/.cache/lathe`."""
    base = os.environ.get("LATHE_CACHE")
    folder = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lathe"
    return folder / f"measurements-{_SCHEMA}.sqlite"


class Cache:
    """Measurements by key. Safe to use from many threads and processes. `path` None keeps the last 10,000 in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._memory: dict[str, Measurement] = {}
        self._database = _open(path) if path else None

    def get(self, keys: Iterable[str]) -> dict[str, Measurement]:
        """What is stored under keys; those without are missing."""
        if self._database is None:
            return {key: self._memory[key] for key in keys if key in self._memory}
        query = "SELECT key, value FROM measurements WHERE key IN (SELECT value FROM json_each(?))"
        with self._lock:
            try:
                rows = self._database.execute(query, (json.dumps(list(keys)),)).fetchall()
            except sqlite3.Error as error:
                _log.warning("cache not read: %s", error)
                return {}
        return {key: _decode(value) for key, value in rows}

    def put(self, measurements: Mapping[str, Measurement]) -> None:
        """Store measurements; a full disk or a lost file is logged and costs nothing else."""
        if self._database is None:
            with self._lock:
                self._memory |= measurements
                for key in list(self._memory)[:-_MOST_IN_MEMORY]:
                    del self._memory[key]
            return
        rows = [(key, _encode(measurement)) for key, measurement in measurements.items()]
        with self._lock:
            try:
                with self._database:
                    self._database.executemany("INSERT OR REPLACE INTO measurements VALUES (?, ?)", rows)
            except sqlite3.Error as error:
                _log.warning("cache not written: %s", error)

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            with self._lock:
                self._database.close()


def _open(path: Path) -> sqlite3.Connection | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _prepare(sqlite3.connect(path, timeout=10, check_same_thread=False))
    except (OSError, sqlite3.Error) as error:
        _log.warning("no cache in %s: %s; measurements are kept in memory", path, error)
        return None


def _prepare(database: sqlite3.Connection) -> sqlite3.Connection:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("CREATE TABLE IF NOT EXISTS measurements (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    size = database.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").fetchone()[0]
    if size > _MOST_BYTES:
        database.execute("DELETE FROM measurements")
        database.commit()
        database.execute("VACUUM")
    return database


def _encode(measurement: Measurement) -> str:
    row = {name: getattr(measurement, name) for name in _FIELDS}
    row |= {name: sorted(row[name]) for name in _SETS}
    return json.dumps({k: v for k, v in row.items() if v}, separators=(",", ":"))


def _decode(text: str) -> Measurement:
    row = json.loads(text)
    row["status"] = Status(row["status"])
    row.update((name, frozenset(row.get(name, ()))) for name in _SETS)
    return Measurement(**row)
