"""Tuning whole inputs: files, modules, builds, from what clang compiles to an object that passed every examination.

`tune_all` is what the command and the library do; searching a recipe for one module is `lathe.search`'s.
"""

from lathe.tuning.examination import Examination, Examiners
from lathe.tuning.record import Tuned
from lathe.tuning.run import Emit, Granularity, Listener, Request, choose_granularity, tune_all

__all__ = [
    "Emit",
    "Examination",
    "Examiners",
    "Granularity",
    "Listener",
    "Request",
    "Tuned",
    "choose_granularity",
    "tune_all",
]
