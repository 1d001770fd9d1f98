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
from dataclasses import asdict
from pathlib import Path

from lathe.llvm.measurement import Measurement, Status

__all__ = ["Cache", "default_cache_path"]

_SCHEMA = 2
"""Part of the file's name: raise it when a fixed bug makes old measurements wrong."""

_SETS = ("nobits", "exported", "undefined")
_MOST_BYTES = 2 << 30
_log = logging.getLogger(__name__)


def default_cache_path() -> Path:
    """The cache file of this user: `$LATHE_CACHE`, else `$XDG_CACHE_HOME/lathe`, else `~/.cache/lathe`."""
    base = os.environ.get("LATHE_CACHE")
    folder = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lathe"
    return folder / f"measurements-{_SCHEMA}.sqlite"


class Cache:
    """Measurements by key. `path` None keeps them in memory. Safe to use from many threads and processes."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._database = _open(path)

    def get(self, key: str) -> Measurement | None:
        """The measurement stored under a key, or None."""
        with self._lock:
            try:
                row = self._database.execute("SELECT value FROM measurements WHERE key = ?", (key,)).fetchone()
            except sqlite3.Error as error:
                _log.warning("cache not read: %s", error)
                return None
        return _decode(row[0]) if row else None

    def put(self, key: str, measurement: Measurement) -> None:
        """Store a measurement; a full disk or a lost file is logged and costs nothing else."""
        row = (key, _encode(measurement))
        with self._lock:
            try:
                self._database.execute("INSERT OR REPLACE INTO measurements VALUES (?, ?)", row)
            except sqlite3.Error as error:
                _log.warning("cache not written: %s", error)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _prepare(sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False))
        except (OSError, sqlite3.Error) as error:
            _log.warning("no cache in %s: %s; measurements are kept in memory", path, error)
    return _prepare(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))


def _prepare(database: sqlite3.Connection) -> sqlite3.Connection:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("CREATE TABLE IF NOT EXISTS measurements (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    size = database.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").fetchone()[0]
    if size > _MOST_BYTES:
        database.execute("DELETE FROM measurements")
        database.execute("VACUUM")
    return database


def _encode(measurement: Measurement) -> str:
    row = asdict(measurement) | {name: sorted(getattr(measurement, name)) for name in _SETS}
    return json.dumps({k: v for k, v in row.items() if v and k != "seconds"}, separators=(",", ":"))


def _decode(text: str) -> Measurement:
    row = json.loads(text)
    row["status"] = Status(row["status"])
    row.update((name, frozenset(row.get(name, ()))) for name in _SETS)
    return Measurement(**row)
