"""How fast the embedded model answers, beside `transformers` on the same weights; its start-up and its memory.

    python benchmarks/generation.py DATASET [--model embedded] [--runs 5]

Each is measured in a process of its own, after OpenVINO's form of the model is in the cache: seconds from the start of
Python to a model that is ready (imports included), one recipe for a prompt of about 2,000 tokens, resident memory then,
reading of prompts of 512 tokens (tokens a second) and going on from them, 100 tokens greedily, alone and 16 together.
Medians; results/generation.json. Prompts are DATASET's (tuning), cut or repeated to their length.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STARTED = time.monotonic()
RESULT = Path(__file__).parent / "results" / "generation.json"
LONG, SHORT, SAID, TOGETHER = 2000, 512, 100, 16
WORDS = 200  # room for a recipe, which ends by itself


def open_decoder(kind: str, name: str) -> Any:
    """The model, and the seconds since Python started its work here."""
    from lathe.llvm import find_cache_folder
    from lathe.tasks.models import find_folder
    from lathe.tasks.own import OwnModel

    folder = find_folder(name)
    from lathe.model import EmbeddedDecoder, Tokenizer

    if kind == "embedded":
        decoder: Any = EmbeddedDecoder(folder, cache=find_cache_folder() / "networks")
    else:
        import torch

        from lathe.training import NetworkDecoder, load_network

        network = load_network(folder)
        decoder = NetworkDecoder(network if kind == "transformers, bf16" else network.to(torch.float32))
    return OwnModel(name, Tokenizer.load(folder / "tokenizer.json"), decoder)


def measure(kind: str, name: str, prompts: Path, runs: int) -> dict[str, float]:
    """Everything about one kind, in this process."""
    model = open_decoder(kind, name)
    found = {"start-up, s": time.monotonic() - STARTED}
    from lathe.llvm import load_catalogue
    from lathe.model import Decoding, sample_by_priority
    from lathe.search import Space
    from lathe.tasks import RecipeRule

    rule = RecipeRule(model.tokenizer, Space(load_catalogue(), "x86"))
    tokens = json.loads(prompts.read_text(encoding="utf-8"))
    decoder = model.decoder
    length = min(LONG, decoder.context - WORDS)

    def median(work: Callable[[int], object]) -> float:
        times = []
        for number in range(runs + 1):
            begun = time.monotonic()
            work(number)
            times.append(time.monotonic() - begun)
        return statistics.median(times[1:])

    def go_on(count: int) -> float:
        decoder.start([tokens[n : n + SHORT] for n in range(count)])
        decoder.step(range(count), [[7]] * count)
        begun = time.monotonic()
        for _ in range(SAID):
            decoder.step(range(count), [[7]] * count)
        return count * SAID / (time.monotonic() - begun)

    def answer(number: int) -> object:
        prompt = [*tokens[number : number + length - 1], model.tokenizer.tag("recipe")]
        return next(iter(sample_by_priority(decoder, prompt, Decoding(rule.end, [WORDS], rule), count=1)))

    found["one recipe, s"] = median(answer)
    found["resident, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    found["reading, tokens/s"] = SHORT / median(lambda n: decoder.start([tokens[n : n + SHORT]]))
    for count in (1, TOGETHER):
        found[f"going on, {count} together, tokens/s"] = statistics.median(go_on(count) for _ in range(runs))
    found[f"resident with {TOGETHER} together, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {key: float(f"{value:.3g}") for key, value in found.items()}


def write_prompts(name: str, dataset: Path, out: Path) -> None:
    """The tokens of a data set's prompts, one after the other; reading it needs libraries that answering does not."""
    from lathe.model import Tokenizer
    from lathe.tasks import encode_prompt, read_dataset
    from lathe.tasks.models import find_folder

    tokenizer = Tokenizer.load(find_folder(name) / "tokenizer.json")
    tokens = [token for row in read_dataset(dataset) for token in encode_prompt(tokenizer, "tuning", row)]
    out.write_text(json.dumps(tokens[:8192]), encoding="utf-8")


def main() -> None:
    """Measure each kind in a process of its own, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--kind", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.kind:
        print(json.dumps(measure(arguments.kind, arguments.model, arguments.dataset, arguments.runs)))
        return
    kinds = {}
    with tempfile.TemporaryDirectory(prefix="lathe-") as folder:
        write_prompts(arguments.model, arguments.dataset, prompts := Path(folder) / "prompts.json")
        for kind in ("embedded", "embedded", "transformers, bf16", "transformers, f32"):  # the first fills the cache
            command = [sys.executable, __file__, str(prompts), "--model", arguments.model, "--kind", kind]
            done = subprocess.run([*command, "--runs", str(arguments.runs)], capture_output=True, text=True, check=True)
            kinds[kind] = json.loads(done.stdout.splitlines()[-1])
            print(kind, kinds[kind], flush=True)
    from machine import describe_machine

    from lathe.llvm import find_toolchain

    best = {key: max(of[key] for kind, of in kinds.items() if kind != "embedded") for key in kinds["embedded"]}
    ratios = {key: round(kinds["embedded"][key] / best[key], 2) for key in best if key.endswith("/s")}
    result = {
        "model": arguments.model, "kinds": kinds, "ratios to the faster of transformers": ratios,
        "machine": describe_machine(find_toolchain()),
    }  # fmt: skip
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
