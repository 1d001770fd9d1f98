"""Tasks: what models are trained for and asked, as examples made of a corpus.

Extended through `TASKS`: one file and one row.
"""

from collections.abc import Mapping

from lathe.tasks.code import make_code
from lathe.tasks.dataset import BuildSetting, Maker, Row, Task, build_dataset, read_dataset, summarise
from lathe.tasks.disassembly import make_disassembly
from lathe.tasks.emulation import draw_recipe, make_emulation
from lathe.tasks.grammar import RecipeRule
from lathe.tasks.lifting import Lifted, LiftSetting, Standing, lift_function, split_assembly
from lathe.tasks.models import (
    EMBEDDED,
    SAMPLINGS,
    Model,
    Proposal,
    make_proposer,
    open_model,
    propose_recipes,
)
from lathe.tasks.packing import PackSetting, list_tasks, pack_datasets
from lathe.tasks.prediction import Prediction, Truth, check_prediction, predict_output
from lathe.tasks.prompts import HEADS, encode_prompt, encode_row, list_words, read_words
from lathe.tasks.scores import SCORERS, Answer, Score, read_answer
from lathe.tasks.tuning import Labelled, list_pieces, make_label, make_tuning

__all__ = [
    "EMBEDDED",
    "HEADS",
    "SAMPLINGS",
    "SCORERS",
    "TASKS",
    "Answer",
    "BuildSetting",
    "Labelled",
    "LiftSetting",
    "Lifted",
    "Maker",
    "Model",
    "PackSetting",
    "Prediction",
    "Proposal",
    "RecipeRule",
    "Row",
    "Score",
    "Standing",
    "Task",
    "Truth",
    "build_dataset",
    "check_prediction",
    "draw_recipe",
    "encode_prompt",
    "encode_row",
    "lift_function",
    "list_pieces",
    "list_tasks",
    "list_words",
    "make_code",
    "make_disassembly",
    "make_emulation",
    "make_label",
    "make_proposer",
    "make_tuning",
    "open_model",
    "pack_datasets",
    "predict_output",
    "propose_recipes",
    "read_answer",
    "read_dataset",
    "read_words",
    "split_assembly",
    "summarise",
]

TASKS: Mapping[str, Task] = {
    "code": Task(make_code),
    "emulation": Task(make_emulation),
    "tuning": Task(make_tuning, of="programs"),
    "disassembly": Task(make_disassembly),
}
"""How the examples of each task are made."""
