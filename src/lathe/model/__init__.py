"""The mind: tokens in, tokens out. It knows tokens, not compilers; what they mean is the tasks' business."""

from lathe.model.tokenizer import TAGS, Tokenizer

__all__ = ["TAGS", "Tokenizer"]
