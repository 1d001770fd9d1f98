"""How much memory the commands for corpora and data sets take, on a corpus and on a quarter of it.

    python benchmarks/memory.py --corpus CORPUS --tokenizer TOKENIZER

Each command runs as a user would run it, on a copy made of links. The peak is of the proportional set size (what pages
that processes share count once) of all its processes together, looked at ten times a second. results/memory.json has
MiB and seconds by command and corpus.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from machine import describe_machine

from lathe.corpus import KINDS, Corpus
from lathe.llvm import find_toolchain

RESULT = Path(__file__).parent / "results" / "memory.json"
EXAMPLES = Path(__file__).parents[1] / "examples"


def read_pss(process: int) -> int:
    """Bytes of a process, and of those that it started; none of one that has ended."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        children = [c for t in Path(f"/proc/{process}/task").iterdir() for c in (t / "children").read_text().split()]
    except (OSError, ValueError):
        return 0
    own = next((int(line.split()[1]) << 10 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(read_pss(int(child)) for child in set(children))


def run(words: list[str]) -> dict[str, float]:
    """Peak and seconds of a command, which must succeed."""
    started, peak = time.monotonic(), 0
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([sys.executable, "-m", "lathe", *words], stdout=said, stderr=said)
        while process.poll() is None:
            peak = max(peak, read_pss(process.pid))
            time.sleep(0.1)
        said.seek(0)
        assert process.returncode == 0, said.read().decode()
    return {"mib": round(peak / 2**20), "seconds": round(time.monotonic() - started, 1)}


def link_corpus(corpus: Path, out: Path, step: int) -> Corpus:
    """Every so manieth file of a corpus, as a corpus of its own."""
    found = Corpus(out)
    for kind in KINDS:
        (out / kind).mkdir(parents=True)
        for path in Corpus(corpus).files(kind)[::step]:
            os.link(path, out / kind / path.name)
    return found


def list_commands(corpus: Path, tokenizer: Path) -> Iterator[tuple[str, list[str]]]:
    """What users run, in order; later ones use what those before wrote."""
    folder = str(corpus)
    out = corpus.parent / "out"
    yield "corpus add", ["corpus", "add", folder, "directory", str(EXAMPLES)]
    yield "corpus split", ["corpus", "split", folder]
    yield "corpus stats", ["corpus", "stats", folder]
    yield "corpus export", ["corpus", "export", folder, "-o", str(out / "export"), "--kind", "programs"]
    for task, limit in (("emulation", "2000"), ("disassembly", "2000"), ("tuning", "4")):
        yield f"dataset {task}", ["dataset", task, folder, "-o", str(out / task), "--split", "train", "--limit", limit,
                                  "--compiles", "20"]  # fmt: skip
    yield "dataset pack", ["dataset", "pack", str(out / "emulation"), str(out / "tuning"), "-o", str(out / "packed"),
                           "--tokenizer", str(tokenizer)]  # fmt: skip


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    arguments = parser.parse_args()
    result: dict[str, Any] = {"processes": len(os.sched_getaffinity(0)), "corpora": []}
    for step in (4, 1):
        with tempfile.TemporaryDirectory(prefix="lathe-", dir=arguments.corpus.parent) as name:
            corpus = link_corpus(arguments.corpus, Path(name, "corpus"), step)
            sizes = {kind: sum(1 for _ in corpus.hashes(kind)) for kind in KINDS}
            row: dict[str, Any] = {**sizes, "commands": {}}
            for what, words in list_commands(corpus.folder, arguments.tokenizer):
                row["commands"][what] = run(words)
                print(sizes, what, row["commands"][what], flush=True)
            result["corpora"].append(row)
    result["machine"] = describe_machine(find_toolchain())
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
