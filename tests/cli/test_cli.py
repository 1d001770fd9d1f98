"""The command as a user meets it: results, JSON, exit codes, and files that are whole or untouched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES

from lathe.llvm import Toolchain, read_sizes

RUN = [sys.executable, "-P", "-m", "lathe"]


def lathe(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run([*RUN, *map(str, words)], capture_output=True, text=True, env=env, timeout=600, check=False)


def tune_json(*words: object) -> dict[str, Any]:
    run = lathe("tune", "--json", "--no-verify", *words)
    assert run.returncode == 0, run.stderr
    data: dict[str, Any] = json.loads(run.stdout)
    return data


def test_tune_writes_a_smaller_object_and_says_how(tmp_path: Path) -> None:
    out = tmp_path / "out.o"
    data = tune_json(EXAMPLES / "checksums.c", "-o", out, "--compiles", 60, "--granularity", "unit")
    row = data["files"][0]
    assert set(data) == {"llvm", "objective", "files", "total"}
    assert set(row) >= {
        "input", "baseline", "tuned", "saved_percent", "pass_list", "codegen_options", "compiles", "seconds",
        "stop_reason",
    }  # fmt: skip
    assert set(data["total"]) == {"baseline_bytes", "tuned_bytes", "saved_percent", "geomean_percent"}
    assert row["tuned"]["bytes"] <= row["baseline"]["bytes"]
    sizes = read_sizes(out.read_bytes())
    loadable = sum(size for name, size in sizes.sections.items() if name not in sizes.nobits)
    assert loadable == row["tuned"]["bytes"]
    for command in row["repeat"]:
        subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    again = read_sizes((tmp_path / "tuned.o").read_bytes())
    assert again.sections == sizes.sections


def test_nothing_is_written_that_the_suite_does_not_accept(tmp_path: Path, program: Path) -> None:
    out = tmp_path / "out.o"
    words = ("--compiles", 5, "--granularity", "unit", "--max-slowdown", "inf")
    run = lathe("tune", "--json", program, "-o", out, *words)
    row = json.loads(run.stdout)["files"][0]
    assert row["tuned"]["bytes"] < row["baseline"]["bytes"]
    assert row["verdict"]["decision"] == "accepted"
    assert row["verdict"]["suite"] == "bundled"
    recipe = " ".join(filter(None, [row["pass_list"], *row["codegen_options"]]))
    verdict = json.loads(lathe("verify", recipe, "--json").stdout)["verdicts"][0]
    assert (verdict["decision"], verdict["suite_digest"]) == ("accepted", row["verdict"]["suite_digest"])


def test_verify_says_what_it_found(tmp_path: Path) -> None:
    assert fail("verify", "gnv")[0] == 4
    assert fail("verify", "sroa", "--suite", "magic")[0] == 2
    assert fail("verify", "sroa", "--seeds", "9-3")[0] == 2
    assert fail("verify", "sroa", "--suite", "humaneval-x")[0] == 3
    own = tmp_path / "own.jsonl"
    own.write_text("not json")
    assert fail("verify", "sroa", "--suite", "humaneval-x", "--humaneval-x", own)[0] == 3


def test_a_recipe_for_each_function(toolchain: Toolchain, tmp_path: Path) -> None:
    out, program = tmp_path / "out.o", tmp_path / "program"
    words = (EXAMPLES / "sorting.c", "-o", out, "--compiles", 10, "--granularity", "function")
    test = f"{toolchain.tool('clang')} {out} -o {program} && {program}"
    (file,) = tune_json(*words, "--check", "differential", "--verify-with", test)["files"]
    assert file["tuned"]["bytes"] < file["baseline"]["bytes"]
    assert (file["pass_list"], file["own_test"]) == (None, "passed")
    assert [c["decision"] for c in file["checks"]] == ["accepted"]
    assert {name for f in file["functions"] for name in f["functions"]} >= {"heap_sort", "main"}
    assert sum(read_sizes(out.read_bytes()).functions.values()) < file["tuned"]["bytes"]
    code, message = fail("tune", *words, "--emit", "asm")
    assert (code, "--granularity function joins objects" in message) == (2, True)


def test_auto_takes_the_smaller_of_both_ways(tmp_path: Path) -> None:
    (tmp_path / "equal.c").write_text("int f(int x) { return x; }\n")  # nothing to save
    inputs = (EXAMPLES / "sorting.c", EXAMPLES / "strings.c", tmp_path / "equal.c")
    settings = ("--compiles", 10, "--verdicts", 0)
    found = [tune_json(*inputs, *settings, "--granularity", kind)["files"] for kind in ("unit", "function", "auto")]
    for unit, function, auto in zip(*found, strict=True):
        assert auto["tuned"]["bytes"] == min(way["tuned"]["bytes"] for way in (unit, function))
        assert auto["granularity"] == ("function" if "functions" in auto else "unit")
    assert [file["granularity"] for file in found[2]] == ["function", "function", "unit"]
    (whole,) = tune_json(EXAMPLES / "sorting.c", *settings, "--granularity", "auto", "--emit", "ll")["files"]
    assert whole["granularity"] == "unit"


def test_the_users_own_test_decides(tmp_path: Path, program: Path) -> None:
    out, first = tmp_path / "a.o", tmp_path / "first.o"
    words = (program, "-o", out, "--compiles", 8, "--verify-with")
    (file,) = tune_json(*words, "true")["files"]
    assert file["tuned"]["bytes"] < file["baseline"]["bytes"]
    assert file["own_test"] == "passed"
    accepted = out.read_bytes()
    (file,) = tune_json(*words, f"[ -e {first} ] || cp {out} {first}; cmp {first} {out}")["files"]
    assert (file["tuned"], file["pass_list"]) == (file["baseline"], None)
    assert file["refused"] > 0
    assert out.read_bytes() == first.read_bytes() != accepted
    code, message = fail("tune", *words, "exit 5")
    assert (code, "fails with the objects of clang -Oz: exit status 5" in message) == (9, True)
    assert out.read_bytes() == first.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} >= {"a.o"} and not list(tmp_path.glob(".*"))


def test_check_compares_the_inputs_own_functions(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text(
        "int f(int x) { return x / 7; } static int g(int x) { return x; } int h(int x) { return g(x) * 3; }"
    )
    run = lathe("check", "default<O2>", path, "--json")
    assert run.returncode == 0
    (comparison,) = json.loads(run.stdout)["comparisons"]
    assert comparison["functions"] == {"agrees": 2, "unknown": 1}
    assert comparison["unknown"] == {"internal: it runs when its callers do": 1}
    assert lathe("check", "default<O2>", path, "--", "--target=thumbv7em-none-eabi").returncode == 8
    assert fail("check", "default<O2>", path, "--with", "nothing")[0] == 2
    (file,) = tune_json(path, "--compiles", 5, "--check", "differential")["files"]
    assert [c["decision"] for c in file["checks"]] == (["accepted"] if file["pass_list"] else [])


def test_verify_reduces_what_it_rejects(tmp_path: Path) -> None:
    own, report = tmp_path / "own.jsonl", tmp_path / "report"
    body = "int known(int x) { return __builtin_constant_p(x); }\nint main() { return known(7); }"  # as no suite should
    own.write_text(json.dumps({"task_id": "CPP/0", "declaration": "", "canonical_solution": "", "test": body}))
    words = ("--suite", "humaneval-x", "--humaneval-x", own, "--reduce", report)
    run = lathe("verify", "globaldce,default<O2> -disable-lsr", *words)
    assert run.returncode == 9, run.stderr
    assert run.stdout.splitlines()[-1].startswith("reduced to default<O2>; ")
    assert (report / "recipe.txt").read_text() == "default<O2>\n"
    assert "default pipelines do not agree" in (report / "README.md").read_text()
    assert fail("verify", "sroa", *words)[0] == 7  # the report is there
    run = lathe("verify", "sroa", *words[:-1], tmp_path / "none")
    assert run.returncode == 0, run.stderr
    assert "nothing to reduce" in run.stdout
    assert not (tmp_path / "none").exists()


def test_the_baseline_is_written_when_nothing_is_smaller(tmp_path: Path, program: Path) -> None:
    out, clang = tmp_path / "out.o", tmp_path / "clang.o"
    words = ("--strategy", "random", "--compiles", 1, "--seed", 4, "--granularity", "unit")
    data = tune_json(program, "-o", out, *words)
    assert data["files"][0]["pass_list"] is None
    subprocess.run(data["files"][0]["repeat"][0].replace("tuned.o", str(clang)), shell=True, check=True)
    assert out.read_bytes() == clang.read_bytes()


@pytest.mark.parametrize(
    ("emit", "start"), [("obj", b"\x7fELF"), ("bc", b"BC"), ("ll", b"; ModuleID"), ("asm", b"\t.")]
)
def test_emit(tmp_path: Path, program: Path, emit: str, start: bytes) -> None:
    out = tmp_path / "out"
    tune_json(program, "-o", out, "--emit", emit, "--compiles", 3)
    assert out.read_bytes().startswith(start)


def test_a_directory_with_flags_and_a_target(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.c").write_text("int x(int a) { return VALUE + a * 3; }")
    (tmp_path / "a" / "y.cpp").write_text(
        "template <int N> int f(int a) { return a << N; } int y(int a) { return f<3>(a); }"
    )
    out = tmp_path / "out"
    data = tune_json(tmp_path / "a", "-o", out, "--target", "riscv32-unknown-elf", "--compiles", 5, "--", "-DVALUE=4")
    assert [Path(f["input"]).name for f in data["files"]] == ["x.c", "y.cpp"]
    assert sorted(p.name for p in out.iterdir()) == ["x.o", "y.o"]
    assert (out / "x.o").read_bytes()[18] == 243  # EM_RISCV


def test_a_compilation_database(tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text("int x(int a) { return VALUE + a * 3; }")
    row = {"directory": str(tmp_path), "file": "x.c", "command": "gcc -DVALUE=3 -O2 -MMD -MF x.d -c x.c -o x.o"}
    (tmp_path / "compile_commands.json").write_text(json.dumps([row]))
    data = tune_json(tmp_path / "compile_commands.json", "--compiles", 3)
    assert data["files"][0]["input"] == "x.c"
    assert not (tmp_path / "x.o").exists()


def test_a_source_that_is_compiled_twice_makes_two_objects(tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text("int VALUE(int a) { return a * 3; }")
    rows = [
        {"directory": str(tmp_path), "file": "x.c", "command": f"cc -DVALUE={name} -c x.c -o {name}.o"}
        for name in ("one", "two", "two", "three")
    ]
    (tmp_path / "compile_commands.json").write_text(json.dumps(rows))
    data = tune_json(tmp_path / "compile_commands.json", "--compiles", 2, "-o", tmp_path / "out")
    written = [Path(file["output"]) for file in data["files"]]
    assert [path.name for path in written] == ["x.o", "x-2.o", "x-3.o"]
    for path, name in zip(written, (b"one", b"two", b"three"), strict=True):
        assert b"\0" + name + b"\0" in path.read_bytes()


def test_one_bad_input_does_not_stop_the_others(tmp_path: Path, program: Path) -> None:
    bad = tmp_path / "bad.c"
    bad.write_text("int f( {")
    run = lathe("tune", bad, program, "--compiles", 2, "--json")
    assert run.returncode == 6
    bad_row, good_row = json.loads(run.stdout)["files"]
    assert "error" in bad_row
    assert bad_row["exit_code"] == 6
    assert good_row["baseline"]["bytes"] > 0


def fail(*words: object, **environment: str) -> tuple[int, str]:
    run = lathe(*words, **environment)
    assert "Traceback" not in run.stderr
    return run.returncode, run.stderr


def test_bad_input_gets_one_message_and_its_code(tmp_path: Path, program: Path) -> None:
    empty, broken, text, folder = (
        tmp_path / "empty.c",
        tmp_path / "broken.ll",
        tmp_path / "notes.txt",
        tmp_path / "none",
    )
    empty.write_text(" \n")
    broken.write_text("define i32 @f( {")
    text.write_text("hello")
    folder.mkdir()
    cases: list[tuple[tuple[object, ...], int, str]] = [
        (("tune", tmp_path / "missing.c"), 3, "cannot be read"),
        (("tune", empty), 3, "is empty"),
        (("tune", broken), 3, "is not IR"),
        (("tune", text), 3, "not something to tune"),
        (("tune", folder), 3, "no sources"),
        (("tune", program, "--target", "wasm32-unknown-unknown"), 3, "not supported"),
        (("tune", program, "--strategy", "magic"), 2, "Unknown strategy"),
        (("tune", program, "--objective", "beauty"), 2, "Unknown objective"),
        (("tune", program, "--emit", "exe"), 2, "emit"),
        (("tune", program, "--compiles", "0"), 2, "compiles"),
        (("tune", program, "--colour"), 2, "No such option"),
        (("tune",), 2, "inputs"),
        (("explain", "gnv", program), 4, 'Did you mean "gvn"'),
        (("explain", "sroa -regaloc=basic", program), 4, 'Did you mean "regalloc"'),
        (("tune", program, "--", "-fno-such-flag"), 6, "no-such-flag"),
        (("tune", program, "--", "-fsanitize=address"), 3, "instrumentation"),
    ]
    for words, code, message in cases:
        assert fail(*words)[0] == code, words
        assert message in fail(*words)[1], words


def test_an_unreadable_file(tmp_path: Path, program: Path) -> None:
    folder = tmp_path / "x.c"
    folder.mkdir()
    code, message = fail("tune", folder)
    assert code == 3
    assert "no sources" in message
    loop = tmp_path / "loop.c"
    loop.symlink_to(loop)
    code, message = fail("tune", loop)
    assert code == 3
    assert "cannot be read" in message


def test_no_llvm_or_the_wrong_one(tmp_path: Path, program: Path) -> None:
    code, message = fail("tune", program, LATHE_LLVM=str(tmp_path))
    assert code == 5
    assert "apt-get install clang-22" in message
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libLLVM-14.so").write_text("")
    config = tmp_path / "bin" / "llvm-config"
    config.write_text(f"#!/bin/sh\necho 14.0.6\necho {tmp_path}/lib\n")
    config.chmod(0o755)
    code, message = fail("tune", program, LATHE_LLVM=str(tmp_path))
    assert code == 5
    assert "too old" in message
    assert fail("doctor", LATHE_LLVM=str(tmp_path))[0] == 5


def test_outputs_that_cannot_be_written_leave_the_old_file(tmp_path: Path, program: Path) -> None:
    code, message = fail("tune", program, "-o", program / "x.o", "--compiles", 2)
    assert code == 7
    assert "not a writable directory" in message
    code, message = fail("tune", program, EXAMPLES / "sorting.c", "-o", program, "--compiles", 2)
    assert code == 2
    assert "is a file" in message


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, program: Path) -> None:
    old = tmp_path / "old.o"
    old.write_bytes(b"old")
    # no file larger than 16 bytes can be written: what a full disk does, for this process and its children
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    code = (
        f"{limit}from lathe.cli import output; resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)); "
        f"from pathlib import Path; output.write_output(Path({str(old)!r}), b'x' * 1000)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "OutputError" in run.stderr
    assert "could not be written" in run.stderr
    assert old.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old.o"]


@pytest.mark.parametrize("granularity", ["unit", "function"])
def test_an_interrupt_ends_the_search_and_leaves_the_old_file(tmp_path: Path, granularity: str) -> None:
    old = tmp_path / "old.o"
    old.write_bytes(b"old")
    inputs = (EXAMPLES / "inventory_cache.cpp", EXAMPLES / "lz_compressor.c")
    words = ["tune", *inputs, "-o", tmp_path, "--compiles", 10**6, "--granularity", granularity]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what a shell starts with & does not hear it
    process = subprocess.Popen([*RUN, *map(str, words)], stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted" in said
    assert [p.name for p in tmp_path.iterdir()] == ["old.o"]
    assert old.read_bytes() == b"old"


def test_explain_shows_each_word(program: Path) -> None:
    run = lathe("explain", "sroa,default<Oz> -disable-lsr", program, "--json")
    data = json.loads(run.stdout)
    assert [row["word"] for row in data["words"]] == ["sroa", "default<Oz>", "-disable-lsr=true"]
    assert data["words"][1]["saves"] > 0
    assert "default<Oz>" in lathe("explain", "sroa,default<Oz>", program).stdout


def test_explain_shows_the_functions_of_a_result(tmp_path: Path) -> None:
    path, inputs = tmp_path / "result.json", (EXAMPLES / "sorting.c", EXAMPLES / "strings.c")
    path.write_text(lathe("tune", *inputs, "--compiles", 3, "--granularity", "function", "--json").stdout)
    shown = lathe("explain", path).stdout
    rows = [line.split()[:5] for line in shown.splitlines()]
    for file in json.loads(path.read_text())["files"]:
        assert f"{file['baseline']['bytes']} with clang -Oz, {file['tuned']['bytes']} tuned" in shown
        for f in file["functions"]:
            numbers = [f["before"]["bytes"], f["after"]["bytes"], f["before"]["bytes"] - f["after"]["bytes"]]
            assert [f["functions"][0], *map(str, numbers), str(f["compiles"])] in rows
    path.write_text(lathe("tune", inputs[0], "--compiles", 1, "--json").stdout)
    assert "one recipe for all: " in lathe("explain", path).stdout
    path.write_text('{"files": [{}]}')
    assert fail("explain", path) == (
        3,
        f"lathe: {path} is not what `lathe tune --json` prints: KeyError('baseline').\n",
    )
    assert fail("explain", tmp_path / "none.json")[0] == 3
    assert fail("explain", "default<Oz>")[0] == 2


def test_passes_lists_the_catalogue() -> None:
    data = json.loads(lathe("passes", "--json", "--all").stdout)
    assert len([p for p in data["passes"] if not p["reason"]]) > 80
    assert {p["name"] for p in data["passes"] if p["reason"]} >= {"dot-cfg", "structurizecfg"}
    assert len(data["options"]) >= 100
    assert "simplifycfg" in lathe("passes", "simplify").stdout


def test_doctor_says_that_it_works() -> None:
    run = lathe("doctor")
    assert run.returncode == 0
    assert "byte for byte" in run.stdout
    assert "alive_tv:" in run.stdout


def test_version_and_help() -> None:
    assert lathe("--version").stdout.startswith("lathe ")
    assert "clang -Oz" in lathe("tune", "--help").stdout
