"""Tasks: what models are trained for and asked, as examples made of a corpus.

Extended through `TASKS`: one file and one row.
"""

from collections.abc import Mapping

from lathe.tasks.assembly import split_assembly
from lathe.tasks.code import make_code
from lathe.tasks.confidence import Confidence, find_log_odds, read_confidences
from lathe.tasks.dataset import BuildSetting, Maker, Row, Task, build_dataset, read_dataset, summarise
from lathe.tasks.disassembly import (
    TRIPLES,
    find_assembly_fault,
    has_inline_assembly,
    lower_function,
    lower_text,
    make_disassembly,
    target_function,
)
from lathe.tasks.emulation import draw_recipe, make_emulation
from lathe.tasks.grammar import RecipeRule
from lathe.tasks.lifting import Effort, Lifted, Standing, lift_function
from lathe.tasks.models import (
    EMBEDDED,
    MODELS,
    AskSetting,
    Model,
    Proposal,
    TooLongError,
    digest_model,
    find_folder,
    make_proposer,
    open_model,
)
from lathe.tasks.objects import ObjectCode, read_object
from lathe.tasks.own import SAMPLINGS, OwnModel
from lathe.tasks.packing import PackSetting, list_tasks, pack_datasets
from lathe.tasks.prediction import Prediction, Truth, check_prediction, predict_output
from lathe.tasks.prompted import PromptedModel, read_pass_list, write_prompt
from lathe.tasks.prompts import HEADS, encode_prompt, encode_row, list_words, read_words
from lathe.tasks.reading import Reader, Reading, open_reader
from lathe.tasks.scores import SCORERS, Answer, Score, is_code, read_answer
from lathe.tasks.tuning import Labelled, list_pieces, make_label, make_tuning
from lathe.tasks.values import ValueRule

__all__ = [
    "EMBEDDED",
    "HEADS",
    "MODELS",
    "SAMPLINGS",
    "SCORERS",
    "TASKS",
    "TRIPLES",
    "Answer",
    "AskSetting",
    "BuildSetting",
    "Confidence",
    "Effort",
    "Labelled",
    "Lifted",
    "Maker",
    "Model",
    "ObjectCode",
    "OwnModel",
    "PackSetting",
    "Prediction",
    "PromptedModel",
    "Proposal",
    "Reader",
    "Reading",
    "RecipeRule",
    "Row",
    "Score",
    "Standing",
    "Task",
    "TooLongError",
    "Truth",
    "ValueRule",
    "build_dataset",
    "check_prediction",
    "digest_model",
    "draw_recipe",
    "encode_prompt",
    "encode_row",
    "find_assembly_fault",
    "find_folder",
    "find_log_odds",
    "has_inline_assembly",
    "is_code",
    "lift_function",
    "list_pieces",
    "list_tasks",
    "list_words",
    "lower_function",
    "lower_text",
    "make_code",
    "make_disassembly",
    "make_emulation",
    "make_label",
    "make_proposer",
    "make_tuning",
    "open_model",
    "open_reader",
    "pack_datasets",
    "predict_output",
    "read_answer",
    "read_confidences",
    "read_dataset",
    "read_object",
    "read_pass_list",
    "read_words",
    "split_assembly",
    "summarise",
    "target_function",
    "write_prompt",
]

TASKS: Mapping[str, Task] = {
    "code": Task(make_code),
    "emulation": Task(make_emulation),
    "tuning": Task(make_tuning, of="programs"),
    "disassembly": Task(make_disassembly),
}
"""How the examples of each task are made."""
