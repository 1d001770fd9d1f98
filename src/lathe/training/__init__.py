"""Training: networks that learn from token shards, stage after stage, from a laptop to a cluster.

The only room with `torch`: whoever only tunes or asks a model needs none of it (`pip install 'lathe[train]'`). It knows
tokens, not compilers.
"""

from lathe.training.attention import use_streams
from lathe.training.batches import Batch, Feed, ShardFolder
from lathe.training.card import write_card
from lathe.training.checkpoint import Checkpoint, find_checkpoint
from lathe.training.cost import (
    ACCELERATORS,
    Accelerator,
    Memory,
    StageCost,
    count_flops,
    estimate_memory,
    estimate_stages,
)
from lathe.training.devices import find_device
from lathe.training.export import GGUF_TYPES, export_network
from lathe.training.generation import NetworkDecoder, NetworkText, measure_loss
from lathe.training.learner import Learner
from lathe.training.log import Step, Validation
from lathe.training.loop import LoopSetting, train
from lathe.training.network import SIZES, Parameters, Shape, load_network, make_config, make_network, read_shape
from lathe.training.stages import Lora, Optimiser, Published, Run, Stage, read_run

__all__ = [
    "ACCELERATORS", "GGUF_TYPES", "SIZES", "Accelerator", "Batch", "Checkpoint", "Feed", "Learner", "LoopSetting",
    "Lora", "Memory", "NetworkDecoder", "NetworkText", "Optimiser", "Parameters", "Published", "Run", "Shape",
    "ShardFolder", "Stage", "StageCost", "Step", "Validation", "count_flops", "estimate_memory", "estimate_stages",
    "export_network", "find_checkpoint", "find_device", "load_network", "make_config", "make_network", "measure_loss",
    "read_run", "read_shape", "train", "use_streams", "write_card",
]  # fmt: skip
