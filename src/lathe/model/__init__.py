"""The mind: tokens in, tokens out. It knows tokens, not compilers; what they mean is the tasks' business."""

from lathe.model.decoding import (
    Completion,
    Decoder,
    Decoding,
    Rule,
    decode,
    sample_by_priority,
    sample_nucleus,
    search_beams,
)
from lathe.model.embedded import EmbeddedDecoder
from lathe.model.server import ServerGenerator, ServerSetting, TextGenerator
from lathe.model.shards import TokenExample, TokenShard, compress_shard, expand_shard, write_shard
from lathe.model.tokenizer import TAGS, Tokenizer

__all__ = [
    "TAGS",
    "Completion",
    "Decoder",
    "Decoding",
    "EmbeddedDecoder",
    "Rule",
    "ServerGenerator",
    "ServerSetting",
    "TextGenerator",
    "TokenExample",
    "TokenShard",
    "Tokenizer",
    "compress_shard",
    "decode",
    "expand_shard",
    "sample_by_priority",
    "sample_nucleus",
    "search_beams",
    "write_shard",
]
