"""Whole programs, function by function: their objects and images, their own tests, their run times.

    python benchmarks/projects.py --work DIR [--compiles N] [--seconds S] [NAME...]

Each program of projects.toml is unpacked (a Debian source package, by name), made with `clang -Oz` under the wrapper
of runs/units.py, and tested; then `lathe tune` makes all its objects anew, as a user would call it; they take the
places of clang's, the program is linked and tested again, and both are run on the same work, in turns. Where code
happens to lie moves run time by several percent (Mytkowicz et al., ASPLOS 2009), so both are linked with their code in
`LAYOUTS` random orders, and a time is the median over these of the least of `ROUNDS`. `gcc -Os` makes a third image, as
context. results/projects.json has a row for each program; rows of programs not named stay.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from machine import describe_machine

from lathe.errors import InputError
from lathe.llvm import Measurement, Status, find_toolchain, measure_object

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "runs"))
import units  # noqa: E402

RESULT = HERE / "results" / "projects.json"
LAYOUTS = 9
ROUNDS = 4
INPUT_BYTES = 8 << 20


def measure_project(name: str, row: dict[str, Any], arguments: argparse.Namespace) -> dict[str, Any]:
    """Build, test, tune, test again, compare."""
    work = arguments.work
    root, version = units.unpack(work, name)
    other = root.with_name("root-gcc")
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(root, other, symlinks=True)
    log = work / name / "compiles"
    shutil.rmtree(log, ignore_errors=True)
    log.mkdir()
    job = units.Job(find_toolchain().tool("clang").parent, work / "unused", work, 2)
    setting = units.environment(job, log) | {"HERE": str(HERE), "INPUT": str(make_input(work))}
    units.settle(root)
    run_all([*row.get("setup", []), *row["compile"]], root, setting)
    database = write_database(log, root, work / name)
    run_all([*row["link"], *row["test"]], root, setting)
    clang = keep_images(row["images"], root, work / name / "clang")
    link_layouts(row, root, work / name / "clang", setting)
    result, peak = tune(database, work / name / "tuned", arguments)
    replace_objects(database, result["files"])
    shutil.rmtree(log)
    log.mkdir()
    run_all(row["link"], root, setting)
    again = [one for entry in log.iterdir() for one in read_entries(entry, root)]
    if again:
        raise units.BuildError(f"{name} was compiled again, not only linked: {again[0]['file']}")
    run_all(row["test"], root, setting)
    tuned = keep_images(row["images"], root, work / name / "best")
    link_layouts(row, root, work / name / "best", setting)
    units.settle(other)
    gcc = setting | {"CC": "gcc", "CXX": "g++", "CFLAGS": "-Os", "CXXFLAGS": "-Os"}
    run_all([*row.get("setup", []), *row["compile"], *row["link"]], other, gcc)
    total, files = result["total"], result["files"]
    functions = [f for file in files for f in file.get("functions", ())]
    return {
        "project": name, "version": version, "units": len(files), "functions": len(functions),
        "compiles": arguments.compiles, "spent": sum(file["compiles"] for file in files),
        "seconds": round(sum(file["seconds"] for file in files), 1), "peak_mib": peak,
        "objects": {"clang -Oz": total["baseline_bytes"], "tuned": total["tuned_bytes"]},
        "saved_percent": total["saved_percent"],
        "images": {"clang -Oz": clang, "tuned": tuned, "gcc -Os": measure_images(row["images"], other)},
        "tests": row["test"],
        "time_ratio": {
            key: compare_times(command, row["images"], root, work / name, setting)
            for key, command in row.get("work", {}).items()
        },
    }  # fmt: skip


def run_all(commands: Sequence[str], folder: Path, setting: dict[str, str]) -> None:
    """Run commands one after the other; the first that fails is an error, with the end of what it said."""
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command], cwd=folder, env=setting, capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise units.BuildError(f"exit code {done.returncode} from: {command}\n{said[-2000:]}")


def write_database(log: Path, root: Path, out: Path) -> Path:
    """The compiles that the wrapper wrote down, as a compilation database."""
    entries = [one for entry in sorted(log.iterdir()) for one in read_entries(entry, root)]
    path = out / "compile_commands.json"
    path.write_text(json.dumps(list({one["output"]: one for one in entries}.values()), indent=1), encoding="utf-8")
    return path


def read_entries(entry: Path, root: Path) -> list[dict[str, Any]]:
    """What a record says, when it is of a source of the program itself; its arguments do not name the output."""
    folder, tool, *words = entry.read_bytes().decode(errors="replace").split("\0")[:-1]
    source = next(iter(units.split_arguments(words)[0]), "")
    path = Path(folder, source).resolve()
    parts = path.relative_to(root.resolve()).parts if path.is_relative_to(root.resolve()) else ("test",)
    if not source or any(part.startswith(("test", "CMake")) for part in parts):
        return []
    cut = words.index("-o") if "-o" in words else len(words)
    named = words[cut + 1] if "-o" in words else Path(source).stem + ".o"
    words = [*words[:cut], *words[cut + 2 :]]
    compiler = "clang++" if tool == "c++" else "clang"
    row = {"directory": folder, "file": source, "arguments": [compiler, *words], "output": str(Path(folder, named))}
    return [row] if Path(folder, named).exists() else []


def tune(database: Path, out: Path, arguments: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """What `lathe tune` prints, and the most memory that it and its workers held together (MiB)."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    words = ["--granularity", arguments.granularity, "--compiles", str(arguments.compiles), "--json", "-o", out]
    if arguments.seconds:
        words += ["--seconds", str(arguments.seconds)]
    tool = Path(sys.executable).with_name("lathe")
    with (out.parent / "result.json").open("w") as file:
        process = subprocess.Popen([tool, "tune", database, *words], stdout=file)
    ended, peaks = threading.Event(), [0]

    def watch() -> None:
        while not ended.wait(0.5):
            peaks.append(sum(proportional_bytes(pid) for pid in list_descendants(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    ended.set()
    watcher.join()
    result = json.loads((out.parent / "result.json").read_text(encoding="utf-8"))
    if status or any("error" in file for file in result["files"]):
        raise units.BuildError(str([file["error"] for file in result["files"] if "error" in file]))
    return result, max(peaks) >> 20


def list_descendants(pid: int) -> list[int]:
    """A process and all that came of it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in list_descendants(int(child)))]


def proportional_bytes(pid: int) -> int:
    """Memory of a process, shared pages divided among those that share them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def replace_objects(database: Path, files: Sequence[dict[str, Any]]) -> None:
    """Put each tuned object where the build has its own; what make looks at is touched."""
    outputs: dict[tuple[str, ...], list[Path]] = {}
    for row in json.loads(database.read_text(encoding="utf-8")):
        unit = (row["directory"], row["file"], *row["arguments"])
        outputs.setdefault(unit, []).append(Path(row["output"]))
    for file, places in zip(files, outputs.values(), strict=True):
        for output in places:
            shutil.copyfile(file["output"], output)
            if output.with_suffix(".lo").exists():
                output.with_suffix(".lo").touch()


def keep_images(names: Sequence[str], root: Path, folder: Path) -> int:
    """Copy images aside; their loadable bytes."""
    folder.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(root / name, folder / Path(name).name)
    return measure_images([Path(name).name for name in names], folder)


def link_layouts(row: dict[str, Any], root: Path, folder: Path, setting: dict[str, str]) -> None:
    """Link again and again with the sections of code in other orders, and keep the images aside."""
    for seed in map(str, range(LAYOUTS)) if "work" in row else ():
        for name in row["images"]:
            (root / name).unlink()
        edit = {"CCC_OVERRIDE_OPTIONS": f"# +-fuse-ld=lld +-Wl,--shuffle-sections=.text*={seed}"}  # read by clang
        run_all(row["link"], root, setting | edit)
        keep_images(row["images"], root, folder / seed)


def measure_images(names: Sequence[str], folder: Path) -> int:
    """Loadable bytes of images."""
    return sum(measure_object((folder / name).read_bytes(), Measurement(Status.OK)).loadable for name in names)


def make_input(work: Path) -> Path:
    """Some MB to work on: a shared library and our own source, over and over."""
    path = work / "input"
    if not path.exists():
        library = Path(find_toolchain().library).read_bytes()[: INPUT_BYTES // 2]
        text = b"".join(p.read_bytes() for p in sorted(HERE.parent.rglob("src/**/*.py")))
        path.write_bytes(library + (text * (INPUT_BYTES // (2 * len(text)) + 1))[: INPUT_BYTES // 2])
    return path


def compare_times(command: str, images: Sequence[str], root: Path, folder: Path, setting: dict[str, str]) -> float:
    """Processor time of the tuned images over that of clang's."""
    kinds = ("clang", "best")
    times = {(kind, layout): math.inf for kind in kinds for layout in range(LAYOUTS)}
    for _ in range(ROUNDS):
        for kind, layout in random.sample(list(times), len(times)):
            for name in images:
                shutil.copy(folder / kind / str(layout) / Path(name).name, root / name)
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run(["sh", "-c", command], cwd=root, env=setting, stdout=subprocess.DEVNULL, check=True)
            spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            times[kind, layout] = min(times[kind, layout], spent)
    clang, best = (statistics.median(times[kind, layout] for layout in range(LAYOUTS)) for kind in kinds)
    return round(best / clang, 3)


def main() -> int:
    """Read the command line."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--compiles", type=int, default=100)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--granularity", default="auto")
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(table))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    units.prepare_apt(arguments.work)
    return measure_rows(
        RESULT, arguments.names, list(table),
        lambda name, _: measure_project(name, table[name], arguments), lambda rows: {"rows": rows},
    )  # fmt: skip


def measure_rows(
    path: Path,
    names: Sequence[str],
    order: Sequence[str],
    measure: Callable[[str, dict[str, Any]], dict[str, Any]],
    sum_up: Callable[[list[dict[str, Any]]], dict[str, Any]],
) -> int:
    """Measure programs and put their rows into a result, after each; others stay. 1 where one could not be.

    `measure` gets a name and the row that is known."""
    known = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    rows = {row["project"]: row for row in known}
    failed = 0
    for name in names:
        try:
            found = measure(name, rows.get(name, {}))
        except (InputError, subprocess.SubprocessError) as error:
            failed = 1
            print(f"{name}: {error}", file=sys.stderr)
            continue
        rows[name] = rows.get(name, {}) | found
        print(json.dumps(found), flush=True)
        result = {
            "peer": "the same build with clang -Oz", **sum_up([rows[key] for key in order if key in rows]),
            "machine": describe_machine(find_toolchain()),
        }  # fmt: skip
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
