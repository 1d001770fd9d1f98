"""The mind: tokens in, tokens out. It knows tokens, not compilers; what they mean is the tasks' business."""

from lathe.model.shards import TokenExample, TokenShard, compress_shard, expand_shard, write_shard
from lathe.model.tokenizer import TAGS, Tokenizer

__all__ = [
    "TAGS",
    "TokenExample",
    "TokenShard",
    "Tokenizer",
    "compress_shard",
    "expand_shard",
    "write_shard",
]
