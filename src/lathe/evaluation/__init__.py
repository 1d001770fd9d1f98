"""Evaluation: tables of tuning, emulation, disassembly and prediction, of any programs, models and strategies.

`choose_subjects` draws programs, `run_evaluation` works through them into a result folder with a summary and a report.
`evaluate` is for a checkpoint as it is trained: its losses and answers on held-out data sets, for its card. Extended
through `WAYS` (tuning), `CONTEXT` (what stands beside) and `GROUPINGS`.
"""

from lathe.evaluation.answers import AnswerEvaluation, CopyModel
from lathe.evaluation.general import GENERAL, evaluate_general
from lathe.evaluation.metrics import GROUPINGS, EvaluationSetting, Group, Metrics, evaluate
from lathe.evaluation.next_token import NextTokenEvaluation
from lathe.evaluation.reliability import Reliability
from lathe.evaluation.report import Plot, Report, Section, Table, write_report
from lathe.evaluation.results import PROTOCOL, ResultFolder
from lathe.evaluation.run_time import RunTime, Stopwatch
from lathe.evaluation.running import Evaluation, describe_machine, describe_versions, run_evaluation
from lathe.evaluation.subjects import Subject, Subjects, SubjectSetting, choose_subjects
from lathe.evaluation.tuning import TuningEvaluation, check_ways
from lathe.evaluation.ways import CONTEXT, WAYS, Arena

__all__ = [
    "CONTEXT",
    "GENERAL",
    "GROUPINGS",
    "PROTOCOL",
    "WAYS",
    "AnswerEvaluation",
    "Arena",
    "CopyModel",
    "Evaluation",
    "EvaluationSetting",
    "Group",
    "Metrics",
    "NextTokenEvaluation",
    "Plot",
    "Reliability",
    "Report",
    "ResultFolder",
    "RunTime",
    "Section",
    "Stopwatch",
    "Subject",
    "SubjectSetting",
    "Subjects",
    "Table",
    "TuningEvaluation",
    "check_ways",
    "choose_subjects",
    "describe_machine",
    "describe_versions",
    "evaluate",
    "evaluate_general",
    "run_evaluation",
    "write_report",
]
