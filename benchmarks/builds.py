"""Whole builds through the compiler wrapper: images, their own tests, and what a build takes.

    python benchmarks/builds.py sizes --work DIR [--seconds S] [--way WAY]... [NAME...]
    python benchmarks/builds.py times --work DIR [--rounds N] [NAME...]

Each program of projects.toml is a Debian source package, by name. `sizes` builds it, in one folder, one after the
other, with `clang -Oz`, with `lathe cc` as it comes (nothing locked), by `lathe tune-build`, and with `gcc -Os`, all
with a section for each function and `--gc-sections`; then with `clang -Oz -flto` and lld, and so by `lathe cc` and
`lathe tune-build`. Images are measured by their loadable bytes, and the program's own tests must pass each time.
`times` builds it again in turns: plain, as it comes, and with the full lock of `sizes`, with an empty cache and with
the one that the build before left: medians of the wall time of compiling; and the run time of what was built, as it was
linked (where code happens to lie moves it by some percent). results/builds.json has a row for each program.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from projects import keep_images, make_input, measure_images, measure_rows, run_all

from lathe.llvm import find_toolchain

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "runs"))
import units  # noqa: E402

RESULT = HERE / "results" / "builds.json"
DEFAULT = ("bzip2", "zlib", "gzip", "lua5.4", "xz-utils", "libjsoncpp", "pugixml")
WAYS = (
    "images/clang -Oz", "images/lathe cc", "images/tune-build", "images/gcc -Os",
    "images_lto/clang -Oz", "images_lto/lathe cc", "images_lto/tune-build",
)  # fmt: skip
RUNS = 7
SECTIONS = "-ffunction-sections -fdata-sections"
SHIM = """#!/bin/sh
for word; do
    case $word in -c|-E|-S|-M|-MM|--version|-v|-V|-dumpversion|-print-*) exec {program} {compile} "$@" ;; esac
done
exec {program} {link} "$@"
"""


class Trial:
    """A program's folder, and how it is built in it: by which compiler, with what said to link."""

    def __init__(self, name: str, row: dict[str, Any], work: Path) -> None:
        self.name, self.row, self.work = name, row, work
        self.root, self.version = units.unpack(work, name)
        units.settle(self.root)
        self.pristine = self.root.with_name("pristine")
        if not self.pristine.exists():
            shutil.copytree(self.root, self.pristine, symlinks=True)
        self.tools = find_toolchain().root / "bin"
        self.lathe = Path(sys.executable).with_name("lathe")

    def environment(self, kind: str, *, lto: bool = False, **more: str) -> dict[str, str]:
        """What makes a build use a compiler: clang, lathe or gcc."""
        folder = self.work / "shims" / f"{kind}{'-lto' if lto else ''}"
        folder.mkdir(parents=True, exist_ok=True)
        compiled = "-flto" if lto else ""
        linked = f"-Wl,--gc-sections {'-flto -fuse-ld=lld -Oz' if lto else ''}"
        tools = ("gcc", "g++") if kind == "gcc" else ("clang", "clang++")  # builds look at the name
        for tool in tools:
            real = f"/usr/bin/{tool}" if kind == "gcc" else str(self.tools / tool)
            program = f"{self.lathe} {real}" if kind == "lathe" else real
            (folder / tool).write_text(SHIM.format(program=program, compile=compiled, link=linked))
            (folder / tool).chmod(0o755)
        flags = f"{'-Os' if kind == 'gcc' else '-Oz'} {SECTIONS}"
        idle = {"MAKEINFO": "true", "HELP2MAN": "true", "FORCE_UNSAFE_CONFIGURE": "1", "LC_ALL": "C"}
        return {
            **os.environ, **idle, "PATH": f"{self.tools}:{os.environ['PATH']}",  # llvm-ar, for bitcode
            "CC": str(folder / tools[0]), "CXX": str(folder / tools[1]), "CFLAGS": flags,
            "CXXFLAGS": flags, "MAKEFLAGS": "-j2", "CMAKE_BUILD_PARALLEL_LEVEL": "2", "HERE": str(HERE),
            "INPUT": str(make_input(self.work)), "LATHE_LOG": str(self.work / self.name / "cc.log"),
            "LATHE_LOCK": str(self.lock(lto=lto)), **more,
        }  # fmt: skip

    def lock(self, *, lto: bool = False) -> Path:
        """Where the lock of a program is."""
        return self.work / self.name / f"lathe{'-lto' if lto else ''}.lock"

    def refresh(self, setting: dict[str, str]) -> None:
        """Begin again with the sources as they came, configured."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.pristine, self.root, symlinks=True)
        run_all(self.row.get("setup", []), self.root, setting)

    def build(self, setting: dict[str, str]) -> float:
        """The seconds of compiling; then link."""
        start = time.perf_counter()
        run_all(self.row["compile"], self.root, setting)
        seconds = time.perf_counter() - start
        run_all(self.row["link"], self.root, setting)
        return seconds

    def measure(self, setting: dict[str, str]) -> int:
        """Build afresh, test, and measure the images."""
        self.refresh(setting)
        self.build(setting)
        run_all(self.row["test"], self.root, setting)
        return measure_images(self.row["images"], self.root)

    def tune(self, seconds: float, *, lto: bool) -> int:
        """Build afresh by `lathe tune-build`, test again, and measure the images."""
        self.lock(lto=lto).unlink(missing_ok=True)
        shutil.rmtree(cache := self.work / "caches" / self.name, ignore_errors=True)  # all is searched, as at first
        setting = self.environment("lathe", lto=lto, LATHE_CACHE=str(cache))
        self.refresh(setting)
        command = " && ".join(f"( {line} )" for line in (*self.row["compile"], *self.row["link"]))
        test = " && ".join(f"( {line} )" for line in self.row["test"])
        words = ["tune-build", "--json", "--seconds", str(seconds), "--test", test, "--", "sh", "-c", command]
        done = subprocess.run([self.lathe, *words], cwd=self.root, env=setting, capture_output=True, check=False)
        if done.returncode:
            raise units.BuildError(f"{self.name}: {done.stderr.decode(errors='replace')[-2000:]}")
        (self.work / self.name / f"tuned{'-lto' if lto else ''}.json").write_bytes(done.stdout)
        run_all(self.row["test"], self.root, setting)
        return measure_images(self.row["images"], self.root)


def measure_sizes(trial: Trial, arguments: argparse.Namespace, known: dict[str, Any]) -> dict[str, Any]:
    """The bytes of the images of every build that is asked for, beside those that are known."""
    row: dict[str, Any] = {"project": trial.name, "version": trial.version, "tests": trial.row["test"]}
    for way in arguments.way or WAYS:
        kind, builder = way.split("/")
        lto = kind == "images_lto"
        if builder == "tune-build":
            size = trial.tune(arguments.seconds, lto=lto)
            row["lto_seconds" if lto else "seconds"] = arguments.seconds
        elif builder == "lathe cc":
            size = trial.measure(trial.environment("lathe", lto=lto, LATHE_LOCK="none.lock"))
        else:
            size = trial.measure(trial.environment(builder.split()[0], lto=lto))
        row[kind] = {**known.get(kind, {}), **row.get(kind, {}), builder: size}
    if (tuned := trial.work / trial.name / "tuned.json").exists():
        objects = json.loads(tuned.read_text(encoding="utf-8"))["objects"]
        row |= {"objects": len(objects), "taken_back": sum(bool(one["taken_back"]) for one in objects)}
    return row


def measure_times(trial: Trial, rounds: int) -> dict[str, Any]:
    """The median seconds of compiling, how many times those of clang they are, and the run time of what was built."""
    times: dict[str, list[float]] = {}
    caches = trial.work / "caches"
    for _ in range(rounds):
        shutil.rmtree(caches, ignore_errors=True)
        for way, setting in {
            "clang -Oz": trial.environment("clang"),
            "as it comes": trial.environment("lathe", LATHE_LOCK="none.lock", LATHE_CACHE=str(caches / "a")),
            "locked": trial.environment("lathe", LATHE_MODE="frozen", LATHE_CACHE=str(caches / "b")),
            "locked, made before": trial.environment("lathe", LATHE_MODE="frozen", LATHE_CACHE=str(caches / "b")),
        }.items():
            trial.refresh(setting | {"LATHE_MODE": "off"})
            times.setdefault(way, []).append(trial.build(setting))
            keep_images(trial.row["images"], trial.root, trial.work / trial.name / way)
    medians = {way: statistics.median(values) for way, values in times.items()}
    return {
        "compile_seconds": {way: round(value, 2) for way, value in medians.items()},
        "times_clang": {way: round(value / medians["clang -Oz"], 2) for way, value in medians.items()},
        "run_time": {key: compare_run_times(trial, work) for key, work in trial.row.get("work", {}).items()},
    }


def compare_run_times(trial: Trial, command: str) -> dict[str, float]:
    """How many times clang's run time the images of each way need: the least of several runs, in turns."""
    setting = trial.environment("clang")
    least = dict.fromkeys(("clang -Oz", "as it comes", "locked"), float("inf"))
    for _ in range(RUNS):
        for way, best in least.items():
            for name in trial.row["images"]:
                shutil.copy(trial.work / trial.name / way / Path(name).name, trial.root / name)
            start = time.perf_counter()
            subprocess.run(["sh", "-c", command], cwd=trial.root, env=setting, check=True, stdout=subprocess.DEVNULL)
            least[way] = min(best, time.perf_counter() - start)
    return {way: round(best / least["clang -Oz"], 3) for way, best in least.items()}


def main() -> int:
    """Read the command line."""
    table = tomllib.loads((HERE / "projects.toml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("sizes", "times"))
    parser.add_argument("--work", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--way", action="append", choices=WAYS, help="measure this one only; may come again")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(DEFAULT))
    arguments = parser.parse_intermixed_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    units.prepare_apt(arguments.work)

    def measure(name: str, known: dict[str, Any]) -> dict[str, Any]:
        trial = Trial(name, table[name], arguments.work)
        if arguments.what == "times":
            return measure_times(trial, arguments.rounds)
        return measure_sizes(trial, arguments, known)

    return measure_rows(RESULT, arguments.names, list(table), measure, sum_up)


def sum_up(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rows, their sums, and what is saved: of the sums, and by each program in the mean."""
    found: dict[str, dict[str, dict[str, float]]] = {"totals": {}, "saved_percent": {}, "mean_saved_percent": {}}
    for kind, way in (one.split("/") for one in WAYS):
        pairs = [(row[kind]["clang -Oz"], row[kind][way]) for row in rows if way in row.get(kind, {})]
        if pairs:
            before, after = map(sum, zip(*pairs, strict=True))
            shares = [1 - size / plain for plain, size in pairs]
            found["totals"].setdefault(kind, {})[way] = after
            found["saved_percent"].setdefault(kind, {})[way] = round(100 * (1 - after / before), 2)
            found["mean_saved_percent"].setdefault(kind, {})[way] = round(100 * statistics.mean(shares), 2)
    return {**found, "rows": rows}


if __name__ == "__main__":
    sys.exit(main())
