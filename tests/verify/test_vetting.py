"""The shipped verdicts belong to the shipped suite, and cover what they must."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from lathe.llvm import Engine, Toolchain, load_catalogue, parse_recipe
from lathe.search import list_vetted, load_portfolio, plain_after
from lathe.verify import SUITES, Decision, Gate, SourceSetting, digest_programs, load_vetting


def test_they_are_those_of_the_shipped_suite(toolchain: Toolchain, tmp_path: Path) -> None:
    text = (resources.files("lathe.verify") / "data" / "vetting-22.json").read_text(encoding="utf-8")
    if json.loads(text)["llvm"] != toolchain.version:
        pytest.skip("the shipped verdicts are for another LLVM")
    programs = SUITES["bundled"](SourceSetting(tmp_path))
    assert load_vetting().digest == digest_programs(toolchain, programs), "run runs/vetting.py again"
    assert load_vetting().programs == len(programs) >= 120


def test_the_whole_portfolio_is_accepted() -> None:
    accepted = load_vetting().accepted_recipes
    assert {str(recipe) for recipe in load_portfolio()} <= accepted
    for stage, shipped in list_vetted(load_catalogue(), "x86"):
        assert len(shipped) >= 30
        assert {str(stage.then(recipe)) for recipe in (plain_after(stage), *shipped)} <= accepted


def test_the_gate_knows_the_portfolio_without_running_anything(engine: Engine) -> None:
    recipe = load_portfolio()[0]
    with Gate(engine, remember=False) as gate:
        if load_vetting().digest != gate.digest:
            pytest.skip("the shipped verdicts are for another LLVM")
        verdict = gate.judge(recipe)
        assert gate._judge is None
    assert verdict.decision is Decision.ACCEPTED
    assert parse_recipe(verdict.recipe) == recipe
