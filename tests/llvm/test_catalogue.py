"""The catalogue as data: complete, consistent, and known to the LLVM at hand."""

from __future__ import annotations

import re
import subprocess

import pytest

from lathe.llvm import LEVELS, Engine, Module, Option, Recipe, Status, Toolchain, load_catalogue, parse_recipe

VERSIONS = (19, 20, 21, 22)


@pytest.mark.parametrize("version", VERSIONS)
def test_rows_are_whole(version: int) -> None:
    catalogue = load_catalogue(version)
    assert catalogue.major == version
    for entry in catalogue.passes.values():
        assert entry.level in LEVELS or entry.reason
        assert bool(entry.words) != bool(entry.reason), entry.name
    for option in catalogue.options.values():
        assert option.kind in ("bool", "int", "enum")
        assert option.values, option.name


@pytest.mark.parametrize("version", VERSIONS)
def test_every_word_and_option_is_accepted_by_our_grammar(version: int) -> None:
    catalogue = load_catalogue(version)
    for entry in catalogue.passes.values():
        for word in entry.words:
            assert str(parse_recipe(word, catalogue))
    for option in catalogue.options.values():
        for value in option.values:
            parse_recipe(f"-{option.name}={value}", catalogue)


def test_every_pass_of_opt_is_decided_upon(toolchain: Toolchain) -> None:
    printed = subprocess.run([toolchain.tool("opt"), "--print-passes"], capture_output=True, text=True, check=True)
    catalogue = load_catalogue(toolchain.major)
    section = ""
    for line in printed.stdout.splitlines():
        if not line.startswith(" "):
            section = line
        elif "analyses" not in section:
            name = line.strip().partition("<")[0]
            assert name == "invalidate" or name in catalogue.passes, f"{name} ({section})"


def test_what_touches_files_or_breaks_programs_is_out() -> None:
    catalogue = load_catalogue()
    for name in ("dot-cfg", "view-cfg", "memprof-use", "structurizecfg", "trigger-crash-module", "iroutliner"):
        assert catalogue.passes[name].reason, name
    for name in catalogue.options:
        assert not re.search(r"file|debug|print|dump|view", name), name


def test_llvm_takes_every_word(engine: Engine, module: Module) -> None:
    catalogue = load_catalogue(engine.toolchain.major)
    words = [parse_recipe(w, catalogue) for e in catalogue.passes.values() for w in e.words]
    for recipe, found in zip(words, engine.measure(module, words), strict=True):
        assert found.status is Status.OK, f"{recipe}: {found.message}"


def test_llvm_takes_every_option(engine: Engine, module: Module) -> None:
    catalogue = load_catalogue(engine.toolchain.major)
    passes = parse_recipe("default<Oz>", catalogue).passes
    recipes = [
        Recipe(passes, (Option(o.name, value),))
        for o in catalogue.options.values()
        if {"any", "x86"} & set(o.targets)
        for value in o.values
    ]
    for recipe, found in zip(recipes, engine.measure(module, recipes), strict=True):
        assert found.status is Status.OK, f"{recipe}: {found.message}"
