"""Turn Debian source packages, by name, into translation units for tuning.

Each package of units.toml is downloaded with apt (from the machine's own archive entries, read as deb-src in the work
folder), unpacked, configured and made with a compiler wrapper that writes down every real `-c` compile. Each such
compile is run again for its unoptimised module (`-Oz -Xclang -disable-llvm-passes`), kept as
OUT/<package>/<nnn>-<basename>.bc with a line in OUT/units.jsonl. A package that is already listed there is skipped, and
one that fails does not stop the others: it is named at the end (exit code 1).

    python runs/units.py --set evaluate --out DIR
    python runs/units.py --set train --out DIR --apart-from EVALUATE_OUT

The set "evaluate" must never train a portfolio. The gnulib files it has, and every module it has, are dropped from
"train", which is why that set is told where the other one lies. The held-out suites are refused by name.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from lathe.corpus.debian import find_licence, prepare_apt, settle, unpack
from lathe.errors import InputError

# Names of suites that are only ever measured, after the fact, by someone else.
HELD_OUT = ("mibench", "embench", "cbench", "humanevalx")
CXX_SUFFIXES = (".cc", ".cpp", ".cxx", ".c++", ".C")
PROBES = ("conftest", "CMakeFiles", "CMakeScratch", "CMakeTmp")
GNULIB_FOLDERS = {"lib", "gl", "gnu", "support"}
COMMAND_SECONDS = 1500


@dataclass(frozen=True)
class Recipe:
    """How one source package is made: its commands, and where they run in its unpacked root."""

    name: str
    commands: tuple[str, ...]
    folder: str
    needs: str  # the -dev packages that must be installed


@dataclass(frozen=True)
class Compile:
    """One `-c` compile of one source file, as the wrapper wrote it down."""

    folder: Path
    source: Path
    language: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """What one run of this script works with."""

    tools: Path
    out: Path
    work: Path
    jobs: int


class Unit(TypedDict):
    """One line of units.jsonl."""

    project: str
    version: str
    licence: str
    source: str
    language: str
    flags: list[str]
    bitcode: str
    code_bytes: int
    digest: str


class BuildError(InputError):
    """A package could not be turned into units; the message says why."""


def find_tools(clang: str | None) -> Path:
    """The folder of the LLVM tools: that of a given clang, or of the one on the path."""
    for name in (clang,) if clang else ("clang-22", "clang"):
        if found := shutil.which(name):
            return Path(found).resolve().parent
    raise SystemExit("no clang found: name one with --clang PATH")


def quiet(command: Sequence[str | Path], folder: Path | None = None) -> str:
    """Run a command, return what it printed; BuildError with its first error line if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        error = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise BuildError(f"{Path(command[0]).name}: {error}")
    return done.stdout


def text_bytes(tools: Path, module: Path) -> int:
    """Bytes of code (.text and .text.*) that `clang -Oz -c` makes of a module."""
    with tempfile.NamedTemporaryFile(suffix=".o") as made:
        quiet([tools / "clang", "-Oz", "-w", "-c", module, "-o", made.name])
        table = quiet([tools / "llvm-size", "-A", made.name])
    return sum(int(size) for size in re.findall(r"(?m)^\.text(?:\.\S*)?\s+(\d+)", table))


def module_digest(tools: Path, module: Path) -> str:
    """Hash of a module's text without its file name, metadata and PIC marks."""
    lines = quiet([tools / "llvm-dis", module, "-o", "-"]).splitlines()
    dropped = (";", "source_filename", "!", "attributes")
    code = [re.sub(r"dso_local |!\d+", "", line) for line in lines if not line.startswith(dropped)]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:32]


WRAPPER = """#!/bin/sh
# Runs the real compiler; writes down each compile that is not a probe.
case " $* " in
*conftest*) ;;
*" -c "*) printf '%s\\0' "$PWD" {tool} "$@" >"$(mktemp "$UNITS_LOG/XXXXXXXXXX")" ;;
esac
exec {compiler} "$@"
"""


def environment(job: Job, log: Path) -> dict[str, str]:
    """Write the two wrappers; what makes every build use them, and leave records in the log folder."""
    home = job.work / "bin"
    home.mkdir(parents=True, exist_ok=True)
    for tool, compiler in (("cc", "clang"), ("c++", "clang++")):
        real = shlex.quote(str(job.tools / compiler))
        (home / tool).write_text(WRAPPER.format(tool=tool, compiler=real))
        (home / tool).chmod(0o755)
    compilers = {"CC": str(home / "cc"), "CXX": str(home / "c++"), "CFLAGS": "-Oz", "CXXFLAGS": "-Oz"}
    idle = {"MAKEINFO": "true", "HELP2MAN": "true", "FORCE_UNSAFE_CONFIGURE": "1", "LC_ALL": "C"}
    return {**os.environ, **compilers, **idle, "MAKEFLAGS": f"-k -j{job.jobs}", "UNITS_LOG": str(log)}


def make(job: Job, recipe: Recipe, root: Path, log: Path) -> None:
    """Run a recipe; only its last command, the making, may end with errors."""
    variables = environment(job, log)
    with (root.parent / "build.log").open("w") as report:
        for command in recipe.commands:
            done = subprocess.run(
                ["sh", "-c", command], cwd=root / recipe.folder, env=variables, timeout=COMMAND_SECONDS, check=False,
                stdin=subprocess.DEVNULL, stdout=report, stderr=subprocess.STDOUT,
            )  # fmt: skip
            if done.returncode:
                ended = f"exit code {done.returncode} from: {command.strip()} (see {report.name})"
                if command != recipe.commands[-1]:
                    raise BuildError(ended)
                print(f"{recipe.name}: {ended}", file=sys.stderr)


def build(job: Job, recipe: Recipe, root: Path) -> list[Compile]:
    """Make a package; every compile of a file of its own that was written down, probes of its setup left out."""
    log = root.parent / "compiles"
    shutil.rmtree(log, ignore_errors=True)
    log.mkdir()
    settle(root)
    make(job, recipe, root, log)
    unique = {(one.source, one.flags): one for entry in log.iterdir() for one in read_record(entry)}
    own = [one for one in unique.values() if one.source.is_relative_to(root) and one.source.is_file()]
    real = [one for one in own if not any(probe in str(one.source.relative_to(root)) for probe in PROBES)]
    return sorted(real, key=lambda one: (str(one.source), one.flags))


WITH_OUTPUT = {"-o", "-MF", "-MT", "-MQ"}
DROPPED = re.compile(r"-(c|S|E|O.*|g.*|M[A-Z]*|flto.*|Werror.*|save-temps.*|fsanitize=.*)$|-Wp,-M")


def split_arguments(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The inputs that are C or C++ sources, and the flags that are kept, their values after them."""
    inputs: list[str] = []
    flags: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in WITH_OUTPUT:
            next(rest, None)
        elif not word.startswith("-") and word.endswith((".c", *CXX_SUFFIXES)):
            inputs.append(word)
        elif not DROPPED.match(word):
            flags.append(word)
    return inputs, flags


def read_record(entry: Path) -> list[Compile]:
    """The compiles of one command the wrapper wrote down."""
    folder, tool, *words = entry.read_bytes().decode(errors="replace").split("\0")[:-1]
    inputs, flags = split_arguments(words)
    plus = tool == "c++" or "c++" in flags
    languages = ["c++" if plus or name.endswith(CXX_SUFFIXES) else "c" for name in inputs]
    sources = [Path(os.path.normpath(Path(folder, name))) for name in inputs]
    return [Compile(Path(folder), *one, tuple(flags)) for one in zip(sources, languages, strict=True)]


def licence(root: Path, source: str) -> str:
    """Licence that debian/copyright gives a file."""
    place = root / "debian" / "copyright"
    return find_licence(place.read_text(errors="replace") if place.is_file() else "", source)


def make_unit(job: Job, one: Compile, root: Path, bitcode: str) -> Unit | None:
    """One unit's module and its line, without the version; nothing when it cannot be made or is empty."""
    module, project = job.out / bitcode, root.parent.name
    clang = job.tools / ("clang++" if one.language == "c++" else "clang")
    how = ["-Oz", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c", "-g0", "-w", "-o", str(module)]
    try:
        quiet([clang, *one.flags, *how, one.source], one.folder)
        size, digest = text_bytes(job.tools, module), module_digest(job.tools, module)
    except BuildError as reason:
        print(f"{project}: {one.source.name}: {reason}", file=sys.stderr)
        size, digest = 0, ""
    if size == 0:
        module.unlink(missing_ok=True)
        return None
    source = str(one.source.relative_to(root))
    return Unit(
        project=project, version="", licence=licence(root, source), source=source, language=one.language,
        flags=[flag.replace(str(root), ".") for flag in one.flags],
        bitcode=bitcode, code_bytes=size, digest=digest,
    )  # fmt: skip


def capture(job: Job, recipe: Recipe) -> list[Unit]:
    """All units of one package, written below OUT but not yet listed."""
    root, version = unpack(job.work, recipe.name)
    compiles = build(job, recipe, root)
    shutil.rmtree(job.out / recipe.name, ignore_errors=True)
    (job.out / recipe.name).mkdir(parents=True)
    names = [f"{recipe.name}/{number:03d}-{one.source.stem}.bc" for number, one in enumerate(compiles, 1)]
    with ThreadPoolExecutor(job.jobs) as pool:
        made = pool.map(lambda one, name: make_unit(job, one, root, name), compiles, names)
        units = [unit for unit in made if unit]
    if not units:
        needs = f" (needs {recipe.needs})" if recipe.needs else ""
        raise BuildError(f"nothing was compiled, or only into empty modules: see {root.parent / 'build.log'}{needs}")
    for unit in units:
        unit["version"] = version
    return units


def read_units(out: Path) -> list[Unit]:
    """The lines of OUT/units.jsonl, none when there is no such file."""
    place = out / "units.jsonl"
    return [json.loads(line) for line in place.read_text().splitlines()] if place.is_file() else []


def write_units(out: Path, units: Iterable[Unit]) -> None:
    """Replace OUT/units.jsonl in one step."""
    fresh = out / "units.jsonl.new"
    fresh.write_text("".join(json.dumps(unit) + "\n" for unit in units))
    fresh.replace(out / "units.jsonl")


def is_gnulib(unit: Unit) -> bool:
    """Whether a unit lies where packages keep their copy of gnulib."""
    folders = Path(unit["source"]).parts[:-1]
    return any(part in GNULIB_FOLDERS or "gnulib" in part for part in folders)


def kept(out: Path, units: Sequence[Unit], others: Sequence[Unit]) -> list[Unit]:
    """Units without duplicates and without what the other set has; the modules of the rest are removed."""
    names = {Path(unit["source"]).name for unit in others}
    seen = {unit["digest"] for unit in others}
    result = []
    for unit in units:
        shared = is_gnulib(unit) and Path(unit["source"]).name in names
        if shared or unit["digest"] in seen:
            (out / unit["bitcode"]).unlink(missing_ok=True)
        else:
            seen.add(unit["digest"])
            result.append(unit)
    return result


def read_recipes(which: str) -> dict[str, Recipe]:
    """The packages of a set, by name; a held-out benchmark suite must not be one of them."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    recipes = {}
    for name, row in table[which].items():
        if any(suite in re.sub(r"[^a-z0-9]", "", name.lower()) for suite in HELD_OUT):
            raise SystemExit(f"{name}: a held-out benchmark suite is never captured")
        way = next(way for way in table["how"] if way in row)
        commands = [row["first"]] if "first" in row else []
        commands += [command.replace("{}", row[way]) for command in table["how"][way]]
        recipes[name] = Recipe(name, tuple(commands), row.get("folder", ""), row.get("needs", ""))
    return recipes


def run(job: Job, recipes: Iterable[Recipe], others: Sequence[Unit]) -> int:
    """Capture every package that is not there yet, and name those that fail."""
    failures = []
    listed = kept(job.out, read_units(job.out), others)
    write_units(job.out, listed)
    for recipe in recipes:
        if any(unit["project"] == recipe.name for unit in listed):
            continue
        try:
            listed = kept(job.out, [*listed, *capture(job, recipe)], others)
        except (InputError, OSError, subprocess.TimeoutExpired) as reason:
            failures.append(f"failed: {recipe.name}: {reason}")
            continue
        write_units(job.out, listed)
        sizes = [unit["code_bytes"] for unit in listed if unit["project"] == recipe.name]
        print(f"{recipe.name}: {len(sizes)} units, {sum(sizes)} code bytes", flush=True)
    print(*failures, sep="\n", end="\n" if failures else "", file=sys.stderr)
    return 1 if failures else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Debian source packages to translation units.")
    parser.add_argument("--set", required=True, choices=("train", "evaluate"), dest="which")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--work", type=Path, help="downloads and builds (default: OUT/../build)")
    parser.add_argument("--clang", help="clang to use; the other tools are taken from its folder")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--apart-from", type=Path, help="OUT of the evaluate set, for --set train")
    parser.add_argument("package", nargs="*")
    given = parser.parse_args()
    out = given.out.resolve()
    work = (given.work or out.parent / "build").resolve()
    recipes = read_recipes(given.which)
    if unknown := set(given.package) - set(recipes):
        parser.error(f"not in the table of set {given.which}: {', '.join(sorted(unknown))}")
    others = read_units(given.apart_from) if given.apart_from else []
    if given.which == "train" and (not others or given.apart_from.resolve() == out):
        parser.error("capture the evaluate set first and name it with --apart-from DIR")
    out.mkdir(parents=True, exist_ok=True)
    prepare_apt(work)
    job = Job(find_tools(given.clang), out, work, given.jobs)
    return run(job, [recipes[name] for name in given.package or recipes], others if given.which == "train" else [])


if __name__ == "__main__":
    sys.exit(main())
