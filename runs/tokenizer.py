"""Train the tokenizer on a corpus, and say how many bytes a token stands for on held-out text.

    python runs/tokenizer.py --corpus CORPUS --out DIR [--sizes 4096 8192 16384] [--megabytes N]

Texts are drawn from training projects, the same number of bytes of each kind: IR as clang prints it and in its normal
form, both unoptimised and at -Oz, and assembly in its normal form for x86-64 and AArch64. The figures are for the same
kinds of text of validation and test projects. DIR/tokenizer-SIZE.json is written for each size.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from lathe.corpus import Corpus, make_usual_module
from lathe.errors import CompileError
from lathe.llvm import (
    LEVELS,
    Engine,
    Module,
    Recipe,
    find_toolchain,
    load_catalogue,
    parse_recipe,
    read_pipeline,
)
from lathe.model import Tokenizer
from lathe.search import Space
from lathe.tasks import BuildSetting, list_words, make_disassembly

AS_IT_IS, OZ = Recipe(()), parse_recipe("default<Oz>")
HELD_OUT_MEGABYTES = 1.0  # of each kind


def list_vocabulary(engine: Engine) -> list[str]:
    """The words of recipes, and their options with values, for any architecture; those of clang's own pipeline too."""
    spaces = [Space(load_catalogue(), architecture) for architecture in ("x86", "aarch64", "arm", "riscv")]
    words = [str(word) for space in spaces for word in space.words]
    options = [str(option) for space in spaces for option in space.options]
    adaptors = [f"{level}(" for level in LEVELS]
    pipeline = make_usual_module(engine.toolchain, "x86_64-pc-linux-gnu").target.pipeline
    return sorted({*words, *options, *adaptors, ")", *list_words(read_pipeline(pipeline))})


def draw_texts(engine: Engine, corpus: Corpus, splits: tuple[str, ...], megabytes: float) -> dict[str, list[str]]:
    """Texts of each kind, so many megabytes of each, from functions and programs in random order."""
    hashes = {
        kind: sorted(row["hash"] for split in splits for row in corpus.read(kind, ["hash"], split=split))
        for kind in ("programs", "functions")
    }
    texts: dict[str, list[str]] = {}
    full: set[str] = set()

    def add(kind: str, text: str) -> None:
        texts.setdefault(kind, []).append(text)
        if sum(map(len, texts[kind])) > megabytes * 1e6:
            full.add(kind)

    for found in draw_from(engine, corpus, splits, hashes):
        for kind, text in found:
            if kind not in full:
                add(kind, text)
        if len(full) == 6:
            break
    return texts


def draw_from(
    engine: Engine, corpus: Corpus, splits: tuple[str, ...], hashes: dict[str, list[str]]
) -> Iterator[list[tuple[str, str]]]:
    """All kinds of text of one program or function after the other."""
    rng = random.Random(4)
    few = set(rng.sample(hashes["programs"], min(400, len(hashes["programs"]))))
    many = set(rng.sample(hashes["functions"], min(20_000, len(hashes["functions"]))))
    programs = [p for split in splits for p in corpus.programs(split=split) if p.hash in few]
    functions = [f for split in splits for f in corpus.functions(split=split) if f.hash in many]
    rng.shuffle(programs)
    rng.shuffle(functions)
    for program in programs:
        printed = engine.emit(program.module, AS_IT_IS, "ll").decode("utf-8", "replace")
        yield [("IR as printed", printed), *emit(engine, program.module, "IR at -Oz as printed")]
    for function in functions:
        found = [("IR, normal form", function.ir)]
        for row in make_disassembly(engine, function, BuildSetting(most_bytes=1 << 20)):
            if isinstance(row, dict):
                found.append((f"assembly, {row['architecture']}", row["input"]))
                found.append(("IR at -Oz, normal form", row["output"]))
        yield found


def emit(engine: Engine, module: Module, kind: str) -> list[tuple[str, str]]:
    """IR at -Oz as LLVM prints it, where it can."""
    try:
        return [(kind, engine.emit(module, OZ, "ll").decode("utf-8", "replace"))]
    except CompileError:
        return []


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[4096, 8192, 16384])
    parser.add_argument("--megabytes", type=float, default=8.0, help="of each kind of text")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(arguments.corpus)
    with Engine(find_toolchain()) as engine:
        words = list_vocabulary(engine)
        training = draw_texts(engine, corpus, ("train",), arguments.megabytes)
        held_out = draw_texts(engine, corpus, ("validation", "test"), HELD_OUT_MEGABYTES)
    print({kind: f"{sum(map(len, of)) / 1e6:.1f} MB" for kind, of in training.items()}, len(words), "words")
    for size in arguments.sizes:
        tokenizer = Tokenizer.train((text for of in training.values() for text in of), size=size, words=words)
        tokenizer.save(arguments.out / f"tokenizer-{size}.json")
        rates = {
            kind: round(sum(len(t.encode()) for t in of) / sum(len(tokenizer.encode(t)) for t in of), 2)
            for kind, of in held_out.items()
        }
        print(size, rates, flush=True)


if __name__ == "__main__":
    main()
