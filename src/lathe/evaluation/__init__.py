"""Evaluation: how good a model is, by the compiler, on functions of projects that it never saw."""

from lathe.evaluation.metrics import EvaluationSetting, Metrics, evaluate

__all__ = ["EvaluationSetting", "Metrics", "evaluate"]
