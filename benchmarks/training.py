"""How fast training is: useful tokens a second, beside `transformers.Trainer` on the same network, data and precision.

    python benchmarks/training.py --data PACKED --tokenizer TOKENIZER [--size nano] [--precision no] [--steps 30]

Both learn the completions of the same examples, in steps of about as many tokens, with the same optimiser, on the
device that is there. The Trainer pads the examples of a batch to the longest, as usual: in any order, and once more
with batches of like lengths (`group_by_length`). Tokens of examples count, filling does not; the first steps warm up.
results/training.json has medians of steps, a row for each time it was run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from machine import describe_machine

from lathe.llvm import find_toolchain
from lathe.model import TokenExample, Tokenizer
from lathe.training import SIZES, LoopSetting, Run, ShardFolder, Stage, Step, make_network, train

RESULT = Path(__file__).parent / "results" / "training.json"
WARM = 5


def time_ours(arguments: argparse.Namespace, tokenizer: Tokenizer) -> dict[str, float]:
    """Useful tokens a second of `lathe.training`."""
    tokens = arguments.steps * arguments.batch_tokens
    run = Run(
        (Stage("benchmark", tokens, {"data": 1.0}),), batch_tokens=arguments.batch_tokens, size=arguments.size,
        stream_tokens=arguments.stream_tokens, data={"data": arguments.data}, most_rounds=1000.0,
    )  # fmt: skip
    setting = LoopSetting(checkpoint_steps=10**9, precision=arguments.precision, compile=arguments.compile)
    with tempfile.TemporaryDirectory(prefix="lathe-") as out:
        steps = [said for said in train(run, tokenizer, Path(out), setting) if isinstance(said, Step)][WARM:]
    return {
        "tokens_a_second": round(statistics.median(s.tokens_a_second for s in steps)),
        "tflops": round(statistics.median(s.tflops for s in steps), 4),
        "useful": round(statistics.mean(s.tokens for s in steps) / arguments.batch_tokens, 3),
    }


class Examples(torch.utils.data.Dataset[dict[str, list[int]]]):
    """The examples as the Trainer wants them."""

    def __init__(self, examples: Sequence[TokenExample]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, number: int) -> dict[str, list[int]]:
        example = self._examples[number]
        tokens = [*map(int, example.prompt), *map(int, example.completion)]
        return {"input_ids": tokens, "labels": [-100] * len(example.prompt) + tokens[len(example.prompt) :]}


def time_trainer(arguments: argparse.Namespace, tokenizer: Tokenizer, *, grouped: bool) -> dict[str, float]:
    """Useful tokens a second of `transformers.Trainer`."""
    from transformers import Trainer, TrainerCallback, TrainingArguments

    found = ShardFolder(arguments.data, tokenizer=tokenizer.digest)
    length = statistics.mean(len(found[n]) for n in range(min(2000, len(found))))
    size = max(1, round(arguments.batch_tokens / length))
    examples = Examples([found[n % len(found)] for n in range(arguments.steps * size)])
    padded: list[tuple[int, int]] = []

    def collate(batch: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        longest = max(len(row["input_ids"]) for row in batch)
        padded.append((sum(len(row["input_ids"]) for row in batch), longest * len(batch)))
        fill = [longest - len(row["input_ids"]) for row in batch]
        return {
            "input_ids": torch.tensor([row["input_ids"] + [0] * n for row, n in zip(batch, fill, strict=True)]),
            "labels": torch.tensor([row["labels"] + [-100] * n for row, n in zip(batch, fill, strict=True)]),
            "attention_mask": torch.tensor([[1] * (longest - n) + [0] * n for n in fill]),
        }

    class Clock(TrainerCallback):
        times: list[float] = []  # noqa: RUF012  # one run

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.started = time.monotonic()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.times.append(time.monotonic() - self.started)

    network = make_network(SIZES[arguments.size], vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=0)
    with tempfile.TemporaryDirectory(prefix="lathe-") as out:
        setting = TrainingArguments(
            out, per_device_train_batch_size=size, max_steps=arguments.steps, report_to=[], save_strategy="no",
            use_cpu=not torch.cuda.is_available(), bf16=arguments.precision == "bf16", learning_rate=1e-3,
            torch_compile=arguments.compile, disable_tqdm=True, dataloader_pin_memory=False,
            **({"train_sampling_strategy": "group_by_length"} if grouped else {}),
        )  # fmt: skip
        Clock.times = []
        trainer = Trainer(
            network, setting, train_dataset=examples, data_collator=collate, callbacks=[Clock()],
        )  # fmt: skip
        trainer.train()
    steps = [useful / seconds for (useful, _), seconds in list(zip(padded, Clock.times, strict=False))[WARM:]]
    useful, whole = (sum(pair[part] for pair in padded[WARM:]) for part in (0, 1))
    return {"tokens_a_second": round(statistics.median(steps)), "batch": size, "useful": round(useful / whole, 3)}


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--size", default="nano", choices=SIZES)
    parser.add_argument("--precision", default="no", choices=("no", "bf16"))
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--batch-tokens", type=int, default=8192)
    parser.add_argument("--stream-tokens", type=int, default=8192)
    parser.add_argument("--compile", action="store_true")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.load(arguments.tokenizer)
    result: dict[str, Any] = {
        "size": arguments.size, "precision": arguments.precision, "compiled": arguments.compile,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu", "torch": torch.__version__,
    }  # fmt: skip
    result["lathe"] = time_ours(arguments, tokenizer)
    result["trainer"] = time_trainer(arguments, tokenizer, grouped=False)
    result["trainer, like lengths together"] = time_trainer(arguments, tokenizer, grouped=True)
    for peer in ("trainer", "trainer, like lengths together"):
        result[peer]["ratio"] = round(result["lathe"]["tokens_a_second"] / result[peer]["tokens_a_second"], 2)
    result["machine"] = describe_machine(find_toolchain())
    found = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else []
    RESULT.write_text(json.dumps([*found, result], indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
