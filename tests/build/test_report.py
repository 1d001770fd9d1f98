"""`lathe report`: every byte of a build counted once, before and after, and a page that needs nothing else."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import conftest
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lathe.build import Binary, BuildReport, Part, RecipeUse, Word, make_page, make_report, read_lock
from lathe.build.treemap import Box, shade_of, squarify
from lathe.errors import InputError
from lathe.llvm import Engine, Toolchain, read_sizes

TABLE = f"""
static const char *const names[] = {{"zero", "one", "two"}};
const char *name_of(int x) {{ return names[x % 3]; }}
{conftest.TABLE}
int same(int x) __attribute__((alias("table")));
"""
MAIN = """
const char *name_of(int); int table(int); unsigned checksum(const unsigned char *, unsigned);
int main(int count, char **words) {
  return table(count) + name_of(count)[0] + (int)checksum((const unsigned char *)words[0], 1);
}
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two files, one of them tuned, that was built by `lathe cc` and recorded."""
    root = tmp_path_factory.mktemp("build")
    (root / "table.c").write_text(TABLE)
    (root / "main.c").write_text(MAIN)
    state = {"LATHE_RECORD": str(root / ".lathe" / "records"), "LATHE_CACHE": str(root / "cache")}
    for words in (
        "--lathe=tune --lathe-compiles=20 -Oz -MMD -MF table.d -MT table.o -c table.c -o table.o",
        "--lathe=off -Oz -c main.c -o main.o",
        "table.o main.o -o program",
    ):
        command = [sys.executable, "-m", "lathe", "cc", *words.split()]
        subprocess.run(command, cwd=root, env={**os.environ, **state}, check=True)
    return root


@pytest.fixture(scope="module")
def report(build: Path, engine: Engine) -> BuildReport:
    return make_report(build, engine)


def sizes_of(toolchain: Toolchain, path: Path) -> dict[str, int]:
    """What llvm-size says of the sections that are loaded, by their first names."""
    told = subprocess.run([str(toolchain.tool("llvm-readelf")), "-SW", str(path)], capture_output=True, text=True)
    found: dict[str, int] = {}
    for line in told.stdout.splitlines():
        if match := re.match(r"\s*\[ *\d+\] (\S+)\s+(\S+)\s+\S+ \S+ (\S+) \S+ +(\w*)", line):
            name, kind, size, flags = match.groups()
            if "A" in flags and kind != "NOBITS":
                name = next((n for n in (".text", ".rodata", ".data.rel.ro", ".note") if name.startswith(n)), name)
                found[name] = found.get(name, 0) + int(size, 16)
    return {name: size for name, size in found.items() if size}


def test_the_figures_are_those_of_an_independent_reading(
    build: Path, report: BuildReport, toolchain: Toolchain, tmp_path: Path
) -> None:
    clang = str(toolchain.tool("clang"))
    for name in ("table", "main"):
        subprocess.run([clang, "-Oz", "-c", f"{name}.c", "-o", str(tmp_path / f"{name}.o")], cwd=build, check=True)
    subprocess.run([clang, "table.o", "main.o", "-o", "program"], cwd=tmp_path, check=True)
    files = {"table.c → table.o": "table.o", "main.c → main.o": "main.o", "program": "program"}
    found = {binary.name: binary for binary in (*report.objects, *report.images)}
    assert found.keys() == files.keys() and not report.notes
    for name, binary in found.items():
        before, after = sizes_of(toolchain, tmp_path / files[name]), sizes_of(toolchain, build / files[name])
        assert {p.name: p.before for p in binary.sections if p.before} == before
        assert {p.name: p.after for p in binary.sections if p.after} == after
        assert (binary.before, binary.after) == (sum(before.values()), sum(after.values()))
        for side in ("before", "after"):  # every byte once
            inside = [getattr(part, side) for part in (*binary.functions, *binary.rest)]
            assert sum(inside) == getattr(binary, side)
    table = found["table.c → table.o"]
    wanted = read_sizes((build / "table.o").read_bytes()).functions
    aliases = {"same", "table"}  # the same bytes
    assert {p.name: p.after for p in table.functions if p.name not in aliases} == {
        name: size for name, size in wanted.items() if name not in aliases
    }
    assert sum(p.after for p in table.functions if p.name in aliases) == wanted["table"]
    assert report.objects[0] is table and table.saved > 0 and found["program"].saved > 0
    assert found["main.c → main.o"].saved == 0


def test_recipes_are_those_of_the_lock_and_their_words_are_measured(build: Path, report: BuildReport) -> None:
    lock = read_lock(str(build / "lathe.lock"))
    assert lock
    (entry,) = (entry for entry in lock.entries.values() if entry.stage)
    assert {use.recipe: use.functions for use in report.recipes} == {
        recipe: list(entry.recipes.values()).count(recipe) for recipe in entry.recipes.values()
    }
    table = report.objects[0]
    recipes = {part.name: part.recipe for part in table.functions if part.recipe is not None}
    assert recipes and recipes.items() <= entry.recipes.items()
    for use in report.recipes:
        parts = [part for part in table.functions if part.recipe == use.recipe]
        assert use.saved == sum(part.before - part.after for part in parts)
        assert {word.text for word in use.words} >= {word for word in use.recipe.split() if word.startswith("-")}
        assert all(word.saves is not None for word in use.words)
    assert any(word.saves for use in report.recipes for word in use.telling)


def without_words(report: BuildReport) -> BuildReport:
    return replace(report, recipes=tuple(replace(use, words=()) for use in report.recipes))


def test_words_are_left_out_where_they_are_not_wanted(build: Path, report: BuildReport, engine: Engine) -> None:
    assert make_report(build, engine, words=0) == without_words(report)


def test_kept_objects_count_while_the_build_is_what_was_left(
    build: Path, report: BuildReport, engine: Engine, toolchain: Toolchain
) -> None:
    state = build / ".lathe"
    outs = [json.loads(path.read_text())["out"] for path in sorted((state / "records").glob("*.json"))]
    name = f"{[out for out in outs if out.endswith('.o')].index(str(build / 'main.o'))}.o"
    (state / "clang").mkdir()
    (state / "tuned").mkdir()
    other = subprocess.run(
        [str(toolchain.tool("clang")), "-O3", "-c", "main.c", "-o", state / "clang" / name], cwd=build
    )
    assert not other.returncode
    try:
        assert make_report(build, engine, words=0).images == report.images  # it was built again since
        (state / "tuned" / name).write_bytes((build / "main.o").read_bytes())
        found = {binary.name: binary for binary in make_report(build, engine, words=0).objects}["main.c → main.o"]
        assert found.before == sum(sizes_of(toolchain, state / "clang" / name).values()) != found.after
    finally:
        shutil.rmtree(state / "clang")
        shutil.rmtree(state / "tuned")


def test_a_changed_source_is_no_longer_what_was_locked(build: Path, engine: Engine) -> None:
    try:
        (build / "table.c").write_text(f"{TABLE}int more(int x) {{ return x * 7; }}\n")
        changed = make_report(build, engine)
        assert not changed.recipes and len(changed.objects) == 2
        (build / "table.c").unlink()
        gone = make_report(build, engine, words=0)
        assert [binary.name for binary in gone.objects] == ["main.c → main.o"]
        assert "table.c cannot be compiled again" in gone.notes[0]
    finally:
        (build / "table.c").write_text(TABLE)


def test_a_page_is_well_formed_and_needs_nothing_else(report: BuildReport) -> None:
    page = make_page(report)
    tree = ElementTree.fromstring(page.removeprefix("<!doctype html>\n"))
    assert not re.search(r"https?:|//|@import|url\(", page) and not tree.findall(".//script") + tree.findall(".//link")
    assert not [key for element in tree.iter() for key in element.attrib if key in ("src", "href", "srcset", "data")]
    titles = [(element.text or "").split("\n")[0] for element in tree.findall(".//svg//title")]
    assert {binary.name for binary in report.objects} <= set(titles) and "table.c → table.o: checksum" in titles
    for image in report.images:
        assert f"{image.before:,} → {image.after:,} bytes" in page


def test_names_cannot_leave_their_places() -> None:
    evil = "</title><script>alert(1)</script>&\"'"
    parts = (Part(evil, 900, 800, evil), Part(".text", 0, 5))
    binary = Binary(evil, 905, 805, parts, parts, ())
    uses = (RecipeUse(evil, 1, 900, 800, (Word(evil, 5), Word("sroa", None))), RecipeUse("", 1, 1, 1))
    page = make_page(BuildReport(evil, (binary,), (binary,), uses, {evil: f"{evil}(int)"}, (evil,)))
    assert "<script" not in page
    tree = ElementTree.fromstring(page.removeprefix("<!doctype html>\n"))
    assert [evil] * 4 == [e.text for e in tree.iter() if e.text == evil][:4]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60), st.floats(1, 2000), st.floats(1, 2000))
def test_a_treemap_fills_its_box_by_size(sizes: list[int], width: float, height: float) -> None:
    sizes.sort(reverse=True)
    boxes = squarify(sizes, Box(0, 0, width, height))
    scale = width * height / sum(sizes)
    assert [box.area for box in boxes] == pytest.approx([size * scale for size in sizes], rel=1e-6)
    slack = 1e-6 * max(width, height)
    for box in boxes:
        assert -slack <= box.x <= box.x + box.width <= width + slack
        assert -slack <= box.y <= box.y + box.height <= height + slack
    for one, other in itertools.combinations(boxes, 2):
        wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        assert min(wide, high) <= slack


def test_a_treemap_is_that_of_the_paper() -> None:
    boxes = squarify([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))  # figure 4: the rows are 6 6, 4 3, 2, 2, 1
    assert boxes[:3] == [Box(0, 0, 3, 2), Box(0, 2, 3, 2), Box(3, 0, 12 / 7, 7 / 3)]
    assert (boxes[3].x, boxes[3].width) == pytest.approx((3 + 12 / 7, 9 / 7))
    assert (boxes[4].width, boxes[4].height) == pytest.approx((6 / 5, 5 / 3))


def test_shades_say_what_was_saved() -> None:
    pairs = {
        (0, 5): "more",
        (5, 6): "more",
        (5, 5): "s0",
        (100, 99): "s1",
        (100, 92): "s2",
        (100, 85): "s3",
        (9, 1): "s4",
    }
    assert {pair: shade_of(*pair) for pair in pairs} == pairs


def test_what_is_missing_is_said_in_one_message(tmp_path: Path, build: Path) -> None:
    run = subprocess.run([sys.executable, "-m", "lathe", "report", str(tmp_path)], capture_output=True, text=True)
    assert run.returncode == InputError.exit_code and run.stderr.count("\n") == 1
    assert "lathe tune-build" in run.stderr and "LATHE_RECORD=" in run.stderr
    (tmp_path / ".lathe" / "records").mkdir(parents=True)
    (tmp_path / ".lathe" / "records" / "1.json").write_text("{}")
    run = subprocess.run([sys.executable, "-m", "lathe", "report", str(tmp_path)], capture_output=True, text=True)
    assert run.returncode == InputError.exit_code and "cannot be read" in run.stderr


def test_the_command_shows_and_writes_it(build: Path, tmp_path: Path, report: BuildReport) -> None:
    command = [sys.executable, "-m", "lathe", "report", build.name, "--no-words", "--jobs", "1"]
    page = tmp_path / "report.html"
    own = {**os.environ, "COLUMNS": "200"}
    run = subprocess.run([*command, "--html", str(page)], capture_output=True, text=True, env=own, cwd=build.parent)
    assert run.returncode == 0, run.stderr
    (image,) = report.images
    assert re.search(rf"together +{image.before:,} +{image.after:,}", run.stdout) and "checksum" in run.stdout
    assert page.read_text() == make_page(without_words(report))
    found = json.loads(
        subprocess.run([*command, "--json"], capture_output=True, text=True, check=True, cwd=build.parent).stdout
    )
    assert (found["images"][0]["before"], found["images"][0]["after"]) == (image.before, image.after)
    assert {one["name"] for one in found["objects"]} == {binary.name for binary in report.objects}
