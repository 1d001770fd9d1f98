"""Evaluation: a network that knows the answers scores full marks, one that knows nothing none; the counts add up."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lathe.cli.app import main
from lathe.corpus import SOURCES, Corpus, SourceSetting, add_batches
from lathe.llvm import Engine, Toolchain, parse_recipe
from lathe.model import Tokenizer
from lathe.tasks import (
    TASKS,
    BuildSetting,
    PackSetting,
    build_dataset,
    list_words,
    pack_datasets,
    read_dataset,
    split_assembly,
)
from lathe.training import LoopSetting, Optimiser, Run, Shape, Stage, export_network, make_network, train

# so few and so short that a small network learns them by heart
SOURCE = """
int add(int x) { return x + 1; }
int multiply(int x, int y) { return x * y; }
long shift(long x) { return x << 3; }
int larger(int x, int y) { return x > y; }
void store(int *p) { *p = 7; }
int load(const int *p) { return p[2]; }
int abs(int);
int absolute(int x) { return abs(x) - 5; }
unsigned masked(unsigned x) { return x & 0xff; }
"""


LOWER = ["-x", "ir", "-", "-Wno-override-module", "-O1", "-Xclang", "-disable-llvm-passes"]


@pytest.fixture(scope="module")
def folder(engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data sets of a few functions, a network that learnt one of them by heart, and one that learnt nothing."""
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / "some").mkdir()
    (folder / "some" / "some.c").write_text(SOURCE)
    corpus = Corpus(folder / "corpus")
    list(add_batches(engine, corpus, SOURCES["directory"](SourceSetting(toolchain, folder, 2), [str(folder / "some")])))
    list(build_dataset("code", TASKS["code"], corpus, folder / "code", BuildSetting()))
    rows = []
    for task in ("disassembly", "tuning"):
        list(build_dataset(task, TASKS[task], corpus, folder / task, BuildSetting()))
        rows += read_dataset(folder / task)
    words = {word for row in rows for word in list_words(parse_recipe(row["recipe"]))}
    texts = [row[key] for row in rows for key in ("input", "output")]
    tokenizer = Tokenizer.train(texts * 4, size=4000, words=sorted(words))
    pack_datasets([folder / "disassembly"], tokenizer, folder / "packed", PackSetting(most_tokens=400))
    run = Run(
        (Stage("all", 250_000, {"disassembly": 1.0}),), batch_tokens=2048, stream_tokens=1024, most_rounds=1000,
        shape=Shape(128, 2, 4, 256, context=400), data={"disassembly": folder / "packed"},
        optimiser=Optimiser(rate=4e-3),
    )  # fmt: skip
    list(train(run, tokenizer, folder / "run", LoopSetting(precision="no")))
    nothing = make_network(
        Shape(32, 1, 2, 64, context=400), vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=1
    )
    nothing.save_pretrained(folder / "nothing")
    tokenizer.save(folder / "nothing" / "tokenizer.json")
    return folder


def run_command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "checkpoint", *words])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_who_knows_the_answers_is_proven_right(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(folder / "disassembly")
    code, out, _ = run_command(capsys, str(folder / "run" / "network"), data, "--json", "--save")
    (found,) = json.loads(out)
    assert code == 0 and json.loads((folder / "run" / "network" / "metrics.json").read_text()) == [found]
    rows = sum(1 for _ in read_dataset(folder / "disassembly"))
    assert found["rows"] + found["too_long"] == rows and found["rows"] > 8 and found["projects"] == 1
    assert found["loss"] < 0.1 and found["scores"]["exact"] > 0.8
    assert sum(group["rows"] for group in found["groups"]["architecture"].values()) == found["rows"]
    assert sum(group["rows"] for group in found["groups"]["prompt tokens"].values()) == found["rows"]
    assert list(found["groups"]["pass"]) == ["default<Oz>"] and "up to 1" in found["groups"]["passes"]
    assert found["confidence"]["error"] < 0.3 and sum(b["rows"] for b in found["confidence"]["bins"]) == found["rows"]
    assert found["scores"]["exact"] <= found["scores"]["proven"] <= found["scores"]["compiles"] <= found["finished"]


def test_who_knows_nothing_scores_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(folder / "nothing"), str(folder / "disassembly"), str(folder / "tuning"), "--limit", "6"]
    code, out, _ = run_command(capsys, *words, "--json")
    disassembly, tuning = json.loads(out)
    assert code == 0 and disassembly["rows"] == tuning["rows"] == 6
    assert disassembly["scores"] == {"exact": 0.0, "compiles": 0.0, "proven": 0.0}
    assert tuning["scores"]["saved"] <= tuning["scores"]["best"] and disassembly["loss"] > 5
    code, out, _ = run_command(capsys, *words, "--by", "architecture")
    assert code == 0 and "disassembly" in out and "saved" in out and "aarch64" in out and "confidence off by" in out
    code, _, err = run_command(capsys, *words, "--by", "colour")
    assert code == 3 and "prompt tokens" in err


def test_what_cannot_be_evaluated_is_one_clear_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        ((folder / "some", folder / "disassembly"), "cannot be read"),
        ((folder / "nothing", folder / "some"), "no examples"),
        ((folder / "nothing", folder / "code"), "has examples of code"),
    ):
        code, _, err = run_command(capsys, *map(str, words))
        assert code == 3 and message in err


def test_disassemble_proves_what_the_network_knows(
    folder: Path, toolchain: Toolchain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clang, assembly = str(toolchain.tool("clang")), tmp_path / "some.s"
    subprocess.run([clang, "-Oz", "-S", "-o", assembly, folder / "some" / "some.c"], check=True)
    export_network(folder / "run" / "network", tmp_path / "out", ["f16"])
    with pytest.raises(SystemExit) as ended:
        main(["disassemble", str(assembly), "--model", str(tmp_path / "out"), "--json"])
    found = json.loads(capsys.readouterr().out)
    proven = [one for one in found if one["standing"] == "proven"]
    assert ended.value.code == (0 if proven == found else 12 if any(one["ir"] is None for one in found) else 11)
    assert len(found) == 8 and len(proven) > 4
    ours = dict(split_assembly(assembly.read_text(), "x86"))
    for one in found:  # by the command line's tools, which know nothing of us
        if one["ir"] is not None:
            words = [clang, *LOWER, "-S", "-o", "-"]
            lowered = subprocess.run(words, input=one["ir"], capture_output=True, text=True, check=True).stdout
            same = dict(split_assembly(lowered, "x86")).get(one["name"]) == ours[one["name"]]
            assert same == (one["standing"] == "proven") and same == (one["difference"] == "")


def test_disassemble_proves_an_object(
    folder: Path, toolchain: Toolchain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clang, whole, one_of = str(toolchain.tool("clang")), tmp_path / "some.o", tmp_path / "one.o"
    subprocess.run([clang, "-Oz", "-c", "-o", whole, folder / "some" / "some.c"], check=True)
    with pytest.raises(SystemExit):
        main(["disassemble", str(whole), "--model", str(folder / "run" / "network"), "--json"])
    proven = [one for one in json.loads(capsys.readouterr().out) if one["standing"] == "proven"]
    assert len(proven) > 4
    for one in proven:
        subprocess.run([clang, *LOWER, "-c", "-o", one_of], input=one["ir"], text=True, check=True)
        names = (f"--disassemble-symbols={one['name']}", "--no-leading-addr", "-r")
        texts = [
            subprocess.run([toolchain.tool("llvm-objdump"), *names, path], capture_output=True, text=True).stdout
            for path in (whole, one_of)
        ]
        code, same = (text.partition(f"<{one['name']}>:\n")[2].strip() for text in texts)
        assert code and code == same
