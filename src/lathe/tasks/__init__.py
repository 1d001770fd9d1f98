"""Tasks: what models are trained for and asked, as examples made of a corpus.

Extended through `TASKS`: one file and one row.
"""

from collections.abc import Mapping

from lathe.tasks.dataset import BuildSetting, Maker, Row, build_dataset, read_dataset, summarise
from lathe.tasks.disassembly import make_disassembly
from lathe.tasks.emulation import draw_recipe, make_emulation

__all__ = [
    "TASKS",
    "BuildSetting",
    "Maker",
    "Row",
    "build_dataset",
    "draw_recipe",
    "make_disassembly",
    "make_emulation",
    "read_dataset",
    "summarise",
]

TASKS: Mapping[str, Maker] = {"emulation": make_emulation, "disassembly": make_disassembly}
"""What makes the examples of each task of a function."""
