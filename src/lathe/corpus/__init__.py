"""The material: programs of real projects with their origin and licence, and their functions, in a store.

`add_batches` collects what a source of `SOURCES` lists into a `Corpus`; `split_corpus` keeps training and test apart.
Extended through `SOURCES`: one function and one row.
"""

from lathe.corpus.collecting import add_batches, hash_functions
from lathe.corpus.held_out import HELD_OUT, refuse_held_out
from lathe.corpus.program import Function, Origin, Program, cut_functions
from lathe.corpus.sources import SOURCES, Batch, Ready, SourceSetting
from lathe.corpus.splitting import SPLITS, Shares, split_corpus
from lathe.corpus.store import KINDS, Addition, Corpus

__all__ = [
    "HELD_OUT",
    "KINDS",
    "SOURCES",
    "SPLITS",
    "Addition",
    "Batch",
    "Corpus",
    "Function",
    "Origin",
    "Program",
    "Ready",
    "Shares",
    "SourceSetting",
    "add_batches",
    "cut_functions",
    "hash_functions",
    "refuse_held_out",
    "split_corpus",
]
