"""The model that ships: whole, small enough, with a card of its own figures, and of use without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lathe.llvm import load_catalogue, parse_recipe
from lathe.model import EmbeddedDecoder, Tokenizer
from lathe.search import STAGES, Space
from lathe.tasks import AskSetting, encode_prompt, open_model
from lathe.training import NetworkDecoder, load_network

SHIPPED = Path(__file__).parents[2] / "src" / "lathe" / "model" / "shipped"
HELD_OUT = ("mibench", "embench", "cbench", "humaneval")
IR = "define i32 @f(i32 %0) {\n%2 = add nsw i32 %0, 1\nret i32 %2\n}\n"


def test_it_is_whole_and_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 64 << 20
    tokenizer = Tokenizer.load(SHIPPED / "tokenizer.json")
    network = load_network(SHIPPED, tokenizer=tokenizer.digest)
    assert network.config.vocab_size == tokenizer.size
    assert {path.suffix for path in SHIPPED.iterdir()} == {".gguf", ".json", ".md", ".safetensors"}


def test_its_card_says_what_it_was_made_of_and_what_it_is_worth() -> None:
    card, story = (SHIPPED / "README.md").read_text(), json.loads((SHIPPED / "training.json").read_text())
    metrics = json.loads((SHIPPED / "metrics.json").read_text())
    assert {row["task"] for row in metrics} == {"emulation", "tuning", "disassembly"}
    for row in metrics:
        assert f"| {row['task']} | {row['rows']} | {row['projects']} | {row['loss']:.3f} |" in card
    trained = {name for data in story["data"].values() for name in data["projects"]}
    for project in trained:
        assert f"| {project} |" in card and not any(name in project.lower() for name in HELD_OUT)
    for data in story["data"].values():
        assert data["digest"] in card and all(data["projects"].values())


def test_it_proposes_without_torch(tmp_path: Path) -> None:
    space, stage = Space(load_catalogue(), "x86"), parse_recipe(STAGES[0])
    found = open_model("embedded", cache=tmp_path).propose(IR, stage=stage, space=space, setting=AskSetting(5))
    assert 1 <= len({proposal.recipe for proposal in found}) == len(found) <= 5
    code = (
        "import sys; from pathlib import Path; from lathe.tasks import open_model; "
        f"open_model('embedded', cache=Path({str(tmp_path)!r})); "
        "print({'torch', 'transformers', 'openvino_genai'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("task", ["disassembly", "emulation"])
def test_it_answers(task: str, tmp_path: Path) -> None:
    model = open_model("embedded", cache=tmp_path)
    assembly = ".text\n.globl f\n.type f,@function\nf:\nleal 1(%rdi), %eax\nretq\n"
    rows = {
        "disassembly": {"input": assembly, "architecture": "x86"},
        "emulation": {"input": IR, "recipe": "default<Oz>", "kind": "ll"},
    }
    answer = next(model.answer(task, rows[task], AskSetting()))
    assert answer.code and answer.score is not None and answer.score < 0


def test_eight_bits_say_the_same(tmp_path: Path) -> None:
    tokenizer = Tokenizer.load(SHIPPED / "tokenizer.json")
    prompt = encode_prompt(tokenizer, "tuning", {"stage": STAGES[0], "input": IR})
    whole, eight = NetworkDecoder(load_network(SHIPPED).float()), EmbeddedDecoder(SHIPPED, cache=tmp_path)
    wanted, found = whole.start([prompt])[0], eight.start([prompt])[0]
    assert abs(wanted - found).max() < 0.1 * wanted.std() and wanted.argmax() == found.argmax()
