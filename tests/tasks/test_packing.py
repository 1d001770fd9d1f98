"""Prompts and packing: what a row says comes back from its tokens, and no row is lost, cut, or twice in the shards."""

from __future__ import annotations

import json
import random
import statistics
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES

from lathe.cli.app import main
from lathe.corpus import SOURCES, Corpus, SourceSetting, add_batches, make_usual_module
from lathe.errors import InputError, RecipeError
from lathe.llvm import Engine, Recipe, Toolchain, load_catalogue, parse_recipe
from lathe.model import TokenExample, Tokenizer, TokenShard
from lathe.search import STAGES, Space, load_portfolio
from lathe.tasks import (
    HEADS,
    SCORERS,
    TASKS,
    Answer,
    BuildSetting,
    PackSetting,
    Row,
    build_dataset,
    draw_recipe,
    encode_row,
    list_words,
    pack_datasets,
    read_answer,
    read_dataset,
    read_words,
)


@pytest.fixture(scope="module")
def folders(engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("packing")
    (folder / "some").mkdir()
    (folder / "some" / "sorting.c").write_bytes((EXAMPLES / "sorting.c").read_bytes())
    corpus = Corpus(folder / "corpus")
    list(add_batches(engine, corpus, SOURCES["directory"](SourceSetting(toolchain, folder, 2), [str(folder / "some")])))
    for task in TASKS:
        list(build_dataset(task, TASKS[task], corpus, folder / task, BuildSetting(each=3), jobs=2))
    return {task: folder / task for task in TASKS}


@pytest.fixture(scope="module")
def rows(folders: dict[str, Path]) -> dict[str, list[Row]]:
    return {task: list(read_dataset(folder)) for task, folder in folders.items()}


@pytest.fixture(scope="module")
def tokenizer(rows: dict[str, list[Row]]) -> Tokenizer:
    texts = [row[key] for of in rows.values() for row in of for key in ("input", "output")]
    recipes = [row["recipe"] for of in rows.values() for row in of]
    words = {word for recipe in recipes for word in list_words(parse_recipe(recipe))}
    return Tokenizer.train(texts, size=3000, words=sorted(words))


def test_recipes_come_back_from_their_words(toolchain: Toolchain) -> None:
    pipeline = make_usual_module(toolchain, "x86_64-pc-linux-gnu").target.pipeline
    catalogue, rng = load_catalogue(), random.Random(3)
    space = Space(catalogue, "x86")
    drawn = [draw_recipe(rng, space, pipeline) for _ in range(100)]
    shipped = [recipe for kind in ("across", "whole") for recipe in load_portfolio(catalogue, "x86", stage=kind)]
    apart = parse_recipe("function(gvn),function(dce),cgscc(devirt<4>(inline,function(sroa)))")
    for recipe in (Recipe(()), apart, *drawn, *shipped, *map(parse_recipe, STAGES)):
        assert read_words(list_words(recipe)) == parse_recipe(str(recipe))
    assert list_words(parse_recipe("gvn,licm -inline-threshold=25")) == ["gvn", "licm", "-inline-threshold=25"]
    assert list_words(apart)[:3] == ["function(", "gvn", ")"]
    with pytest.raises(RecipeError):
        read_words(["function(", "gvn"])


def test_heads_are_those_that_llvm_prints(engine: Engine) -> None:
    triples = {"x86": "x86_64-pc-linux-gnu", "aarch64": "aarch64-unknown-linux-gnu"}
    for architecture, triple in triples.items():
        text = engine.emit(make_usual_module(engine.toolchain, triple), Recipe(()), "ll").decode()
        assert HEADS[architecture] in text


def test_an_example_says_what_its_row_says(tokenizer: Tokenizer, rows: dict[str, list[Row]]) -> None:
    def tell(tokens: Any) -> str:
        return tokenizer.decode(tokens).decode()

    head = HEADS["x86"]
    for row in rows["emulation"]:
        found = encode_row(tokenizer, "emulation", row)
        words = "".join(list_words(parse_recipe(row["recipe"])))
        assert tell(found.prompt) == row["input"].removeprefix(head) + words
        sizes = f"{row['loadable_before']} {row['loadable_after']}"
        assert tell(found.completion) == row["output"].removeprefix(head) + sizes
        assert found.prompt[-2:] == [
            tokenizer.tag("ir" if row["kind"] == "ll" else "assembly"),
            tokenizer.tag("output"),
        ]
    for row in rows["tuning"]:
        found = encode_row(tokenizer, "tuning", row)
        assert tell(found.prompt) == row["input"].removeprefix(head)
        words = "".join(list_words(parse_recipe(row["recipe"])))
        sizes = f"{row['loadable_baseline']} {row['loadable_after']}"
        assert tell(found.completion) == words + sizes + row["output"].removeprefix(head)
        assert row["loadable_after"] <= row["loadable_baseline"]
    for row in rows["disassembly"]:
        found = encode_row(tokenizer, "disassembly", row)
        assert tokenizer.tag(row["architecture"]) == found.prompt[2] == found.completion[0]
        assert (tell(found.prompt), tell(found.completion)) == (
            row["input"], row["output"].removeprefix(HEADS[row["architecture"]])
        )  # fmt: skip
    for row in rows["code"]:
        found = encode_row(tokenizer, "code", row)
        assert list(found.prompt) == [tokenizer.tag("ir" if row["kind"] == "ll" else "assembly")]
        assert found.completion[0] == tokenizer.tag(row["architecture"])
        assert tell(found.completion) == row["output"].removeprefix(head)
    for task, of in rows.items():
        found = encode_row(tokenizer, task, of[0])
        assert found.completion[-1] == tokenizer.tag("end")
        assert task == "code" or found.prompt[0] == tokenizer.tag(task)


def test_an_answer_is_read_and_scored_by_the_compiler(
    engine: Engine, tokenizer: Tokenizer, rows: dict[str, list[Row]]
) -> None:
    for task, scorer in SCORERS.items():
        for row in rows[task][::5]:
            # nothing after the end counts
            tokens = [
                *encode_row(tokenizer, task, row).completion,
                tokenizer.tag("output"),
            ]
            answer = read_answer(tokenizer, task, tokens)
            assert answer.finished and answer.code == row["output"]
            score = scorer(engine, row, answer)
            assert (score.exact, score.compiles, score.size_error, score.proven) == (
                1, 1, 0 if task == "emulation" else None, 1 if task == "disassembly" else None
            )  # fmt: skip
            if task == "tuning":
                assert answer.sizes == (row["loadable_baseline"], row["loadable_after"])
                assert score.saved == score.best == 1 - row["loadable_after"] / row["loadable_baseline"]
            for wrong in (tokens[:7], [], [tokenizer.tag("sizes"), *tokenizer.encode("1 2 3")]):
                found = read_answer(tokenizer, task, wrong)
                assert not found.finished
                score = scorer(engine, row, found)
                assert (score.saved or 0) <= (score.best or 0)
                assert task == "tuning" or (score.exact, score.compiles, score.proven or 0) == (0, 0, 0)
    other = next(row for row in rows["disassembly"] if " = add " in row["output"] and row["architecture"] == "x86")
    score = SCORERS["disassembly"](engine, other, Answer(other["output"].replace(" = add ", " = sub "), finished=True))
    assert (score.exact, score.compiles, score.proven) == (0, 1, 0)
    asm = HEADS["x86"] + 'define void @f() {\n  call void asm "nop", ""()\n  ret void\n}\n'
    assert SCORERS["disassembly"](engine, other, Answer(asm, finished=True)).compiles == 0


def as_tuple(example: TokenExample) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(map(int, example.prompt)), tuple(map(int, example.completion))


def test_all_rows_that_fit_are_in_the_shards_once(
    tokenizer: Tokenizer, folders: dict[str, Path], rows: dict[str, list[Row]], tmp_path: Path
) -> None:
    setting = PackSetting(seed=5, shard_tokens=2_000, most_tokens=600, jobs=2)
    summary = pack_datasets(list(folders.values()), tokenizer, tmp_path / "one", setting)
    assert summary == json.loads((tmp_path / "one" / "summary.json").read_text())
    counts = summary["counts"]
    wanted = sorted(as_tuple(encode_row(tokenizer, task, row)) for task, of in rows.items() for row in of)
    fitting = [one for one in wanted if len(one[0]) + len(one[1]) <= 600]
    shards = [TokenShard(path, tokenizer=tokenizer.digest) for path in sorted((tmp_path / "one").glob("tokens-*"))]
    found = [as_tuple(example) for shard in shards for example in shard]
    assert 0 < len(fitting) < len(wanted) and sorted(found) == fitting != found
    assert counts["examples"] == len(fitting) and counts["dropped: more than 600 tokens"] == len(wanted) - len(fitting)
    assert sum(of["total"] for of in summary["tokens"].values()) == sum(shard.tokens for shard in shards)
    assert counts["shards"] == len(shards) > 2
    assert summary["projects"] == {"some": {rows["tuning"][0]["licence"]: counts["examples"]}}
    lengths = sorted(len(as_row) for as_row in (encode_row(tokenizer, "emulation", r) for r in rows["emulation"]))
    lengths = [length for length in lengths if length <= 600]
    emulation = summary["tokens"]["emulation"]
    assert (emulation["examples"], emulation["most"]) == (len(lengths), lengths[-1])
    assert emulation["median"] == statistics.median_low(lengths)
    assert all(2_000 <= shard.tokens < 2_600 for shard in shards[:-1])

    for name, other in (("two", setting), ("three", PackSetting(6, 2_000, 600))):
        pack_datasets(list(folders.values()), tokenizer, tmp_path / name, other)
    one, two, three = (
        [p.read_bytes() for p in sorted((tmp_path / n).glob("tokens-*"))] for n in ("one", "two", "three")
    )
    assert one == two != three


def test_a_word_that_the_tokenizer_lacks_drops_a_row(folders: dict[str, Path], tmp_path: Path) -> None:
    found = pack_datasets([folders["emulation"]], Tokenizer.train(["i32"], size=600), tmp_path, PackSetting())
    assert list(found["counts"]) == ["dropped: a word that the tokenizer lacks"] and not found["tokens"]


def test_pack_as_a_user_would(
    tokenizer: Tokenizer, folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    words = ["dataset", "pack", *map(str, folders.values()), "-o", str(tmp_path / "out"), "--compress",
             "--tokenizer", str(tmp_path / "tokenizer.json")]  # fmt: skip
    for status in (0, 3):  # nothing is overwritten
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == status
    said = capsys.readouterr()
    assert "emulation: " in said.out and "1 shards" in said.out and "Name another folder" in said.err
    (packed,) = (tmp_path / "out").glob("tokens-*")
    with pytest.raises(SystemExit) as ended:
        main(["dataset", "unpack", str(packed)])
    assert ended.value.code == 0 and len(TokenShard(packed.with_suffix(""))) > 40

    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(InputError, match="no examples"):
            pack_datasets([folder], tokenizer, tmp_path / "more", PackSetting())
