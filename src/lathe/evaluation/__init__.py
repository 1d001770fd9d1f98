"""Evaluation: how good a model is, by the compiler, on functions of projects that it never saw."""

from lathe.evaluation.metrics import GROUPINGS, EvaluationSetting, Group, Metrics, evaluate
from lathe.evaluation.reliability import Reliability

__all__ = ["GROUPINGS", "EvaluationSetting", "Group", "Metrics", "Reliability", "evaluate"]
