"""`lathe tune-build`: smaller images that pass the tests, and a lock that makes them again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import conftest
import pytest

from lathe.build import read_lock
from lathe.llvm import Measurement, Status, Toolchain, count_loadable, measure_object

PARSE = """
int parse(const char *text, int base) {
  int value = 0, sign = 1;
  while (*text == ' ' || *text == '\\t' || *text == '\\n') text++;
  if (*text == '-') { sign = -1; text++; } else if (*text == '+') text++;
  for (; *text; text++) {
    int digit;
    if (*text >= '0' && *text <= '9') digit = *text - '0';
    else if (*text >= 'a' && *text <= 'z') digit = *text - 'a' + 10;
    else if (*text >= 'A' && *text <= 'Z') digit = *text - 'A' + 10;
    else break;
    if (digit >= base) break;
    value = value * base + digit;
  }
  return sign * value;
}
"""
SORT = """
void sort(int *values, int count) {
  for (int gap = count / 2; gap > 0; gap /= 2)
    for (int i = gap; i < count; i++) {
      int value = values[i], j = i;
      for (; j >= gap && values[j - gap] > value; j -= gap) values[j] = values[j - gap];
      values[j] = value;
    }
}
unsigned hash(const unsigned char *data, unsigned count) {
  unsigned value = 2166136261u;
  while (count--) { value ^= *data++; value *= 16777619u; value ^= value >> 7; }
  return value;
}
"""
MAIN = """
int parse(const char *, int);
void sort(int *, int);
unsigned hash(const unsigned char *, unsigned);
int main(void) {
  int v[] = {5, -3, 99, 0, 7};
  sort(v, 5);
  for (int i = 1; i < 5; i++) if (v[i - 1] > v[i]) return 1;
  return parse(" -12a", 10) != -12 || parse("ff", 16) != 255 || hash((const unsigned char *)"abc", 3) == 0;
}
"""
MAKEFILE = """
CFLAGS = -Oz
prog: parse.o sort.o main.o
\t$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^
%.o: %.c
\t$(CC) $(CFLAGS) -MD -MT $@ -MF $*.d -c $< -o ../project/$@
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program of three files, with a Makefile."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in (
        ("parse.c", PARSE + conftest.CHECKSUM),
        ("sort.c", SORT),
        ("main.c", MAIN),
        ("Makefile", MAKEFILE),
    ):
        (folder / name).write_text(text)
    return folder


def run(folder: Path, *words: str, **setting: str) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, "LATHE_CACHE": str(folder.parent / "cache"), **setting}
    return subprocess.run(words, cwd=folder, env=own, capture_output=True, text=True, check=False)


def tune(folder: Path, *words: str, test: str = "./prog") -> subprocess.CompletedProcess[str]:
    lathe = [sys.executable, "-m", "lathe", "tune-build", "--seconds", "60", "--compiles", "3", "--test", test]
    return run(folder, *lathe, *words)


def test_a_build_gets_smaller_and_the_lock_makes_it_again(project: Path) -> None:
    done = tune(project, "--json", "--", "make")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    (image,) = result["images"]
    built = (project / "prog").read_bytes()
    assert image["name"] == "prog" and image["after"] < image["before"] and image["after"] == count_loadable(built)
    assert {one["name"] for one in result["objects"]} == {f"{n}.c → {n}.o" for n in ("parse", "sort", "main")}
    for name in ("parse.o", "sort.o", "main.o", "prog"):
        (project / name).unlink()
    compiler = f"{sys.executable} -m lathe cc"
    again = run(project, "make", f"CC={compiler}", LATHE_MODE="frozen", LATHE_CACHE=str(project.parent / "other"))
    assert again.returncode == 0, again.stderr
    assert (project / "prog").read_bytes() == built


def test_what_the_tests_fail_with_is_taken_back(project: Path, toolchain: Toolchain) -> None:
    subprocess.run([toolchain.tool("clang"), "-Oz", "-c", "sort.c", "-o", "wanted"], cwd=project, check=True)
    done = tune(project, "--json", "--", "make", test="cmp sort.o wanted && ./prog")
    assert done.returncode == 0, done.stderr
    objects = {one["name"]: one for one in json.loads(done.stdout)["objects"]}
    assert objects["sort.c → sort.o"]["taken_back"] == "the tests fail with it"
    assert objects["parse.c → parse.o"]["after"] < objects["parse.c → parse.o"]["before"]
    assert (project / "sort.o").read_bytes() == (project / "wanted").read_bytes()
    lock = read_lock(str(project / "lathe.lock"))
    assert lock and {e.source: e.stage is None for e in lock.entries.values()}["sort.c → sort.o"]


def test_what_an_archive_named_by_l_holds_is_seen_in_the_image(project: Path) -> None:
    rules = "prog: main.o libown.a\n\t$(CC) -o $@ main.o -L . -lown\nlibown.a: parse.o sort.o\n\t$(AR) rcD $@ $^\n"
    (project / "Makefile").write_text(f"CFLAGS = -Oz\n{rules}")
    done = tune(project, "--json", "--", "make")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    objects = {one["name"]: one for one in result["objects"]}
    for name in ("parse.c → parse.o", "sort.c → sort.o"):
        assert objects[name]["after"] < objects[name]["before"] and not objects[name]["taken_back"]
    assert result["images"][0]["after"] < result["images"][0]["before"]


def test_bitcode_is_tuned_where_it_is_linked(project: Path, toolchain: Toolchain) -> None:
    if not toolchain.has("ld.lld"):
        pytest.skip("no lld")
    done = tune(project, "--json", "--", "make", "CFLAGS=-Oz -flto", "LDFLAGS=-fuse-ld=lld")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [one["name"] for one in result["objects"]] == ["prog"]
    assert result["images"][0]["after"] < result["images"][0]["before"]
    built = (project / "prog").read_bytes()
    (project / "prog").unlink()
    words = ("make", f"CC={sys.executable} -m lathe cc", "CFLAGS=-Oz -flto", "LDFLAGS=-fuse-ld=lld")
    again = run(project, *words, LATHE_MODE="frozen", LATHE_CACHE=str(project.parent / "other"))
    assert again.returncode == 0 and (project / "prog").read_bytes() == built
    assert run(project, "./prog").returncode == 0
    report = json.loads(run(project, sys.executable, "-m", "lathe", "report", "--json").stdout)
    words = [word for recipe in report["recipes"] for word in recipe["words"]]
    assert not report["notes"] and any((word["saves"] or 0) > 0 for word in words)
    assert {path.name for path in project.iterdir()} == {
        "Makefile", "main.c", "main.o", "parse.c", "parse.o", "prog", "sort.c", "sort.o", "lathe.lock", ".lathe",
        "main.d", "parse.d", "sort.d",
    }  # fmt: skip


def test_bad_builds_are_refused(project: Path) -> None:
    for words, test, message in (
        ((), "true", "Which build?"),
        (("--", "make", "CC=gcc"), "true", "Nothing was compiled by `lathe cc`"),
        (("--", "false"), "true", "false failed"),
        (("--", "no-such-tool"), "true", "no-such-tool cannot be run"),
        (("--", "make", "-B"), "false", "fail with clang's own objects already"),
    ):
        done = tune(project, *words, test=test)
        assert done.returncode and message in done.stderr, done.stderr
        assert not (project / "lathe.lock").exists()


def test_several_sources_are_compiled_and_linked_at_once(project: Path, toolchain: Toolchain) -> None:
    clang = str(toolchain.tool("clang"))
    words = ("-Oz", "parse.c", "sort.c", "main.c", "-o", "prog")
    lathe = (sys.executable, "-m", "lathe", "cc")
    assert run(project, *lathe, *words).returncode == 0
    assert run(project, "./prog").returncode == 0
    smaller = count_loadable((project / "prog").read_bytes())
    assert run(project, clang, *words).returncode == 0
    assert smaller < count_loadable((project / "prog").read_bytes())
    (project / "broken.c").write_text("int f(void) { return nothing; }\n")
    for line in (("-Oz", "parse.c", "broken.c", "main.c", "-o", "other"), ("-Oz", "-c", "parse.c", "broken.c")):
        wanted, found = run(project, clang, *line), run(project, *lathe, *line)
        assert (found.returncode, found.stdout, found.stderr) == (wanted.returncode, wanted.stdout, wanted.stderr)
    run(project, *lathe, "-Oz", "-c", "parse.c", "sort.c")
    own = [measure_object((project / f"{name}.o").read_bytes(), Measurement(Status.OK)) for name in ("parse", "sort")]
    assert [one.exported for one in own] == [{"parse", "checksum"}, {"sort", "hash"}]


def test_debug_information_is_kept_and_functions_outlive_edits(project: Path, toolchain: Toolchain) -> None:
    assert tune(project, "--", "make").returncode == 0
    lathe = (sys.executable, "-m", "lathe", "cc")
    plain = count_loadable((project / "parse.o").read_bytes())
    done = run(project, *lathe, "-Oz", "-g", "-c", "parse.c", "-o", "debug.o", LATHE_MODE="frozen")
    assert done.returncode == 0, done.stderr
    debug = (project / "debug.o").read_bytes()
    assert b".debug_info" in debug and count_loadable(debug) == plain
    with (project / "parse.c").open("a") as file:
        file.write("int twice(int x) { return 2 * x; }\n")
    assert run(project, *lathe, "-Oz", "-c", "parse.c", "-o", "parse.o", LATHE_MODE="frozen").returncode == 14
    assert run(project, *lathe, "-Oz", "-c", "parse.c", "-o", "parse.o", LATHE_QUICK="0").returncode == 0
    subprocess.run([toolchain.tool("clang"), "-Oz", "-c", "parse.c", "-o", "own.o"], cwd=project, check=True)
    edited, own = (count_loadable((project / name).read_bytes()) for name in ("parse.o", "own.o"))
    assert edited < own  # what was known of `parse` is used, without a look
