"""Splitting: each project is for training, validation or test; what the latter two have much like training is left out.

A project goes where a hash of its name and the seed say, so that adding projects moves none. Equal functions are in a
corpus only once, so no function is on two sides; those that are nearly equal are found by MinHash.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lathe.corpus.parquet import replace_file
from lathe.corpus.store import Corpus
from lathe.errors import UsageError

__all__ = ["SPLITS", "Shares", "split_corpus"]

_log = logging.getLogger(__name__)
SPLITS = ("train", "validation", "test")
_PERMUTATIONS = 64
_NEAR = 0.8  # of the runs of lines that two functions have, the share that both have
_RUN = 3
_TOGETHER = 100_000  # functions in memory, 3 KB each
_VALUE = re.compile(r"%\d+")


@dataclass(frozen=True, slots=True)
class Shares:
    """Percent of the projects in validation and in test, and projects that are for test anyhow; the rest trains."""

    validation: int = 5
    test: int = 10
    for_test: frozenset[str] = frozenset()


def split_corpus(corpus: Corpus, shares: Shares, *, seed: int) -> dict[str, Any]:
    """Split a corpus, and say how many functions each side has and how many were left out as near to training."""
    projects = sorted(corpus.count("programs", "project"))
    if not projects:
        raise UsageError(f"{corpus.folder} is empty. Add something: lathe corpus add {corpus.folder} …")
    for name in sorted(shares.for_test - set(projects)):
        _log.warning("%s has no project %s for test (lathe corpus stats %s)", corpus.folder, name, corpus.folder)
    where = {name: _place(name, shares, seed) for name in projects}
    _write(corpus, {"seed": seed, "projects": where, "near": []})
    near = sorted(_find_near(corpus))
    _write(corpus, {"seed": seed, "projects": where, "near": near})
    return {
        "projects": {split: sum(w == split for w in where.values()) for split in SPLITS},
        "functions": {split: sum(1 for _ in corpus.read("functions", ["hash"], split=split)) for split in SPLITS},
        "near_training": len(near),
    }


def _place(project: str, shares: Shares, seed: int) -> str:
    if project in shares.for_test:
        return "test"
    digest = hashlib.blake2b(f"{seed} {project}".encode(), digest_size=8).digest()
    percent = int.from_bytes(digest, "big") * 100 / 2**64
    if percent < shares.test:
        return "test"
    return "validation" if percent < shares.test + shares.validation else "train"


def _find_near(corpus: Corpus) -> Iterable[str]:
    """The hashes of functions of validation and test that are much like one of training."""
    from datasketch import MinHashLSH

    others = (row for split in SPLITS[1:] for row in corpus.read("functions", ["hash", "ir"], split=split))
    near: set[str] = set()
    while some := [(row["hash"], _make_minhash(row["ir"])) for row in islice(others, _TOGETHER)]:
        index = MinHashLSH(threshold=_NEAR, num_perm=_PERMUTATIONS)
        for digest, minhash in some:
            index.insert(digest, minhash)
        for row in corpus.read("functions", ["ir"], split="train"):
            near.update(index.query(_make_minhash(row["ir"])))
    return near


def _make_minhash(ir: str) -> Any:
    """Of the runs of three lines of a function, numbers of values left out, which one more line would shift."""
    from datasketch import MinHash

    lines = _VALUE.sub("%", ir[ir.index("define ") : ir.index("\n}\n")]).splitlines()
    runs = {"\n".join(lines[i : i + _RUN]).encode() for i in range(max(1, len(lines) - _RUN + 1))}
    found = MinHash(num_perm=_PERMUTATIONS)
    found.update_batch(runs)
    return found


def _write(corpus: Corpus, data: dict[str, Any]) -> None:
    text = json.dumps(data, indent=1) + "\n"
    replace_file(corpus.folder / "splits.json", lambda fresh: fresh.write_text(text, encoding="utf-8"))
