"""The learner: a network, what it learns of it, and how fast.

    learner = make_learner(run, tokenizer, setting)
    loss = learner(batch)                    # the sum over what is learnt, in nats

With LoRA (Hu et al., 2021) the network stays as it is, in the precision of its file, and small matrices beside its own
are learnt; `merge_adapter` adds them to it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import cross_entropy, linear

from lathe.training.attention import use_streams
from lathe.training.batches import Batch
from lathe.training.checkpoint import gather_weights, replace_folder
from lathe.training.devices import Devices
from lathe.training.mimetic import begin_mimetic
from lathe.training.network import load_network, make_network
from lathe.training.stages import Lora, Optimiser, Run

if TYPE_CHECKING:
    from lathe.model import Tokenizer

__all__ = ["Learner", "make_learner", "make_optimiser", "rate_at", "save_network"]

_TOGETHER = 512  # places whose logits are there at once
_TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>", "pad_token": "<|pad|>",
    "clean_up_tokenization_spaces": False,
}  # fmt: skip


class Learner(torch.nn.Module):
    """A network and what it learns from a stream: the sum of the losses of its tokens, in nats."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch) -> torch.Tensor:
        """The sum; the head sees only the places whose next token is learnt."""
        longest = int(batch.ends.diff().max())
        hidden = self.network.model(
            input_ids=batch.tokens[None], position_ids=batch.positions[None], use_cache=False, ends=batch.ends,
            longest=longest,
        ).last_hidden_state[0]  # fmt: skip
        return sum_losses(hidden[batch.learnt], self.network.lm_head.weight, batch.targets)


def sum_losses(hidden: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The sum of the losses of places (hidden [places, width], targets [places]) under a head [vocabulary, width].

    Logits, which are the largest there is in the memory of a small network, are there for some places at once only, and
    their gradient is made of them at once.
    """
    if torch.is_grad_enabled():
        found: torch.Tensor = _SumLosses.apply(hidden, weight, targets)  # type: ignore[no-untyped-call]
        return found
    pieces = zip(torch.split(hidden, _TOGETHER), torch.split(targets, _TOGETHER), strict=True)
    return torch.stack([cross_entropy(linear(h, weight).float(), t, reduction="sum") for h, t in pieces]).sum()


class _SumLosses(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        total, learns = torch.zeros((), device=hidden.device), weight.requires_grad
        for_hidden = torch.empty_like(hidden)
        for_weight = torch.zeros_like(weight, dtype=torch.float32) if learns else None
        for start in range(0, len(targets), _TOGETHER):
            part = slice(start, start + _TOGETHER)
            logits = linear(hidden[part], weight).float()
            at = targets[part, None]
            own = logits.sub_(logits.amax(1, keepdim=True)).gather(1, at)
            sums = logits.exp_().sum(1, keepdim=True)
            total += (sums.log() - own).sum()
            slope = logits.div_(sums).scatter_add_(1, at, torch.full_like(sums, -1.0)).to(weight.dtype)
            for_hidden[part] = torch.mm(slope, weight)
            if for_weight is not None:
                for_weight += torch.mm(slope.T, hidden[part])
        ctx.save_for_backward(for_hidden, None if for_weight is None else for_weight.to(weight.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> Any:
        for_hidden, for_weight = ctx.saved_tensors
        return slope * for_hidden, None if for_weight is None else slope * for_weight, None


def make_learner(run: Run, tokenizer: Tokenizer, *, checkpointing: bool = False, compiled: bool = False) -> Learner:
    """The network of a run as it begins, on the CPU; raises `InputError` for a start that is none, or foreign."""
    if run.start:
        network = load_network(run.start, tokenizer=tokenizer.digest)
    else:
        network = make_network(run.find_shape(), vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=run.seed)
        if run.initial == "mimetic":
            begin_mimetic(network, seed=run.seed)
    use_streams(network)
    torch.manual_seed(run.seed)
    if network.config.vocab_size < tokenizer.size:  # another model's network, whose tokenizer was extended
        network.resize_token_embeddings(tokenizer.size, mean_resizing=False)
    network.config.lathe_tokenizer = tokenizer.digest
    if run.lora:
        _add_adapter(network, run.lora)
    else:
        network.float()  # type: ignore[no-untyped-call]
    if checkpointing:
        network.gradient_checkpointing_enable({"use_reentrant": False})  # type: ignore[no-untyped-call]
    if compiled:
        for layer in network.model.layers:
            layer.compile(dynamic=True)
    return Learner(network)


def make_optimiser(learner: torch.nn.Module, setting: Optimiser) -> torch.optim.AdamW:
    """AdamW that shrinks matrices and leaves norms alone."""
    learnt = [p for p in learner.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learnt if p.ndim >= 2], "weight_decay": setting.weight_decay},
        {"params": [p for p in learnt if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=setting.rate, betas=setting.betas, fused=True)


def rate_at(setting: Optimiser, rate: float, part: float) -> float:
    """The learning rate when such a part of a stage is done."""
    if part < setting.warmup:
        return rate * (part / setting.warmup + 0.01)
    if setting.schedule == "wsd":
        return rate * min(1.0, (1 - part) / setting.decay)
    done = (part - setting.warmup) / (1 - setting.warmup)
    return rate * (setting.floor + (1 - setting.floor) * (1 + math.cos(math.pi * done)) / 2)


def save_network(
    devices: Devices, learner: Learner, tokenizer: Tokenizer, folder: Path, *, lora: Lora | None, story: dict[str, Any]
) -> None:
    """Write the network and its tokenizer as a folder that `transformers` loads, whole or not at all.

    `story` is how it came to be, for its card (`training.json`). What LoRA learnt is added to it, and lies in `adapter`
    alone, as `peft` loads it.
    """
    weights = {n.removeprefix("network."): value for n, value in gather_weights(learner, frozen=True).items()}
    with replace_folder(devices, folder) as fresh:
        if not devices.first:
            return
        if lora:
            _save_adapter(weights, lora, fresh / "adapter")
            weights = merge_adapter(weights, lora)
        config = learner.network.config
        config.dtype = "bfloat16"
        config.eos_token_id, config.pad_token_id = tokenizer.tag("end"), tokenizer.tag("pad")
        with torch.device("meta"):
            plain = type(learner.network)(config)
        plain.save_pretrained(fresh, state_dict={name: value.to(torch.bfloat16) for name, value in weights.items()})
        tokenizer.save(fresh / "tokenizer.json")
        (fresh / "tokenizer_config.json").write_text(
            json.dumps(_TOKENIZER | {"model_max_length": config.max_position_embeddings}, indent=1)
        )
        (fresh / "training.json").write_text(json.dumps(story, indent=1))


def _make_adapter_config(lora: Lora) -> Any:
    from peft import LoraConfig

    return LoraConfig(r=lora.rank, lora_alpha=lora.alpha, target_modules=lora.targets, task_type="CAUSAL_LM")


def _add_adapter(network: Any, lora: Lora) -> None:
    from peft import inject_adapter_in_model

    inject_adapter_in_model(_make_adapter_config(lora), network)


def merge_adapter(weights: dict[str, torch.Tensor], lora: Lora) -> dict[str, torch.Tensor]:
    """The weights of the network with what was learnt beside them added."""
    found = {}
    for name, value in weights.items():
        stem = name.removesuffix(".base_layer.weight")
        if stem != name:
            first, second = (weights[f"{stem}.lora_{part}.default.weight"].float() for part in "AB")
            found[f"{stem}.weight"] = value.float() + lora.alpha / lora.rank * (second @ first)
        elif ".lora_" not in name:
            found[name] = value
    return found


def _save_adapter(weights: dict[str, torch.Tensor], lora: Lora, folder: Path) -> None:
    from safetensors.torch import save_file

    _make_adapter_config(lora).save_pretrained(folder)
    own = {f"base_model.model.{n.replace('.default', '')}": w for n, w in weights.items() if ".lora_" in n}
    save_file(own, folder / "adapter_model.safetensors")
