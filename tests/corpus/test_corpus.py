"""The corpus: from every source the same kind of rows, each function once, nothing of what is held out."""

from __future__ import annotations

import fcntl
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import EXAMPLES

from lathe.capture import capture
from lathe.corpus import (
    SOURCES,
    Addition,
    Batch,
    Corpus,
    Ready,
    Shares,
    SourceSetting,
    add_batches,
    hash_functions,
    refuse_held_out,
    split_corpus,
)
from lathe.corpus.debian import BuiltPackage, find_licence
from lathe.errors import InputError, OutputError, UsageError
from lathe.llvm import Engine, Toolchain, Unit, load_unit, parse_recipe

TWICE = "static int twice(int x) { return 2 * x; }\n"
ONE = TWICE + "int one(int x) { return twice(x) + 1; }\nint shared(int *p) { *p += 7; return *p * 3; }\n"
TWO = TWICE + "int two(int x) { return twice(x) + 2; }\nint other_name(int *p) { *p += 7; return *p * 3; }\n"


@pytest.fixture
def setting(toolchain: Toolchain, tmp_path: Path) -> SourceSetting:
    return SourceSetting(toolchain, tmp_path / "work", 2, licence="MIT")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for project, text in (("first", ONE), ("second", TWO)):
        (tmp_path / project).mkdir()
        (tmp_path / project / "a.c").write_text(text)
    return tmp_path


def add(
    engine: Engine, corpus: Corpus, setting: SourceSetting, source: str, *what: object, **more: Any
) -> list[Addition]:
    return list(add_batches(engine, corpus, SOURCES[source](setting, [str(item) for item in what]), **more))


def test_a_directory_gives_programs_and_their_functions(engine: Engine, setting: SourceSetting, tmp_path: Path) -> None:
    for name in ("sorting.c", "hash_map.c", "inventory_cache.cpp"):
        (tmp_path / "some").mkdir(exist_ok=True)
        shutil.copy(EXAMPLES / name, tmp_path / "some" / name)
    corpus = Corpus(tmp_path / "corpus")
    (addition,) = add(engine, corpus, setting, "directory", tmp_path / "some")
    programs, functions = {p.origin.path: p for p in corpus.programs()}, list(corpus.functions())
    assert set(programs) == {"sorting.c", "hash_map.c", "inventory_cache.cpp"}
    assert (addition.programs, addition.functions) == (3, len(functions)) and len(functions) > 100
    program = programs["inventory_cache.cpp"]
    assert (program.origin.project, program.origin.licence, program.origin.language) == ("some", "MIT", "c++")
    truth = load_unit(engine, Unit(tmp_path / "some" / "inventory_cache.cpp"))
    assert program.target == truth.target and program.hash == truth.hash
    assert {f.program for f in functions} == {p.hash for p in programs.values()}
    heap_sort = next(f for f in functions if f.name == "heap_sort")
    before, after = engine.measure(heap_sort.module, [parse_recipe("always-inline"), parse_recipe("default<Oz>")])
    assert before.ok and after.ok and after.instructions < before.instructions
    assert set(after.functions) == {"heap_sort"}


def test_constants_that_functions_share_are_in_each(engine: Engine, setting: SourceSetting, tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "a.c").write_text(
        "extern int puts(const char *);\nstatic const int table[] = {4, 5, 6};\n"
        'int f(int x) { return puts("shared text") + table[x]; }\n'
        'int g(int x) { return puts("shared text") * table[x]; }\n'
        "static int count; int h(void) { return ++count; } int i(void) { return --count; }\n"
    )
    corpus = Corpus(tmp_path / "corpus")
    add(engine, corpus, setting, "directory", tmp_path / "some")
    found = {f.name: f.ir for f in corpus.functions()}
    assert all("shared text" in found[name] and "i32 4, i32 5, i32 6" in found[name] for name in "fg")
    assert all("external hidden global i32" in found[name] for name in "hi")  # one variable cannot be two


def test_equal_functions_are_there_once_whatever_they_are_called(
    engine: Engine, setting: SourceSetting, sources: Path
) -> None:
    corpus = Corpus(sources / "corpus")
    first, second = add(engine, corpus, setting, "directory", sources / "first", sources / "second")
    assert first.functions == 3 and second.functions == 1
    assert second.left_out == {"function: there already": 2}
    assert sorted(f.name for f in corpus.functions()) == ["one", "shared", "twice", "two"]
    assert add(engine, corpus, setting, "directory", sources / "first", sources / "second") == []
    (sources / "second" / "b.c").write_text("int late(int x) { return x / 3; }\n")
    (addition,) = add(engine, corpus, setting, "directory", sources / "first", sources / "second")
    assert (addition.programs, addition.functions) == (1, 1)
    assert addition.left_out == {"program: there already": 1}


def test_two_runs_make_identical_files_and_a_stopped_one_goes_on(
    engine: Engine, setting: SourceSetting, sources: Path
) -> None:
    one, two = Corpus(sources / "one"), Corpus(sources / "two")
    add(engine, one, setting, "directory", sources / "first", sources / "second")
    add(engine, two, setting, "directory", sources / "first")
    add(engine, two, setting, "directory", sources / "first", sources / "second")
    files = [{p.relative_to(c.folder): p.read_bytes() for p in c.folder.rglob("*") if p.is_file()} for c in (one, two)]
    assert files[0] == files[1]


def test_databases_and_captured_builds(engine: Engine, setting: SourceSetting, sources: Path) -> None:
    row = {
        "directory": str(sources),
        "file": "first/a.c",
        "arguments": ["cc", "-DX", "-O0", "-c", "first/a.c", "-o", "a.o"],
    }
    (sources / "compile_commands.json").write_text(json.dumps([row]))
    clang = str(setting.toolchain.tool("clang"))
    command = [
        sys.executable,
        "-P",
        "-m",
        "lathe",
        "capture",
        "-o",
        str(sources / "captured"),
        "--",
        clang,
        "-c",
        "a.c",
    ]
    subprocess.run(command, cwd=sources / "second", check=True)
    corpus = Corpus(sources / "corpus")
    add(engine, corpus, setting, "database", sources / "compile_commands.json")
    add(engine, corpus, setting, "captured", sources / "captured")
    assert [p.origin.path for p in corpus.programs()] == ["a.c", "first/a.c"]
    assert not (sources / "a.o").exists()


def test_parquet_in_the_layout_of_compile(engine: Engine, setting: SourceSetting, sources: Path) -> None:
    add(engine, corpus := Corpus(sources / "corpus"), setting, "directory", sources / "first")
    (program,) = corpus.programs()
    rows = {
        "content": [program.bitcode, b"not bitcode", program.bitcode[: len(program.bitcode) // 2]],
        "license_expression": ["BSD", "MIT", "MIT"], "language": ["c", "c", "rust"],
    }  # fmt: skip
    pq.write_table(pa.table(rows), sources / "compile.parquet")
    other = Corpus(sources / "other")
    (addition,) = add(engine, other, setting, "parquet", sources / "compile.parquet")
    (found,) = other.programs()
    assert found.bitcode == program.bitcode and found.target == program.target and found.origin.licence == "BSD"
    assert sum(addition.left_out.values()) == 2
    pq.write_table(pa.table({"text": ["x"]}), sources / "wrong.parquet")
    with pytest.raises(InputError, match="no column of bitcode"):
        add(engine, other, setting, "parquet", sources / "wrong.parquet")
    (sources / "broken.parquet").write_bytes((sources / "compile.parquet").read_bytes()[:-20])
    with pytest.raises(InputError, match="not a Parquet file"):
        add(engine, other, setting, "parquet", sources / "broken.parquet")


@pytest.mark.skipif(shutil.which("csmith") is None, reason="csmith is not installed")
def test_csmith_by_seed(engine: Engine, setting: SourceSetting, tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "corpus")
    add(engine, corpus, setting, "csmith", "3-4", 7)
    assert sorted(p.origin.path for p in corpus.programs()) == ["3.c", "4.c", "7.c"]


def test_what_is_held_out_is_refused_by_name_and_by_content(
    engine: Engine, setting: SourceSetting, sources: Path
) -> None:
    for name in ("MiBench", "embench-iot", "src/cBench/x.c", "HumanEval-X"):
        with pytest.raises(UsageError, match="evaluation only"):
            refuse_held_out(name)
    refuse_held_out("examples/ecc-benchmark.c")
    shutil.copytree(sources / "first", sources / "copies" / "mibench")  # what it is called is no reason to overlook it
    refused_copy = hash_functions(engine, SOURCES["directory"](setting, [str(sources / "copies")]))
    refused = hash_functions(engine, SOURCES["directory"](setting, [str(sources / "first")]))
    assert refused and refused_copy == refused
    corpus = Corpus(sources / "corpus")
    (addition,) = add(engine, corpus, setting, "directory", sources / "second", held_out=refused)
    assert addition.programs == addition.functions == 0
    assert addition.left_out == {"program: held out, by its functions": 1}
    (sources / "second" / "cbench_v1.c").write_text(TWO.replace("two", "three"))
    *_, addition = add(engine, corpus, setting, "directory", sources / "second")
    assert addition.programs == 1 and addition.left_out["program: held out, by its name"] == 1  # no reason to stop
    with pytest.raises(UsageError):
        list(add_batches(engine, corpus, [Batch("x", "mibench", "", lambda _: "", modules=[Ready(b"", "", "c", "")])]))


def test_broken_sources_are_counted_by_their_cause(engine: Engine, setting: SourceSetting, sources: Path) -> None:
    (sources / "first" / "broken.c").write_text("int f(void) { return undeclared; }\n")
    (sources / "first" / "empty.c").write_text("extern int x;\n")
    (addition,) = add(engine, Corpus(sources / "corpus"), setting, "directory", sources / "first")
    assert addition.programs == 1
    assert addition.left_out == {"program: clang refused it": 1, "program: without functions": 1}


def test_wrong_inputs_and_broken_stores_are_clear_errors(engine: Engine, setting: SourceSetting, sources: Path) -> None:
    corpus = Corpus(sources / "corpus")
    for source, what in (("directory", "missing"), ("captured", "first"), ("database", "first/a.c"), ("csmith", "x")):
        with pytest.raises((InputError, UsageError)):
            add(engine, corpus, setting, source, what if what == "x" else sources / what)
    add(engine, corpus, setting, "directory", sources / "first")
    with (corpus.folder / "additions.jsonl").open("a") as file:
        file.write('{"name": "cut o')  # a crash in the middle of a line
    assert len(corpus.additions()) == 1
    (path,) = corpus.files("functions")
    (path.parent / ".half-written.parquet.1").write_bytes(b"PAR1")
    assert len(list(corpus.functions())) == 3
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=f"{path.name} is broken"):
        list(corpus.functions())
    (sources / "file").write_text("")
    with pytest.raises(OutputError):
        add(engine, Corpus(sources / "file" / "corpus"), setting, "directory", sources / "first")
    with (corpus.folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="Another process"):
            add(engine, corpus, setting, "directory", sources / "second")


def test_projects_are_split_and_near_copies_of_training_left_out(
    engine: Engine,
    setting: SourceSetting,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lathe.corpus.splitting._TOGETHER", 2)  # so that it takes several parts
    corpus = Corpus(tmp_path / "corpus")
    with pytest.raises(UsageError, match="empty"):
        split_corpus(corpus, Shares(), seed=0)
    body = "".join(f"x = x * {k} ^ (x >> {k % 7}); if (x & {k}) x += {k + 1};\n" for k in range(3, 23))
    for number in range(12):
        folder = tmp_path / f"project{number}"
        folder.mkdir()
        near = f"int near(int x) {{ {body} return x + {1000 + number}; }}\n"
        rng = random.Random(number)
        own = "".join(
            f"x = (x {rng.choice('+-*^|')} p[{rng.randrange(99)}]) {rng.choice('%/&')} 7;\n" for _ in range(20)
        )
        (folder / "a.c").write_text(f"int own{number}(int *p, int x) {{ {own} return x; }}\n{near}")
    add(engine, corpus, setting, "directory", *(tmp_path / f"project{n}" for n in range(12)))
    with pytest.raises(UsageError, match="not split"):
        corpus.splits()
    found = split_corpus(corpus, Shares(validation=20, test=30), seed=1)
    assert found["projects"]["train"] and found["projects"]["test"] and sum(found["projects"].values()) == 12
    splits = {split: list(corpus.functions(split=split)) for split in ("train", "validation", "test")}
    assert all(corpus.splits()[f.origin.project] == split for split, rows in splits.items() for f in rows)
    assert {f.name for f in splits["test"]}.isdisjoint({"near"}) and "near" in {f.name for f in splits["train"]}
    assert found["near_training"] == 12 - found["projects"]["train"]
    before = corpus.splits()
    moved = next(name for name, where in before.items() if where == "train")
    split_corpus(corpus, Shares(20, 30, frozenset({moved})), seed=1)
    assert corpus.splits() == before | {moved: "test"}
    split_corpus(corpus, Shares(20, 30, frozenset({"zzz"})), seed=1)
    assert "no project zzz" in caplog.text and corpus.splits() == before
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "a.c").write_text("int late(void) { return 3; }\n")
    add(engine, corpus, setting, "directory", tmp_path / "later")
    split_corpus(corpus, Shares(validation=20, test=30), seed=1)
    assert {name: corpus.splits()[name] for name in before} == before  # nothing moves
    names = dict(corpus.export("functions", tmp_path / "out"))
    assert (
        pq.read_table(tmp_path / "out" / "train.parquet").num_rows
        == names["train"]
        == len(list(corpus.functions(split="train")))
    )


def test_a_package_that_fails_does_not_stop_the_others(
    engine: Engine, setting: SourceSetting, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(name: str, toolchain: Toolchain, work: Path, *, jobs: int) -> BuiltPackage:
        if name == "bad":
            raise InputError("bad: nothing was compiled.")
        captured = work / name
        capture([str(toolchain.tool("clang")), "-c", f"{name}/a.c", "-o", str(work / "a.o")], captured, folder=sources)
        return BuiltPackage(name, "1", sources / name, captured, "")

    monkeypatch.setattr("lathe.corpus.sources.build_package", build)
    monkeypatch.setattr("lathe.corpus.sources.prepare_apt", lambda work: work.mkdir(exist_ok=True))
    corpus = Corpus(sources / "corpus")
    with pytest.raises(InputError, match="bad: nothing"):
        add(engine, corpus, setting, "debian", "first", "bad", "second")
    assert set(corpus.count("programs", "project")) == {"first", "second"}
    assert not list(setting.work.glob("*/*")) and not (sources / "first").exists()  # what was unpacked is gone
    add(engine, corpus, setting, "debian", "first", "second")  # are there: nothing is built


def test_no_room_for_temporary_files_is_an_error(
    engine: Engine, setting: SourceSetting, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = Corpus(sources / "corpus")
    add(engine, corpus, setting, "directory", sources / "first")
    before = list(corpus.functions())

    def connect(path: str, **more: Any) -> sqlite3.Connection:
        base = sqlite3.Connection(path, **more)
        base.execute("PRAGMA max_page_count = 1")
        return base

    monkeypatch.setattr("lathe.corpus.collecting.sqlite3.connect", connect)
    with pytest.raises(OutputError, match="Make room"):
        add(engine, corpus, setting, "directory", sources / "second")
    assert list(corpus.functions()) == before


def test_a_full_disk_is_an_error_not_a_count(
    engine: Engine, setting: SourceSetting, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(command: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:
        done = run(command, **more)
        full = b"error: unable to open output file 'x.bc': 'No space left on device'\n"
        return subprocess.CompletedProcess(command, 1, b"", full) if "-emit-llvm-bc" in command else done

    run = subprocess.run
    monkeypatch.setattr("lathe.capture.subprocess.run", fill)
    with pytest.raises(OutputError, match="No space left on device"):
        add(engine, Corpus(sources / "corpus"), setting, "directory", sources / "first")


def test_licences_of_debian_packages() -> None:
    text = (
        "Format: x\n\nFiles: *\nCopyright: a\nLicense: Zlib\n\nFiles: contrib/*\n ada/*\nLicense: GPL-2+\n\n"
        "License: GPL-2+\n text\n"
    )
    assert [find_licence(text, path) for path in ("inflate.c", "contrib/x.c", "ada/y.c")] == [
        "Zlib",
        "GPL-2+",
        "GPL-2+",
    ]
    assert find_licence("", "x.c") == "see debian/copyright"
