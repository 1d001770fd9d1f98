"""`lathe models`: who can be asked, and on what conditions."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Annotated, Any

import typer

from lathe.tasks import EMBEDDED

__all__ = ["models"]

_META = (
    'LLM Compiler licence of 27 June 2024: accept it on the hub; pass it on with copies; show "Built with LLM '
    'Compiler"; name what is derived "LLM Compiler …"'
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A model: what `--model` calls it, what it is, for which tasks, and on what conditions."""

    name: str
    what: str
    tasks: str
    conditions: str


_META_ROWS = (
    _Row("hub:facebook/llm-compiler-{7b,13b}", "Meta's, LLVM 17", "emulation", _META),
    _Row("hub:facebook/llm-compiler-{7b,13b}-ftd", "Meta's, LLVM 17", "tuning, emulation, disassembly", _META),
)
_OTHERS = (
    _Row("FOLDER", "of lathe export or lathe train, or any Llama network of transformers", "all", "its own"),
    _Row("hub:OWNER/NAME", "the same, fetched from the hub", "all", "its own"),
    _Row("http://HOST:PORT#NAME", "an OpenAI-compatible server (vLLM, llama.cpp, TGI)", "all", "its own"),
)


def models(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:  # noqa: FBT002
    """List what `--model` can name: the model that Lathe ships, Meta's, and any other."""
    rows = [*_list_shipped(), *_META_ROWS, *_OTHERS]
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=1))
        return
    for row in rows:
        typer.echo(f"{row.name}\n    {row.what}; {row.tasks}\n    {row.conditions}")


def _list_shipped() -> list[_Row]:
    """What is in the package, by its own story."""
    story = resources.files("lathe.model") / "shipped" / "training.json"
    if not story.is_file():
        return []
    found: dict[str, Any] = json.loads(story.read_text(encoding="utf-8"))
    tokens = sum(stage["tokens"] for part in (*found.get("before", []), found) for stage in part["stages"])
    what = f"Lathe's, {found['size']}, {tokens / 1e6:.0f} M tokens, LLVM 22"
    return [_Row(EMBEDDED, what, "tuning, emulation, disassembly", "Apache-2.0; card: lathe/model/shipped/README.md")]
