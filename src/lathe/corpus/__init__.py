"""The material: programs of real projects with their origin and licence, and their functions, in a store.

`add_batches` collects what a source of `SOURCES` lists into a `Corpus`; `split_corpus` keeps training and test apart.
`run_shards` does work on many machines.
Extended through `SOURCES` and `EXECUTORS`: one function and one row.
"""

from lathe.corpus.collecting import add_batches, hash_functions, make_usual_module
from lathe.corpus.csmith import find_csmith
from lathe.corpus.executor import EXECUTORS, Done, Shard, run_shards
from lathe.corpus.held_out import HELD_OUT, refuse_held_out
from lathe.corpus.parquet import read_rows, replace_file, write_rows
from lathe.corpus.program import Function, Origin, Program, cut_functions
from lathe.corpus.sources import SOURCES, Batch, Ready, SourceSetting
from lathe.corpus.splitting import SPLITS, Shares, split_corpus
from lathe.corpus.store import KINDS, Addition, Corpus

__all__ = [
    "EXECUTORS",
    "HELD_OUT",
    "KINDS",
    "SOURCES",
    "SPLITS",
    "Addition",
    "Batch",
    "Corpus",
    "Done",
    "Function",
    "Origin",
    "Program",
    "Ready",
    "Shard",
    "Shares",
    "SourceSetting",
    "add_batches",
    "cut_functions",
    "find_csmith",
    "hash_functions",
    "make_usual_module",
    "read_rows",
    "refuse_held_out",
    "replace_file",
    "run_shards",
    "split_corpus",
    "write_rows",
]
