"""A store: text by key in one SQLite file, shared by all processes of a user.

It keeps what can be computed again: deleting it loses time only, and a file that cannot be used is done without.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["Store"]

_MOST_BYTES = 2 << 30
_log = logging.getLogger(__name__)


class Store:
    """Texts by key in a file (None, or one that cannot be used: in memory). Safe to use from many threads."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._database = _open(path) if path else _prepare(sqlite3.connect(":memory:", check_same_thread=False))

    def get(self, keys: Iterable[str]) -> dict[str, str]:
        """What is stored under keys; those without are missing."""
        query = "SELECT key, value FROM texts WHERE key IN (SELECT value FROM json_each(?))"
        with self._lock:
            try:
                return dict(self._database.execute(query, (json.dumps(list(keys)),)).fetchall())
            except sqlite3.Error as error:
                _log.warning("cache not read: %s", error)
                return {}

    def put(self, texts: Mapping[str, str]) -> None:
        """Store texts; a full disk or a lost file is logged and costs nothing else."""
        with self._lock:
            try:
                with self._database:
                    self._database.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?)", texts.items())
            except sqlite3.Error as error:
                _log.warning("cache not written: %s", error)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _prepare(sqlite3.connect(path, timeout=10, check_same_thread=False))
    except (OSError, sqlite3.Error) as error:
        _log.warning("no cache in %s: %s; results are kept in memory", path, error)
        return _prepare(sqlite3.connect(":memory:", check_same_thread=False))


def _prepare(database: sqlite3.Connection) -> sqlite3.Connection:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
    size = database.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").fetchone()[0]
    if size > _MOST_BYTES:
        database.execute("DELETE FROM texts")
        database.commit()
        database.execute("VACUUM")
    return database
