"""Parquet files: read batch by batch, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lathe.errors import InputError, OutputError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["load_parquet", "read_rows", "replace_file", "write_rows"]

_BATCH = 256  # rows in memory at a time


def load_parquet() -> Any:
    """The library that reads and writes Parquet (`pyarrow.parquet`); raises `UsageError` when it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise UsageError("A corpus needs pyarrow. Install it: pip install 'lathe[corpus]'") from None
    return pyarrow.parquet


def read_rows(path: Path, columns: Sequence[str] | None = None, *, remedy: str) -> Iterator[dict[str, Any]]:
    """The rows of a file; raises `InputError`, which ends with what to do, when it is broken."""
    library = load_parquet()
    import pyarrow as pa

    try:
        for batch in library.ParquetFile(path).iter_batches(_BATCH, columns=columns):
            yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path} is broken or not a Parquet file ({str(error).splitlines()[0]}). {remedy}") from None


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema | None = None) -> int:
    """Write a file whole or not at all, and say how many rows it has; without a schema, all rows are in memory.

    Raises `OutputError` when it cannot be written.
    """
    library = load_parquet()
    import pyarrow as pa

    def write(fresh: Path) -> int:
        if schema is None:
            table = pa.Table.from_pylist(list(rows))
            library.write_table(table, fresh, compression="zstd")
            return int(table.num_rows)
        left, count = iter(rows), 0
        with library.ParquetWriter(fresh, schema, compression="zstd") as writer:
            while part := list(islice(left, _BATCH)):
                writer.write_table(pa.Table.from_pylist(part, schema=schema))
                count += len(part)
        return count

    return replace_file(path, write)


def replace_file(path: Path, write: Callable[[Path], int]) -> int:
    """Let `write` write a file beside `path` and put it in its place, or nothing; what `write` returns.

    Raises `OutputError` when it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            found = write(fresh)
            fresh.replace(path)
            return found
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}. What was there is as it was."
        ) from None
