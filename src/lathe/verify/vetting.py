"""What the bundled suite said of the catalogue and the portfolio before they were shipped (`runs/vetting.py` makes it).

The verdicts hold for one suite digest, which covers the programs, their flags and LLVM's exact version; on any other
LLVM they say nothing, and recipes are judged on the spot.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources

__all__ = ["Vetting", "load_vetting"]


@dataclass(frozen=True, slots=True)
class Vetting:
    """Texts of words, options (`-name=value`) and recipes by what was said of them, and by which suite."""

    digest: str
    programs: int
    refused_words: frozenset[str]
    refused_options: frozenset[str]
    accepted_recipes: frozenset[str]


@functools.cache
def load_vetting() -> Vetting:
    """The shipped verdicts."""
    text = (resources.files("lathe.verify") / "data" / "vetting-22.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return Vetting(
        data["digest"], data["programs"], frozenset(data["refused_words"]), frozenset(data["refused_options"]),
        frozenset(data["accepted_recipes"]),
    )  # fmt: skip
