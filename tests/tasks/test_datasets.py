"""Data sets: every row can be made again, two runs make the same files, what does not fit is dropped and counted."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES

from lathe.corpus import SOURCES, Corpus, SourceSetting, add_batches
from lathe.errors import InputError, OutputError
from lathe.llvm import (
    PIECE_FLAG,
    Engine,
    Module,
    Recipe,
    Target,
    Toolchain,
    load_catalogue,
    normalise_assembly,
    normalise_ir,
    parse_recipe,
)
from lathe.search import STAGES, Space, kind_of, load_portfolio, plain_after
from lathe.tasks import TASKS, BuildSetting, Row, build_dataset, draw_recipe, read_dataset, summarise

INLINE = 'int inline_assembly(int x) { __asm__("" : "+r"(x)); return x + 1; }\n'


@pytest.fixture(scope="module")
def corpus(engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "some").mkdir()
    for name in ("sorting.c", "json_parser.c"):
        (folder / "some" / name).write_bytes((EXAMPLES / name).read_bytes())
    (folder / "some" / "inline.c").write_text(INLINE)
    corpus = Corpus(folder / "corpus")
    setting = SourceSetting(toolchain, folder / "work", 2)
    list(add_batches(engine, corpus, SOURCES["directory"](setting, [str(folder / "some")])))
    return corpus


def build(task: str, corpus: Corpus, out: Path, setting: BuildSetting, **more: Any) -> Counter[str]:
    shards = build_dataset(task, TASKS[task], corpus, out, setting, jobs=2, **more)
    return sum((done.counts for done in shards), Counter[str]())


def test_emulation_can_be_made_again(engine: Engine, corpus: Corpus, tmp_path: Path) -> None:
    setting = BuildSetting(seed=3, each=2)
    counts = build("emulation", corpus, tmp_path / "one", setting)
    rows = list(read_dataset(tmp_path / "one"))
    assert len(rows) == counts["examples"] > 40
    functions = {function.hash: function for function in corpus.functions()}
    assert {row["kind"] for row in rows} == {"ll", "asm"} and any("default<Oz>" in row["recipe"] for row in rows)
    for row in rows[::7]:
        function, recipe = functions[row["function"]], parse_recipe(row["recipe"])
        module = Module(row["input"].encode(), function.target)
        again = engine.emit(module, recipe, row["kind"]).decode()
        output = normalise_ir(again) if row["kind"] == "ll" else normalise_assembly(again, "x86")
        before, after = engine.measure(module, [Recipe(()), recipe])
        assert output == row["output"]
        assert (before.loadable, after.loadable) == (row["loadable_before"], row["loadable_after"])
        assert (before.instructions, after.instructions) == (row["instructions_before"], row["instructions_after"])
        assert (row["project"], row["llvm"], row["seed"]) == ("some", engine.toolchain.version, 3)
    summary = summarise(tmp_path / "one", counts)
    assert summary["counts"]["examples"] == len(rows) and summary["bytes"]["input"]["most"] <= setting.most_bytes


def test_tuning_labels_hold_what_they_say(engine: Engine, corpus: Corpus, tmp_path: Path) -> None:
    counts = build("tuning", corpus, tmp_path / "out", BuildSetting(compiles=20))
    rows = list(read_dataset(tmp_path / "out"))
    assert len(rows) == counts["examples"] > 20
    targets = {program.hash: program.target for program in corpus.programs()}
    assert {row["stage"] for row in rows} == {STAGES[0], STAGES[2]}
    for row in rows:
        target = targets[row["program"]]
        module = Module(row["input"].encode(), replace(target, flags=(*target.flags, PIECE_FLAG)))
        stage, recipe = parse_recipe(row["stage"]), parse_recipe(row["recipe"])
        before, baseline, after = engine.measure(module, [Recipe(()), plain_after(stage), recipe])
        sizes = before.loadable, baseline.loadable, after.loadable
        assert sizes == (row["loadable_before"], row["loadable_baseline"], row["loadable_after"])
        assert normalise_ir(engine.emit(module, recipe, "ll").decode()) == row["output"]
        assert after.links_like(baseline) and after.loadable <= baseline.loadable
        others = [parse_recipe(one["recipe"]) for one in row["recipes"]]
        assert [m.loadable for m in engine.measure(module, others)] == [one["loadable"] for one in row["recipes"]]
        shipped = load_portfolio(stage=kind_of(stage))
        assert row["accepted"] == (recipe in shipped or recipe == plain_after(stage))
    saved = 1 - sum(row["loadable_after"] for row in rows) / sum(row["loadable_baseline"] for row in rows)
    assert saved > 0.03
    assert any(len(row["recipes"]) > 2 for row in rows)


def test_disassembly_pairs_ir_with_its_assembly(engine: Engine, corpus: Corpus, tmp_path: Path) -> None:
    counts = build("disassembly", corpus, tmp_path / "out", BuildSetting())
    rows = list(read_dataset(tmp_path / "out"))
    assert counts["dropped: inline assembly"] == 1
    assert {row["architecture"] for row in rows} == {"x86", "aarch64"}
    target = next(corpus.functions()).target
    for row in rows[::5]:
        assert "asm" not in row["output"]
        read = engine.read(row["output"].encode(), row["name"])
        assert Target(read.triple).architecture == row["architecture"]
        if row["architecture"] == "x86":
            lowered = engine.emit(Module(row["output"].encode(), target), Recipe(()), "asm").decode()
            assert normalise_assembly(lowered, "x86") == row["input"]


def test_code_is_ir_and_assembly_of_each_function(engine: Engine, corpus: Corpus, tmp_path: Path) -> None:
    counts = build("code", corpus, tmp_path / "out", BuildSetting(each=3))
    rows = list(read_dataset(tmp_path / "out"))
    assert len(rows) == counts["examples"] > 100
    assert {(row["kind"], row["architecture"]) for row in rows} == {("ll", "x86"), ("asm", "x86"), ("asm", "aarch64")}
    assert {"", "default<O3>", "default<Oz>"} < {row["recipe"] for row in rows}
    functions = {function.hash: function for function in corpus.functions()}
    for row in rows[::9]:
        if row["architecture"] == "x86":
            text = engine.emit(functions[row["function"]].module, parse_recipe(row["recipe"]), row["kind"]).decode()
            assert row["output"] == (normalise_ir(text) if row["kind"] == "ll" else normalise_assembly(text, "x86"))


def test_two_runs_make_the_same_files_and_a_stopped_one_goes_on(corpus: Corpus, tmp_path: Path) -> None:
    setting = BuildSetting(seed=1)
    first = build("emulation", corpus, tmp_path / "one", setting)
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    lost = sorted((tmp_path / "one").glob("*.json"))[0]
    lost.unlink()
    lost.with_suffix(".parquet").write_bytes(b"half a fi")  # as if it had been stopped there
    assert build("emulation", corpus, tmp_path / "one", setting) == first
    assert build("emulation", corpus, tmp_path / "two", setting) == first
    for folder in ("one", "two"):
        assert {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()} == files
    (tmp_path / "one" / next(name for name in files if name.endswith(".parquet"))).write_bytes(b"PAR1")
    with pytest.raises(InputError, match="is broken"):
        list(read_dataset(tmp_path / "one"))


def test_a_folder_that_cannot_be_written_is_one_clear_error(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot be written"):  # raised in another process
        build("emulation", corpus, tmp_path / "file" / "out", BuildSetting())


def test_what_does_not_fit_is_refused_not_cut(corpus: Corpus, tmp_path: Path) -> None:
    counts = build("emulation", corpus, tmp_path / "out", BuildSetting(most_bytes=3000))
    rows: list[Row] = list(read_dataset(tmp_path / "out"))
    assert counts["dropped: input too long"] > 0
    assert all(max(len(row["input"]), len(row["output"])) <= 3000 for row in rows)
    assert sum(counts.values()) == len(list(corpus.functions()))


def test_a_large_project_does_not_drown_the_others(corpus: Corpus, tmp_path: Path) -> None:
    counts = build("code", corpus, tmp_path / "out", BuildSetting(), most_of_project=12)
    found = {row["function"] for row in read_dataset(tmp_path / "out")}
    assert 4 < len(found) < len(list(corpus.functions())) and counts["examples"] >= len(found)


def test_pass_lists_are_drawn_as_the_paper_draws_them(corpus: Corpus) -> None:
    space, rng = Space(load_catalogue(), "x86"), random.Random(0)
    pipeline = next(corpus.functions()).target.pipeline
    recipes = [draw_recipe(rng, space, pipeline) for _ in range(400)]
    words = [sum(not p.children for top in r.passes for p in top.walk()) for r in recipes]
    alone = [n for n, r in zip(words, recipes, strict=True) if "default<Oz>" not in str(r) and n <= 50]
    assert min(alone) == 1 and max(alone) == 50 and 20 < sum(alone) / len(alone) < 31
    with_oz = [str(r) for r in recipes if "default<Oz>" in str(r)]
    assert any(text.startswith("default<Oz>,") for text in with_oz)
    assert any(text.endswith(",default<Oz>") for text in with_oz)
    assert sum(n > 60 for n in words) > 5  # clang's whole pipeline with something inside
