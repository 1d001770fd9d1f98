"""`lathe cc`: what clang would have done, but smaller where small code was asked for, and the same each time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import conftest
import pytest

from lathe.build.command import read_command
from lathe.build.configuration import read_configuration
from lathe.build.lock import Entry, Function, find_entry, read_lock, update_lock
from lathe.errors import InputError
from lathe.llvm import Measurement, Status, Toolchain, measure_object

SOURCE = conftest.TABLE


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("-Oz -c a.c -o a.o", ""),
        ("-Oz -c a.c", ""),
        ("-Os -MMD -MF a.d -MT a.o -c -o a.o sub/a.c", ""),
        ("-O2 -Oz -I include -include config.h -DNAME=1 -D OTHER -fPIC -g -c a.cpp -oa.o", ""),
        ("-Oz -x c++ -c a.txt -o a.o", ""),
        ("-Oz -Wp,-MD,a.d -std=gnu11 --target=aarch64-linux-gnu -c a.c -o a.o", ""),
        ("-Oz a.c -o a", "links"),
        ("-Oz -c a.c b.c", "2 inputs"),
        ("-O2 -c a.c", "-O2 does not ask"),
        ("-Oz -O0 -c a.c", "-O0 does not ask"),
        ("-c a.c", "no level"),
        ("-Oz -S a.c", "-S asks"),
        ("-Oz -E a.c", "-E asks"),
        ("-Oz -c a.s", "no C or C++"),
        ("-Oz -c a.S", "no C or C++"),
        ("-Oz -x assembler -c a.c", "assembler"),
        ("-Oz -x c-header -c a.h", "c-header"),
        ("-Oz -c -", "standard input"),
        ("-Oz -flto -c a.c", "-flto asks"),
        ("-Oz -flto=thin -c a.c", "-flto=thin asks"),
        ("-Oz -fsanitize=address -c a.c", "-fsanitize=address asks"),
        ("-Oz --coverage -c a.c", "--coverage asks"),
        ("-Oz -fprofile-generate -c a.c", "-fprofile-generate asks"),
        ("-Oz -c a.c -o /dev/null", "no file"),
        ("-Oz -c conftest.c", "what the compiler can"),
        ("--version", "--version asks"),
        ("-print-search-dirs", "-print-search-dirs asks"),
        ("-Oz -M a.c", "-M asks"),
    ],
)
def test_what_is_touched_and_what_is_not(words: str, reason: str) -> None:
    command = read_command(words.split())
    assert bool(command.reason) == bool(reason) and reason in command.reason
    if not reason:
        assert command.out == "a.o" and Path(command.source).stem == "a"
        dropped = ("-c", "-o", "-MMD", "-MF", "-MT", "a.d", "a.o", "-Oz", "-Os", "-O2", command.source)
        assert not set(command.flags) & set(dropped)


def test_response_files_are_read_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "words").write_text('-Oz -DNAME="a b"\n-c')
    command = read_command([f"@{tmp_path / 'words'}", "a.c", "-o", "a.o"])
    assert not command.reason and command.flags == ["-DNAME=a b"]
    assert command.words[0].startswith("@")  # clang reads it itself


def test_own_options_do_not_reach_clang() -> None:
    command = read_command(["--lathe=tune", "--lathe-compiles=7", "-Oz", "-c", "a.c"])
    assert command.asked == {"mode": "tune", "compiles": "7"} and command.words == ["-Oz", "-c", "a.c"]


def test_a_lock_says_what_was_put_into_it(tmp_path: Path) -> None:
    path = str(tmp_path / "lathe.lock")
    oz, other = "default<Oz>", "sroa,default<Oz> -disable-lsr=true"
    functions = {"f": Function(other, "a" * 16), "g with a space": Function("", "b" * 16)}
    one = Entry("1" * 32, "src/a b.c → a.o", before=100, after=90, stage=oz, functions=functions)
    none = Entry("3" * 32, "c.c → c.o", before=50, after=50)
    assert read_lock(path) is None and find_entry(path, one.digest, "22.1.8") is None
    for entry in (none, one):
        update_lock(path, [entry], "22.1.8")
    found = read_lock(path)
    assert found and found.llvm == "22.1.8" and found.entries == {e.digest: e for e in (one, none)}
    assert find_entry(path, one.digest, "22.1.8") == one and find_entry(path, "5" * 32, "22.1.8") is None
    text = Path(path).read_text()
    update_lock(path, [one], "22.1.8")
    assert Path(path).read_text() == text and text.count("sroa") == 1
    newer = Entry("4" * 32, "c.c → c.o", before=60, after=55)
    update_lock(path, [newer], "22.1.8")  # the file changed: what was known of its older form goes
    assert set((read_lock(path) or pytest.fail()).entries) == {one.digest, newer.digest}
    with pytest.raises(InputError, match=r"is for LLVM 22\.1\.8, this is 23"):
        find_entry(path, one.digest, "23.0.0")
    update_lock(path, [newer], "23.0.0")
    assert set((read_lock(path) or pytest.fail()).entries) == {newer.digest}


def test_a_broken_lock_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "lathe.lock"
    for line in ("module 12", "recipe 12 default<Oz>", "function 1 - 3 f", "recipe", "<<<<<<< HEAD"):
        path.write_text(f"# lathe.lock\nllvm 22.1.8\n{line}\n")
        with pytest.raises(InputError, match="line 3"):
            read_lock(str(path))
    with pytest.raises(InputError, match="line 3"):
        find_entry(str(path), "1" * 32, "22.1.8")


def test_the_nearest_configuration_counts_and_options_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.lathe]\nmode = "tune"\ncompiles = 7\n')
    found = read_configuration(str(deep), {})
    assert (found.root, found.mode, found.compiles, found.quick) == (str(tmp_path), "tune", 7, 3)
    assert found.lock == str(tmp_path / "lathe.lock")
    (tmp_path / "a" / "lathe.toml").write_text('quick = 3\nlock = "other.lock"\n')
    found = read_configuration(str(deep), {})
    assert (found.root, found.mode, found.quick) == (str(tmp_path / "a"), "use", 3)
    monkeypatch.setenv("LATHE_QUICK", "9")
    assert read_configuration(str(deep), {}).quick == 9 and read_configuration(str(deep), {"quick": "1"}).quick == 1
    for asked, message in (
        ({"quik": "1"}, 'Did you mean "quick"'),
        ({"mode": "fast"}, "no mode"),
        ({"quick": "x"}, "no number"),
    ):
        with pytest.raises(InputError, match=message):
            read_configuration(str(deep), asked)


Build = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Runs `lathe …` in a folder with a source, as a build does."""
    (tmp_path / "a.c").write_text(SOURCE)
    (tmp_path / "broken.c").write_text("int f(void) { return nothing; }\n")
    (tmp_path / "warns.c").write_text("int f(void) { int unused; return 1; }\n")

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {**os.environ, "LATHE_CACHE": str(tmp_path / "cache"), **environment}
        command = [sys.executable, "-m", "lathe", *words]
        return subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, check=False)

    return run


def size_of(path: Path) -> int:
    return measure_object(path.read_bytes(), Measurement(Status.OK)).loadable


def test_a_build_gets_smaller_objects_the_same_each_time(build: Build, tmp_path: Path, toolchain: Toolchain) -> None:
    clang = str(toolchain.tool("clang"))
    subprocess.run([clang, "-Oz", "-c", "a.c", "-o", "clang.o"], cwd=tmp_path, check=True)
    for name in ("one.o", "two.o"):
        done = build("cc", "-Oz", "-MMD", "-c", "a.c", "-o", name)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "one.o").read_bytes() == (tmp_path / "two.o").read_bytes()
    assert size_of(tmp_path / "one.o") < size_of(tmp_path / "clang.o")
    assert (tmp_path / "one.d").read_text() == "one.o: a.c\n"
    assert build(clang, "-Oz", "-c", "a.c", "-o", "three.o").returncode == 0  # as a launcher
    assert (tmp_path / "three.o").read_bytes() == (tmp_path / "one.o").read_bytes()
    assert not (tmp_path / "cache" / "cc.log").exists()


def test_what_is_locked_is_made_again_without_a_search(build: Build, tmp_path: Path) -> None:
    done = build("cc", "--lathe=tune", "--lathe-compiles=10", "-Oz", "-c", "a.c", "-o", "tuned.o")
    assert done.returncode == 0, done.stderr
    lock = (tmp_path / "lathe.lock").read_text()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.c").write_text(SOURCE)  # another place, as on another machine
    (elsewhere / "lathe.lock").write_text(lock)
    code = (
        "import os, sys; os.chdir(sys.argv[1]); from lathe.cc import main; "
        "sys.exit(main(['-Oz', '-g0', '-MD', '-c', os.path.abspath('a.c'), '-o', 'again.o']))"
    )
    own = {**os.environ, "LATHE_CACHE": str(elsewhere / "cache"), "LATHE_MODE": "frozen"}
    for _ in range(2):  # made, and taken from the cache
        subprocess.run([sys.executable, "-c", code, str(elsewhere)], env=own, check=True)
        assert (elsewhere / "again.o").read_bytes() == (tmp_path / "tuned.o").read_bytes()
        assert (elsewhere / "again.d").read_text().split() == ["again.o:", "\\", str(elsewhere / "a.c")]
        (elsewhere / "again.o").unlink()
        (elsewhere / "again.d").unlink()
    said = build("cc", "--explain", "-Oz", "-c", "a.c").stdout
    assert "locked, 2 functions" in said


def test_what_would_happen_is_explained(build: Build, tmp_path: Path) -> None:
    for words, said in (
        ("-Oz -c a.c", "a.c → a.o, mode use, lock"),
        ("-Oz -c broken.c", "clang refuses broken.c"),
        ("-O2 -c a.c", "-O2 does not ask for small code"),
        ("-Oz a.c warns.c -o prog", "a.c, warns.c: each is compiled by itself"),
        ("-Oz -flto -fuse-ld=lld a.o -o prog", "prog: linked by lld"),
        ("--version", "--version asks"),
    ):
        done = build("cc", "--explain", *words.split())
        assert done.returncode == 0 and done.stdout.startswith(said), done.stdout
    assert not list(tmp_path.glob("*.o"))


def test_frozen_builds_fail_where_nothing_is_locked(build: Build, tmp_path: Path) -> None:
    done = build("cc", "-Oz", "-c", "a.c", LATHE_MODE="frozen")
    assert done.returncode == 14 and "a.c is not in" in done.stderr and not (tmp_path / "a.o").exists()


def test_whatever_goes_wrong_clang_s_object_is_there(build: Build, tmp_path: Path, toolchain: Toolchain) -> None:
    subprocess.run([str(toolchain.tool("clang")), "-Oz", "-c", "a.c", "-o", "clang.o"], cwd=tmp_path, check=True)
    for number, text in enumerate(("llvm 19.1.0\n", "nonsense\n")):
        (tmp_path / "lathe.lock").write_text(text)
        done = build("cc", "-Oz", "-c", "a.c", LATHE_LOG=str(tmp_path / "log"))
        assert (done.returncode, done.stderr) == (0, "")
        assert (tmp_path / "a.o").read_bytes() == (tmp_path / "clang.o").read_bytes()
        lines = (tmp_path / "log").read_text().splitlines()
        assert len(lines) == number + 1 and "a.c: clang's own object is used" in lines[-1]


def test_a_frozen_build_does_not_do_without_its_lock(build: Build, tmp_path: Path) -> None:
    (tmp_path / "lathe.lock").write_text("llvm 19.1.0\n")
    done = build("cc", "--lathe=frozen", "-Oz", "-c", "a.c")
    assert done.returncode == 14 and "is for LLVM 19.1.0" in done.stderr and not (tmp_path / "a.o").exists()


@pytest.mark.parametrize(
    "words",
    ["-Oz -c broken.c", "-Oz -c missing.c", "-Oz -Wall -c warns.c", "-Oz -Wall -Werror -c warns.c", "-O2 -c a.c",
     "-E a.c", "-Oz -S a.c -o -", "--version", "-Oz -fsyntax-only a.c", "-Oz -c a.c --no-such-flag", "-###", ""],
)  # fmt: skip
def test_status_and_messages_are_clang_s(build: Build, tmp_path: Path, toolchain: Toolchain, words: str) -> None:
    clang = [str(toolchain.tool("clang")), *words.split()]
    wanted = subprocess.run(clang, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = build("cc", *words.split())
    assert (found.returncode, found.stdout, found.stderr) == (wanted.returncode, wanted.stdout, wanted.stderr)


def test_what_clang_is_asked_by_its_environment_counts(build: Build, tmp_path: Path, toolchain: Toolchain) -> None:
    subprocess.run([str(toolchain.tool("clang")), "-O2", "-c", "a.c", "-o", "clang.o"], cwd=tmp_path, check=True)
    assert build("cc", "-Oz", "-c", "a.c", "-o", "own.o", CCC_OVERRIDE_OPTIONS="# O2").returncode == 0
    assert (tmp_path / "own.o").read_bytes() == (tmp_path / "clang.o").read_bytes()


def test_passing_through_loads_next_to_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); from lathe.cc import main; "
        "from lathe.build.command import read_command; "
        "read_command(['-O2', '-c', 'a.c']); print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    loaded = done.stdout.split()
    assert not {"dataclasses", "json", "pathlib", "re", "subprocess", "typing"} & set(loaded), loaded
