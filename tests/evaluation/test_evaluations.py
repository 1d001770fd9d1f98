"""Evaluations: figures that are true, the same for the same seed, whoever stopped in between; answers on the ladder."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lathe.cli.app import main
from lathe.cli.inputs import find_units
from lathe.evaluation import (
    AnswerEvaluation,
    Arena,
    NextTokenEvaluation,
    ResultFolder,
    Stopwatch,
    Subjects,
    SubjectSetting,
    TuningEvaluation,
    choose_subjects,
    run_evaluation,
)
from lathe.evaluation import results as results_of
from lathe.llvm import Engine, Toolchain
from lathe.tasks import TASKS, Answer, AskSetting, BuildSetting, Row, open_reader
from lathe.training import Shape, make_network

SOURCE = """
#include <stdint.h>
uint32_t checksum(const uint8_t *data, unsigned count) {
  uint32_t value = ~0u;
  while (count--) {
    value ^= *data++;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
  }
  return ~value;
}
int choose(int x) {
  switch (x) { case 1: return 5; case 2: return 9; case 3: return 12; case 4: return 77; case 9: return 11; }
  return x * 3;
}
unsigned many(const unsigned *p, unsigned n) {
  unsigned a = 0, b = 1;
  for (unsigned i = 0; i < n; i++) { a += p[i] * b; b ^= a >> 3; if (a > 1000) a -= p[0]; }
  return a + b;
}
int plus(int x, int y) { return x + y; }
int minus(int x, int y) { return x - y; }
"""
PROGRAM = """
#include <stdio.h>
int main(void) {
  unsigned value = 1;
  for (unsigned i = 0; i < 20000000u; i++) value = value * 1664525u + 1013904223u + (value >> 7);
  printf("%u\\n", value);
}
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("programs")
    (folder / "some.c").write_text(SOURCE)
    (folder / "same.c").write_text(SOURCE.replace("plus", "sum"))  # but for a name: all of it is there twice
    (folder / "broken.c").write_text("int f(void) { return nothing; }\n")
    return folder


@pytest.fixture(scope="module")
def subjects(engine: Engine, programs: Path) -> Subjects:
    return choose_subjects(engine, find_units([programs], ()), SubjectSetting(seed=3))


def make_tuning(engine: Engine, **others: Any) -> TuningEvaluation:
    ways = others.pop("ways", ("portfolio", "random"))
    return TuningEvaluation(Arena(engine, "loadable", 10, (1, 5, 10), 7), ways, **others)


def question(**others: Any) -> dict[str, Any]:
    return {"task": "tuning", "granularity": "function", "seed": 7, **others}


def fill(engine: Engine, evaluation: Any, subjects: Subjects, out: Path) -> dict[str, Any]:
    run_evaluation(engine, evaluation, subjects, question(), out, lambda *_: None)
    found: dict[str, Any] = json.loads((out / "summary.json").read_text())
    return found


def without_times(report: str) -> str:
    return re.sub(r"## Time.*?(?=\n## )", "", report, flags=re.DOTALL)


def test_a_sample_counts_what_is_there_twice_and_what_failed(engine: Engine, programs: Path) -> None:
    units = find_units([programs], ())
    found = choose_subjects(engine, units, SubjectSetting())
    assert len(found.chosen) == 5 and found.total == 10 and found.repeated == 5
    assert "use of undeclared identifier" in found.failed["broken.c"]
    smaller = choose_subjects(engine, units, SubjectSetting(limit=2))
    assert smaller.chosen == found.chosen[:2] and smaller.digest != found.digest
    whole = choose_subjects(engine, units, SubjectSetting("unit"))
    assert {Path(subject.name).name for subject in whole.chosen} == {"some.c", "same.c"}


def test_figures_are_those_of_the_compiler(
    engine: Engine, toolchain: Toolchain, programs: Path, tmp_path: Path
) -> None:
    whole = choose_subjects(engine, find_units([programs / "some.c"], ()), SubjectSetting("unit"))
    summary = fill(engine, make_tuning(engine, ways=("portfolio", "functions")), whole, tmp_path / "out")
    rows = {
        row["way"]: row for row in ResultFolder(tmp_path / "out", question(programs=whole.digest)).read(whole.chosen)
    }

    def size_of(*flags: str) -> int:
        """Loadable bytes by tools that know nothing of us."""
        obj = tmp_path / "one.o"
        subprocess.run([toolchain.tool("clang"), *flags, "-c", programs / "some.c", "-o", obj], check=True)
        words = [toolchain.tool("llvm-size"), "-A", obj]
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        loaded = (".text", ".rodata", ".eh_frame", ".data")
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(loaded))

    assert rows["portfolio"]["baseline"] == rows["functions"]["baseline"] == size_of("-Oz")
    for name, flag in (("clang -Os", "-Os"), ("clang -O2", "-O2")):
        assert rows[name]["history"] == [size_of(flag)]
    for way in ("portfolio", "functions"):
        history = [cost for cost in rows[way]["history"] if cost is not None]
        saved = 1 - min(*history, rows[way]["baseline"]) / rows[way]["baseline"]
        assert summary["ways"][way]["10"]["saved"] == pytest.approx(saved) and saved > 0
    assert rows["functions"]["instructions after"] is None and "instructions" not in summary["objectives"]["functions"]


def test_a_seed_repeats_it_and_stopping_changes_nothing(
    engine: Engine, subjects: Subjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_of, "_TOGETHER", 2)
    summary = fill(engine, make_tuning(engine), subjects, tmp_path / "once")
    worked = []
    evaluation = make_tuning(engine)

    @dataclass(frozen=True)
    class Counting:
        def work(self, subject: Any) -> Any:
            worked.append(subject.name)
            return evaluation.work(subject)

        summarise, describe = staticmethod(evaluation.summarise), staticmethod(evaluation.describe)

    def stop(done: int, _: int) -> None:
        if done >= 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_evaluation(engine, Counting(), subjects, question(), tmp_path / "twice", stop)
    assert len(worked) == 2 and not (tmp_path / "twice" / "summary.json").exists()
    assert fill(engine, Counting(), subjects, tmp_path / "twice") == summary
    assert len(worked) == len(set(worked)) == len(subjects.chosen)
    once, twice = (without_times((tmp_path / name / "report.md").read_text()) for name in ("once", "twice"))
    assert once == twice and "4 were there before" not in once and "1 programs failed" in once
    assert (tmp_path / "once/plots/saved.svg").read_bytes() == (tmp_path / "twice/plots/saved.svg").read_bytes()


def test_what_saves_more_is_said_to_and_a_long_search_is_the_measure(
    engine: Engine, subjects: Subjects, tmp_path: Path
) -> None:
    longest = frozenset(subject.hash for subject in subjects.chosen[:2])
    summary = fill(engine, make_tuning(engine, long=longest), subjects, tmp_path / "out")
    portfolio, drawn = summary["ways"]["portfolio"], summary["ways"]["random"]
    assert portfolio["10"]["saved"] >= portfolio["5"]["saved"] >= portfolio["1"]["saved"] >= 0
    assert portfolio["10"]["saved"] > drawn["10"]["saved"] and portfolio["10"]["bare"] >= drawn["1"]["bare"]
    low, high = portfolio["10"]["interval"]
    assert low <= portfolio["10"]["saved"] <= high
    for of in (*portfolio.values(), *drawn.values()):
        assert of["smaller"] + of["equal"] + of["larger"] == of["programs"] == len(subjects.chosen)
        assert 0 <= of["share_of_long"] <= 1.001 and of["bare"] <= of["saved"] + 1e-9
    assert summary["failed"][0][0].endswith("broken.c") and 0 <= summary["paired"]["random"] <= 1


def test_run_time_is_told_of_whole_programs(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text(PROGRAM)
    (tmp_path / "lies.c").write_text(PROGRAM.replace("value = 1;", "value = 2;"))
    (tmp_path / "part.c").write_text(SOURCE)
    whole = choose_subjects(engine, find_units([tmp_path], ()), SubjectSetting("unit"))
    named = {Path(subject.name).name: subject for subject in whole.chosen}
    program, part, lies = (named[name] for name in ("program.c", "part.c", "lies.c"))
    data, wrong = engine.emit(program.module, None), engine.emit(lies.module, None)
    with Stopwatch(engine) as stopwatch:
        found = stopwatch.compare(program, data, data)
        assert found and found.same and 0.5 < found.ratio < 2 and found.interval[0] <= found.ratio <= found.interval[1]
        found = stopwatch.compare(program, data, wrong)
        assert found and not found.same
        assert stopwatch.compare(part, engine.emit(part.module, None), engine.emit(part.module, None)) is None


@dataclass(frozen=True)
class Scripted:
    """A model that says of a row what it is told to."""

    say: Any
    name: str = "scripted"
    takes_differences = False
    takes_stages = True

    def propose(self, *_: Any, **__: Any) -> list[Any]:
        return []

    def expect_sizes(self, *_: Any, **__: Any) -> None:
        return None

    def answer(self, task: str, row: Row, setting: AskSetting) -> Iterator[Answer]:
        yield self.say(row)


class Known:
    """What would be right, which rows that are asked do not say."""

    def __init__(self, engine: Engine, task: str, subjects: Subjects) -> None:
        made = [row for s in subjects.chosen for row in TASKS[task].make(engine, s.function, BuildSetting())]
        self._rows = {(row["input"], row.get("architecture")): row for row in made if isinstance(row, dict)}

    def say(self, row: Row) -> Answer:
        assert "output" not in row
        known = self._rows[row["input"], row.get("architecture")]
        sizes = (known["loadable_before"], known["loadable_after"]) if "loadable_after" in known else None
        return Answer(known["output"], sizes=sizes, finished=True)

    def say_other(self, row: Row) -> Answer:
        """Valid, and something else: additions become subtractions."""
        return replace(self.say(row), code=re.sub(r"\badd\b", "sub", str(self.say(row).code)))


def shares_of(summary: dict[str, Any]) -> dict[str, float]:
    return {name: of["share"] for name, of in summary["shares"].items()}


@pytest.mark.parametrize("task", ["emulation", "disassembly"])
def test_who_knows_climbs_the_ladder_and_who_babbles_stays_below(
    engine: Engine, subjects: Subjects, tmp_path: Path, task: str
) -> None:
    known = Known(engine, task, subjects)
    knows = fill(engine, AnswerEvaluation(engine, task, Scripted(known.say), run=True), subjects, tmp_path / "knows")
    shares = shares_of(knows)
    assert shares.pop("refuted", 0) == 0 and shares.pop("agrees", 1) > 0.5
    assert set(shares.values()) == {1.0} and knows["bleu"]["score"] == 1 and "tok:13a" in knows["bleu"]["signature"]
    assert knows["examples"] == (5 if task == "emulation" else 10)
    if task == "emulation":
        assert knows["size_error"] == {"answers": 5, "before": 0, "after": 0}
    babbles = Scripted(lambda row: Answer("define dso_local i32 @f(", finished=True))
    found = fill(engine, AnswerEvaluation(engine, task, babbles), subjects, tmp_path / "babbles")
    shares = shares_of(found)
    assert shares.pop("answered") == 1 and not any(shares.values()) and found["bleu"]["score"] < 0.1
    silent = Scripted(lambda row: replace(known.say(row), finished=False))
    fill(engine, AnswerEvaluation(engine, task, silent), subjects, tmp_path / "silent")
    assert "No answer of scripted to" in (tmp_path / "silent" / "report.md").read_text()[:400]


def test_ir_that_lowers_to_something_else_is_refuted_by_running_it(
    engine: Engine, subjects: Subjects, tmp_path: Path
) -> None:
    says = Scripted(Known(engine, "disassembly", subjects).say_other)
    evaluation = AnswerEvaluation(engine, "disassembly", says, run=True)
    shares = shares_of(fill(engine, evaluation, subjects, tmp_path / "out"))
    assert shares["lowers"] == 1 and shares["proven"] == shares["exact"] < 1 and shares["refuted"] > 0
    assert shares["agrees"] + shares["refuted"] <= 1


def test_alive_is_asked_of_what_lowers(
    engine: Engine, subjects: Subjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = (
        '#!/bin/sh\ncat "$1"; echo "=>"; cat "$2"; echo "Transformation seems to be correct!"; echo\n'
        'printf "Summary:\\n  1 correct transformations\\n  0 incorrect transformations\\n'
        '  0 failed-to-prove transformations\\n  0 Alive2 errors\\n"\n'
    )
    (tmp_path / "alive-tv").write_text(says)
    (tmp_path / "alive-tv").chmod(0o755)
    monkeypatch.setenv("LATHE_ALIVE_TV", str(tmp_path / "alive-tv"))
    evaluation = AnswerEvaluation(engine, "disassembly", Scripted(Known(engine, "disassembly", subjects).say))
    shares = fill(engine, evaluation, subjects, tmp_path / "out")["shares"]
    assert shares["alive proved"]["of"] == 10 and shares["alive refuted"]["share"] == 0
    assert shares["alive proved"]["share"] > 0.5  # of loops and tables it proves less than it says


def test_perplexity_is_that_of_the_network(engine: Engine, subjects: Subjects, tmp_path: Path) -> None:
    """A network that never learnt thinks all tokens about equally likely; of another's, torch says the same."""
    import torch
    from tokenizers import Tokenizer as Inner
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    from lathe.model import Tokenizer

    tokenizer = Tokenizer.train(["define i32 @f() { ret }"] * 9, size=700, words=[])
    network = make_network(
        Shape(32, 1, 2, 64, context=4096), vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=1
    )
    network.save_pretrained(tmp_path / "own")
    tokenizer.save(tmp_path / "own" / "tokenizer.json")
    summary = fill(engine, NextTokenEvaluation(engine, open_reader(str(tmp_path / "own"))), subjects, tmp_path / "out")
    assert set(summary["texts"]) >= {"IR", "assembly"} and not summary["dropped"]
    for of in summary["texts"].values():
        assert 0.7 * tokenizer.size < of["perplexity"] < 1.4 * tokenizer.size
        assert of["bits_a_byte"] == pytest.approx(math.log2(of["perplexity"]) * of["tokens"] / of["bytes"])

    words = {word: number for number, word in enumerate(["?", *"abcdefghij"])}
    inner = Inner(WordLevel(words, unk_token="?"))
    inner.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=inner).save_pretrained(tmp_path / "other")
    config = LlamaConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=8,
    )  # fmt: skip
    torch.manual_seed(1)
    other = LlamaForCausalLM(config)
    other.save_pretrained(tmp_path / "other")
    reader = open_reader(str(tmp_path / "other"))
    short = reader.read({"output": "a b c d e"})
    tokens = torch.tensor([[1, 2, 3, 4, 5]])
    with torch.no_grad():
        loss = float(other(tokens, labels=tokens).loss)
    assert short and short.tokens == 4 and short.nats == pytest.approx(4 * loss, rel=1e-4)
    long = reader.read({"output": " ".join("abcdefghij" * 3)})  # longer than the context: in parts
    assert long and long.tokens == 29


def run_command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *words])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_the_command_writes_a_folder_and_knows_it_again(
    programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ("tuning", "--programs", str(programs), "--strategy", "portfolio", "--compiles", "1,3", "--out", str(out))
    code, said, _ = run_command(capsys, *words)
    assert code == 0 and "1 programs failed" in said and "portfolio" in said
    assert {path.name for path in out.iterdir()} == {
        "question.json", "rows", "summary.json", "report.md", "report.html", "plots",
    }  # fmt: skip
    summary = json.loads((out / "summary.json").read_text())
    assert {"lathe", "llvm", "catalogue", "suite", "machine", "programs", "protocol"} <= set(summary)
    assert run_command(capsys, *words)[0] == 0  # nothing is done again
    code, _, err = run_command(capsys, *words, "--seed", "5")
    assert code == 3 and "its seed is 0, asked for is 5" in err
    (out / "question.json").write_text(json.dumps({"protocol": 0}))
    code, _, err = run_command(capsys, *words)
    assert code == 3 and "its protocol is 0, asked for is 1" in err


def test_what_cannot_be_evaluated_is_one_clear_error(
    programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    for status, message, words in (
        (2, "no strategy", ("tuning", "--programs", str(programs), "--strategy", "magic")),
        (2, "are no budgets", ("tuning", "--programs", str(programs), "--compiles", "1,many")),
        (2, "Unknown objective", ("tuning", "--programs", str(programs), "--objective", "beauty")),
        (2, "have no splits", ("tuning", "--programs", str(programs), "--split", "test")),
        (2, "asks a model", ("tuning", "--programs", str(programs), "--strategy", "model")),
        (3, "no sources", ("tuning", "--programs", str(tmp_path / "empty"))),
        (3, "no function to evaluate", ("tuning", "--programs", str(programs / "broken.c"))),
        (3, "has no model", ("emulation", "--programs", str(programs), "--model", str(tmp_path / "empty"))),
        (2, "is a server", ("next-token", "--programs", str(programs), "--model", "http://localhost:1")),
        (2, "--allow-code", ("general", "--model", "embedded")),
    ):
        code, _, err = run_command(capsys, *words, "--out", str(tmp_path / "out"))
        assert (code, message in err) == (status, True), err


def test_a_model_of_compilers_alone_is_not_asked_about_programs_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _ = run_command(capsys, "general", "--model", "embedded", "--allow-code", "--out", str(tmp_path))
    assert code == 0 and "Skipped: its tokens are Lathe's" in said
    assert json.loads((tmp_path / "summary.json").read_text())["skipped"]


def test_general_skill_is_what_lm_eval_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a stand-in that answers in lm-eval's form: the real one wants the hub for its problems and its judge."""
    asked: dict[str, Any] = {}

    def simple_evaluate(**words: Any) -> dict[str, Any]:
        asked.update(words)
        results = {"humaneval": {"alias": "humaneval", "pass@1,create_test": 0.25, "pass@1_stderr,create_test": 0.1},
                   "mbpp": {"alias": "mbpp", "pass_at_1,none": 0.5, "pass_at_1_stderr,none": 0.1}}  # fmt: skip
        return {"results": results}

    stand_in = types.ModuleType("lm_eval")
    stand_in.__version__, stand_in.simple_evaluate = "0", simple_evaluate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lm_eval", stand_in)
    words = ("general", "--model", "http://localhost:1#some", "--allow-code", "--limit", "3", "--out", str(tmp_path))
    code, said, _ = run_command(capsys, *words)
    assert code == 0 and "25.0 %" in said and "50.0 %" in said
    assert asked["model"] == "local-completions" and asked["limit"] == 3
    assert asked["model_args"] == "base_url=http://localhost:1/v1/completions,model=some"
