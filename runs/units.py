"""Turn Debian source packages, by name, into translation units for tuning.

Each package of the table below is downloaded with apt (from the machine's own
archive entries, read as deb-src in the work folder), unpacked, configured and
made with a compiler wrapper that writes down every real `-c` compile.  Each
such compile is then run again for its unoptimised module (`-Oz -Xclang
-disable-llvm-passes`), kept as OUT/<package>/<nnn>-<basename>.bc with a line in
OUT/units.jsonl.  A package that is already in units.jsonl is skipped, and one
that fails does not stop the others: it is named at the end (exit code 1).

    python runs/units.py --set evaluate --out DIR
    python runs/units.py --set train --out DIR --apart-from EVALUATE_OUT

The set "evaluate" must never train a portfolio.  The gnulib files it has, and
every module it has, are dropped from "train", which is why that set is told
where the other one lies.  The held-out suites are refused by name.
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
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, TypedDict, cast

SetName = Literal["train", "evaluate"]

# Names of suites that are only ever measured, after the fact, by someone else.
HELD_OUT = ("mibench", "embench", "cbench", "humanevalx")

C_SUFFIXES = (".c",)
CXX_SUFFIXES = (".cc", ".cpp", ".cxx", ".c++", ".C")
PROBES = ("conftest", "CMakeFiles", "CMakeScratch", "CMakeTmp")
GNULIB_FOLDERS = {"lib", "gl", "gnu", "gnulib", "gnulib-lib", "support"}
COMMAND_SECONDS = 1500

CONFIGURE = "./configure --disable-shared --disable-nls --disable-dependency-tracking"
AUTOTOOLS = (CONFIGURE, "make")
CMAKE_FLAGS = "-DCMAKE_BUILD_TYPE=MinSizeRel -DBUILD_SHARED_LIBS=OFF"
CMAKE_SETUP = f"cmake -S . -B units-build {CMAKE_FLAGS} -DBUILD_TESTING=OFF"
CMAKE_BUILD = "cmake --build units-build"
CMAKE = (CMAKE_SETUP, CMAKE_BUILD)
PLAIN_MAKE = 'make CC="$CC" CXX="$CXX"'


@dataclass(frozen=True)
class Recipe:
    """How one source package is configured and made, from its unpacked root."""

    name: str
    commands: tuple[str, ...] = AUTOTOOLS
    needs: tuple[str, ...] = ()  # -dev packages that must be installed


def cmake(name: str, options: str, needs: tuple[str, ...] = ()) -> Recipe:
    """A package built by CMake with a few options of its own."""
    return Recipe(name, (f"{CMAKE_SETUP} {options}", CMAKE_BUILD), needs)


def each(sources: str, flags: str) -> str:
    """The command that compiles C sources one by one, where make needs too much."""
    return f'for f in {sources}; do "$CC" $CFLAGS {flags} -c "$f" -o "$f.o"; done'


LUA_HEADER = (
    'echo "#define DEB_HOST_MULTIARCH \\"$(dpkg-architecture -qDEB_HOST_MULTIARCH)\\"" >src/lua5.4-deb-multiarch.h'
)

EVALUATE = (
    Recipe("xz-utils"),
    Recipe("zlib", ("./configure --static", "make")),
    Recipe("gzip"),
    Recipe("sed"),
    Recipe("grep"),
    Recipe("lua5.4", (LUA_HEADER, each("src/*.c", "-DLUA_USE_LINUX -DLUA_COMPAT_5_3"))),
    Recipe("lz4", (PLAIN_MAKE,)),
    Recipe("bzip2", (PLAIN_MAKE,)),
    Recipe("file"),
    Recipe("tinyxml2", CMAKE),
    Recipe("pugixml", CMAKE),
    cmake("libjsoncpp", "-DJSONCPP_WITH_TESTS=OFF"),
    cmake("fmtlib", "-DFMT_TEST=OFF -DFMT_DOC=OFF"),
    Recipe("double-conversion", CMAKE),
    cmake("snappy", "-DSNAPPY_BUILD_TESTS=OFF -DSNAPPY_BUILD_BENCHMARKS=OFF"),
    cmake("yaml-cpp", "-DYAML_CPP_BUILD_TESTS=OFF"),
    cmake("muparser", "-DENABLE_OPENMP=OFF"),
)

# Debian makes these tables anew; without them there is less data, but all the code.
RE2_TABLES = "touch re2/perl_groups.cc re2/unicode_casefold.cc re2/unicode_groups.cc"

SODIUM_FLAGS = (
    "-DCONFIGURED=1 -DNATIVE_LITTLE_ENDIAN=1 -DHAVE_TI_MODE=1 -Ibuilds/msvc"
    " -Isrc/libsodium/include -Isrc/libsodium/include/sodium"
)

# Debian's patches compare this macro with 1, which CMake defines as nothing.
EXPAT_DTD = "sed -i 's/^#cmakedefine XML_DTD$/#define XML_DTD 1/' expat/expat_config.h.cmake"
EXPAT_FLAGS = "-DEXPAT_BUILD_TESTS=OFF -DEXPAT_BUILD_DOCS=OFF"

TRAIN = (
    Recipe("libyaml", CMAKE),
    Recipe("libpng1.6", needs=("zlib1g-dev",)),
    cmake("jansson", "-DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON"),
    cmake("leveldb", "-DLEVELDB_BUILD_TESTS=OFF -DLEVELDB_BUILD_BENCHMARKS=OFF"),
    Recipe(
        "expat",
        (EXPAT_DTD, f"cd expat && {CMAKE_SETUP} {EXPAT_FLAGS}", f"cd expat && {CMAKE_BUILD}"),
    ),
    Recipe("diffutils"),
    Recipe("less", needs=("libncurses-dev",)),
    Recipe("re2", (RE2_TABLES, f"{CMAKE_SETUP} -DRE2_BUILD_TESTING=OFF", CMAKE_BUILD)),
    Recipe("findutils"),
    Recipe("brotli", CMAKE),
    Recipe("lzo2"),
    cmake("cmark", "-DCMARK_TESTS=OFF -DCMARK_SHARED=OFF"),
    Recipe("ninja-build", CMAKE),
    Recipe("libzstd", (f"{PLAIN_MAKE} -C programs zstd",)),
    Recipe("pcre2"),
    Recipe("mbedtls", (f"{PLAIN_MAKE} lib",)),
    Recipe("gawk"),
    Recipe("tar"),
    Recipe("nano", needs=("libncurses-dev",)),
    cmake("cjson", "-DENABLE_CJSON_TEST=OFF"),
    Recipe("libsodium", (each("$(find src/libsodium -name '*.c')", SODIUM_FLAGS),)),
    Recipe("opus"),
    cmake("flac", "-DWITH_OGG=OFF -DBUILD_DOCS=OFF -DINSTALL_MANPAGES=OFF -DBUILD_EXAMPLES=OFF"),
    cmake("libjpeg-turbo", "-DWITH_SIMD=OFF"),
    Recipe("libzip", CMAKE, ("zlib1g-dev",)),
    Recipe("woff2", CMAKE, ("libbrotli-dev",)),
    Recipe("google-glog", CMAKE),
    Recipe("taglib", CMAKE, ("libutfcpp-dev",)),
    Recipe("libonig", CMAKE),
    cmake("json-c", "-DDISABLE_WERROR=ON"),
    Recipe("hunspell"),
    Recipe("dash"),
    cmake(
        "mosquitto",
        "-DDOCUMENTATION=OFF -DWITH_TLS=OFF -DWITH_CJSON=OFF -DWITH_STATIC_LIBRARIES=ON",
    ),
)


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


class BuildError(Exception):
    """A package could not be turned into units; the message says why."""


@dataclass(frozen=True)
class Tools:
    """The LLVM tools, all from the folder of the clang that was asked for."""

    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)

    @classmethod
    def find(cls, clang: str | None) -> Tools:
        """From a given clang, or from the one on the path."""
        for name in (clang,) if clang else ("clang-22", "clang"):
            found = shutil.which(name)
            if found:
                return cls(Path(found).resolve().parent)
        raise SystemExit("no clang found: name one with --clang PATH")


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

    tools: Tools
    out: Path
    work: Path
    jobs: int


# --- running things ---------------------------------------------------------


def quiet(command: Sequence[str], folder: Path | None = None) -> str:
    """Run a command, return what it printed; its last error line on failure."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        errors = [line for line in words if "error" in line.lower()] or words[-1:]
        raise BuildError(f"{Path(command[0]).name}: {errors[0]}")
    return done.stdout


def text_bytes(tools: Tools, module: Path) -> int:
    """Bytes of code (.text and .text.*) that `clang -Oz -c` makes of a module."""
    with tempfile.NamedTemporaryFile(suffix=".o") as made:
        clang = [tools.path("clang"), "-Oz", "-w", "-c", str(module), "-o", made.name]
        quiet(clang)
        table = quiet([tools.path("llvm-size"), "-A", made.name])
    rows = (line.split() for line in table.splitlines())
    return sum(int(row[1]) for row in rows if row and re.match(r"\.text(\.|$)", row[0]))


def module_digest(tools: Tools, module: Path) -> str:
    """Hash of a module's text without its file name, metadata and PIC marks."""
    text = quiet([tools.path("llvm-dis"), str(module), "-o", "-"])
    code = [
        re.sub(r"dso_local |!\d+", "", line)
        for line in text.splitlines()
        if not line.startswith((";", "source_filename", "!", "attributes"))
    ]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:32]


# --- the archive ------------------------------------------------------------


def apt_places() -> tuple[Path, Path]:
    """Where this machine's apt reads its entries: the file and the folder."""
    asked = ["LIST", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d"]
    shell = quiet(["apt-config", "shell", *asked])
    values = dict(line.split("=", 1) for line in shlex.split(shell))
    return Path(values["LIST"]), Path(values["PARTS"])


def as_source_entries(text: str) -> str:
    """The same archive entries, one-line or deb822, for sources instead."""
    text = re.sub(r"(?m)^deb(?=\s)", "deb-src", text)
    return re.sub(r"(?m)^Types:.*$", "Types: deb-src", text)


def apt_options(work: Path) -> list[str]:
    """Options that keep apt's entries and lists in the work folder."""
    home = work / "apt"
    return [
        "-o", "Dir::Etc::sourcelist=/dev/null",
        "-o", f"Dir::Etc::sourceparts={home / 'parts'}",
        "-o", f"Dir::State::lists={home / 'lists'}",
        "-o", "Dir::Cache::pkgcache=",
        "-o", "Dir::Cache::srcpkgcache=",
    ]  # fmt: skip


def prepare_apt(work: Path) -> None:
    """Write the deb-src entries and get the lists of sources, once."""
    parts, lists = work / "apt" / "parts", work / "apt" / "lists"
    if any(lists.glob("*_Sources*")):
        return
    parts.mkdir(parents=True, exist_ok=True)
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    single, folder = apt_places()
    for entry in (single, *folder.glob("*.list"), *folder.glob("*.sources")):
        if entry.is_file():
            (parts / entry.name).write_text(as_source_entries(entry.read_text()))
    quiet(["apt-get", *apt_options(work), "update"])


def field(text: str, name: str) -> str:
    """The first value of a `Name: value` line, or nothing."""
    found = re.search(rf"(?m)^{name}:[ \t]*(.+)$", text)
    return found.group(1).strip() if found else ""


def download(work: Path, name: str, home: Path) -> None:
    """Download a source package; an older version where a mirror lacks the newest."""
    apt_get, apt_cache = (
        [tool, *apt_options(work), how, "--only-source"]
        for tool, how in (("apt-get", "source"), ("apt-cache", "showsrc"))
    )
    shown = re.findall(r"(?m)^Version: (\S+)$", quiet([*apt_cache, name]))
    failed = BuildError(f"{name}: no such source package")
    for wanted in (name, *(f"{name}={version}" for version in reversed(shown))):
        try:
            quiet([*apt_get, "--download-only", wanted], home)
            return
        except BuildError as reason:
            failed = reason
            for description in home.glob("*.dsc"):
                description.unlink()
    raise failed


def unpack(work: Path, name: str) -> tuple[Path, str]:
    """Download and unpack one source package: its root and its version."""
    home = work / name
    root = home / "root"
    shutil.rmtree(root, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    download(work, name, home)
    description = next(home.glob("*.dsc"))
    quiet(["dpkg-source", "--no-check", "-x", description.name, "root"], home)
    return root, field(description.read_text(errors="replace"), "Version")


def licence(root: Path, source: str) -> str:
    """Licence that debian/copyright gives a file: its last stanza that fits, else the first."""
    place = root / "debian" / "copyright"
    text = place.read_text(errors="replace") if place.is_file() else ""
    found, first = "", ""
    for stanza in re.split(r"\n\s*\n", text):
        name = field(stanza, "License")
        first = first or name
        files = re.search(r"(?m)^Files:((?:.*)(?:\n[ \t].*)*)", stanza)
        patterns = files.group(1).replace(",", " ").split() if files and name else []
        if any(fnmatchcase(source, pattern) for pattern in patterns):
            found = name
    return found or first or "see debian/copyright"


# --- the build --------------------------------------------------------------

WRAPPER = """#!/bin/sh
# Runs the real compiler; writes down each compile that is not a probe.
for word in "$@"; do
    case $word in
    -c) real=1 ;;
    *conftest*) probe=1 ;;
    esac
done
if [ -n "$real" ] && [ -z "$probe" ] && [ -n "$UNITS_LOG" ]; then
    printf '%s\\0' "$PWD" {tool} "$@" >"$(mktemp "$UNITS_LOG/XXXXXXXXXX")"
fi
exec {compiler} "$@"
"""


def write_wrappers(job: Job) -> dict[str, str]:
    """Write the two wrappers; the environment that makes builds use them."""
    home = job.work / "bin"
    home.mkdir(parents=True, exist_ok=True)
    for tool, compiler in (("cc", "clang"), ("c++", "clang++")):
        real = shlex.quote(job.tools.path(compiler))
        (home / tool).write_text(WRAPPER.format(tool=tool, compiler=real))
        (home / tool).chmod(0o755)
    return {"CC": str(home / "cc"), "CXX": str(home / "c++")}


def build_environment(job: Job, log: Path) -> dict[str, str]:
    """What every configure and make command is given."""
    return {
        **os.environ,
        **write_wrappers(job),
        "UNITS_LOG": str(log),
        "CFLAGS": "-Oz",
        "CXXFLAGS": "-Oz",
        "MAKEFLAGS": f"-k -j{job.jobs}",
        "MAKEINFO": "true",
        "HELP2MAN": "true",
        "FORCE_UNSAFE_CONFIGURE": "1",
        "LC_ALL": "C",
    }


def settle(root: Path) -> None:
    """Make the generated build files look newer than what patches touched."""
    when = time.time() - 3600
    for place in root.rglob("*"):
        os.utime(place, (when, when), follow_symlinks=False)
    for pattern in ("aclocal.m4", "configure", "*.hin", "*h.in", "Makefile.in"):
        when += 1
        for place in root.rglob(pattern):
            os.utime(place, (when, when), follow_symlinks=False)


def run_commands(job: Job, recipe: Recipe, root: Path, log: Path) -> None:
    """Run a recipe; only its last command, the making, may end with errors."""
    environment = build_environment(job, log)
    with (root.parent / "build.log").open("w") as report:
        for command in recipe.commands:
            done = subprocess.run(
                ["sh", "-c", command], cwd=root, env=environment, check=False,
                stdin=subprocess.DEVNULL, stdout=report, stderr=subprocess.STDOUT,
                timeout=COMMAND_SECONDS,
            )  # fmt: skip
            if done.returncode == 0:
                continue
            ended = f"exit code {done.returncode} from: {command} (see {report.name})"
            if command is not recipe.commands[-1]:
                raise BuildError(ended)
            print(f"{recipe.name}: {ended}", file=sys.stderr)


def build(job: Job, recipe: Recipe, root: Path) -> list[Compile]:
    """Configure and make; every compile that was written down."""
    log = root.parent / "compiles"
    shutil.rmtree(log, ignore_errors=True)
    log.mkdir()
    run_commands(job, recipe, root, log)
    records = (record for entry in log.iterdir() for record in read_record(entry))
    unique = {(c.source, c.flags): c for c in records if inside(c.source, root)}
    return sorted(unique.values(), key=lambda c: (str(c.source), c.flags))


def inside(source: Path, root: Path) -> bool:
    """Whether a source belongs to the package and is no probe of its setup."""
    if not (source.is_relative_to(root) and source.is_file()):
        return False
    return not any(probe in str(source.relative_to(root)) for probe in PROBES)


# --- the arguments ----------------------------------------------------------

WITH_VALUE = {
    "-I", "-D", "-U", "-x", "-include", "-imacros", "-isystem", "-iquote", "-idirafter",
    "-Xclang", "-arch", "-target", "-std", "--param", "-mllvm", "-iprefix", "-isysroot",
}  # fmt: skip
DROPPED_WITH_VALUE = {"-o", "-MF", "-MT", "-MQ"}
DROPPED = re.compile(r"-(c|S|E|O.*|g.*|M[A-Z]*|flto.*|Werror.*|save-temps.*|fsanitize=.*)$|-Wp,-M")


def split_arguments(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The inputs that are C or C++ sources, and the flags that are kept."""
    inputs: list[str] = []
    flags: list[str] = []
    rest: Iterator[str] = iter(words)
    for word in rest:
        if word in DROPPED_WITH_VALUE:
            next(rest, None)
        elif word in WITH_VALUE:
            flags += [word, next(rest, "")]
        elif word.endswith(C_SUFFIXES + CXX_SUFFIXES) and not word.startswith("-"):
            inputs.append(word)
        elif word.startswith("-") and not DROPPED.match(word):
            flags.append(word)
    return inputs, flags


def read_record(entry: Path) -> list[Compile]:
    """The compiles of one command the wrapper wrote down."""
    folder, tool, *words = entry.read_bytes().decode(errors="replace").split("\0")[:-1]
    inputs, flags = split_arguments(words)
    made = []
    for name in inputs:
        plus = tool == "c++" or name.endswith(CXX_SUFFIXES) or "c++" in flags
        source = Path(os.path.normpath(Path(folder, name)))
        made.append(Compile(Path(folder), source, "c++" if plus else "c", tuple(flags)))
    return made


# --- the modules ------------------------------------------------------------


def emit(tools: Tools, one: Compile, module: Path) -> None:
    """Write the unoptimised module of one compile."""
    compiler = tools.path("clang++" if one.language == "c++" else "clang")
    how = ["-Oz", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c", "-g0", "-w"]
    quiet([compiler, *one.flags, *how, str(one.source), "-o", str(module)], one.folder)


def make_unit(job: Job, recipe: Recipe, one: Compile, number: int) -> Unit | None:
    """One unit's module and line; nothing when it cannot be made or is empty."""
    root = job.work / recipe.name / "root"
    source = str(one.source.relative_to(root))
    bitcode = f"{recipe.name}/{number:03d}-{one.source.stem}.bc"
    module = job.out / bitcode
    try:
        emit(job.tools, one, module)
        size = text_bytes(job.tools, module)
        digest = module_digest(job.tools, module)
    except BuildError as reason:
        print(f"{recipe.name}: {one.source.name}: {reason}", file=sys.stderr)
        size, digest = 0, ""
    if size == 0:
        module.unlink(missing_ok=True)
        return None
    return Unit(
        project=recipe.name, version="", licence=licence(root, source),
        source=source, language=one.language,
        flags=[flag.replace(str(root), ".") for flag in one.flags],
        bitcode=bitcode, code_bytes=size, digest=digest,
    )  # fmt: skip


def capture(job: Job, recipe: Recipe) -> list[Unit]:
    """All units of one package, written below OUT but not yet listed."""
    root, version = unpack(job.work, recipe.name)
    settle(root)
    compiles = build(job, recipe, root)
    if not compiles:
        needs = f" (needs {', '.join(recipe.needs)})" if recipe.needs else ""
        raise BuildError(f"nothing was compiled: see {root.parent / 'build.log'}{needs}")
    shutil.rmtree(job.out / recipe.name, ignore_errors=True)
    (job.out / recipe.name).mkdir(parents=True)
    numbers = range(1, len(compiles) + 1)
    with ThreadPoolExecutor(job.jobs) as pool:
        made = pool.map(lambda one, number: make_unit(job, recipe, one, number), compiles, numbers)
        units = [unit for unit in made if unit]
    if not units:
        raise BuildError("nothing that was compiled made a unit")
    for unit in units:
        unit["version"] = version
    return units


# --- the list ---------------------------------------------------------------


def read_units(out: Path) -> list[Unit]:
    """The lines of OUT/units.jsonl, none when there is no such file."""
    place = out / "units.jsonl"
    lines = place.read_text().splitlines() if place.is_file() else []
    return [cast(Unit, json.loads(line)) for line in lines]


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
    """Units without duplicates and without what the other set has."""
    names = {Path(unit["source"]).name for unit in others}
    seen = {unit["digest"] for unit in others}
    result = []
    for unit in units:
        shared = is_gnulib(unit) and Path(unit["source"]).name in names
        if shared or unit["digest"] in seen:
            (out / unit["bitcode"]).unlink(missing_ok=True)
            continue
        seen.add(unit["digest"])
        result.append(unit)
    return result


# --- the command ------------------------------------------------------------


def refuse_held_out(names: Iterable[str]) -> None:
    """Stop when a name is that of a held-out benchmark suite."""
    for name in names:
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        if any(suite in plain for suite in HELD_OUT):
            raise SystemExit(f"{name}: a held-out benchmark suite is never captured")


def chosen(which: SetName, names: Sequence[str]) -> list[Recipe]:
    """The recipes of a set, or those of it that were named."""
    table = {recipe.name: recipe for recipe in (TRAIN if which == "train" else EVALUATE)}
    refuse_held_out((*names, *table))
    unknown = [name for name in names if name not in table]
    if unknown:
        raise SystemExit(f"not in the table of set {which}: {', '.join(unknown)}")
    return [table[name] for name in names] if names else list(table.values())


def run(job: Job, recipes: Sequence[Recipe], others: Sequence[Unit]) -> dict[str, str]:
    """Capture every package that is not there yet; reasons of those that fail."""
    failures: dict[str, str] = {}
    listed = kept(job.out, read_units(job.out), others)
    write_units(job.out, listed)
    for recipe in recipes:
        if any(unit["project"] == recipe.name for unit in listed):
            continue
        try:
            listed = kept(job.out, [*listed, *capture(job, recipe)], others)
        except (BuildError, OSError, subprocess.TimeoutExpired) as reason:
            failures[recipe.name] = str(reason)
            continue
        write_units(job.out, listed)
        print(summary(recipe.name, listed), flush=True)
    return failures


def summary(name: str, units: Iterable[Unit]) -> str:
    """Units and code bytes of one project, in a line."""
    sizes = [unit["code_bytes"] for unit in units if unit["project"] == name]
    return f"{name}: {len(sizes)} units, {sum(sizes)} code bytes"


def other_set(which: SetName, out: Path, apart_from: Path | None) -> list[Unit]:
    """The units that must not be in this set: those of "evaluate" for "train"."""
    if which == "evaluate":
        return []
    place = apart_from or out.parent / out.name.replace("train", "evaluate")
    if place == out or not (place / "units.jsonl").is_file():
        raise SystemExit("capture the evaluate set first and name it with --apart-from DIR")
    return read_units(place)


def parse(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Debian source packages to translation units.")
    parser.add_argument("--set", required=True, choices=("train", "evaluate"), dest="which")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--work", type=Path, help="downloads and builds (default: OUT/../build)")
    parser.add_argument("--clang", help="clang to use; the other tools are taken from its folder")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--apart-from", type=Path, help="OUT of the evaluate set, for --set train")
    parser.add_argument("package", nargs="*")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    given = parse(words)
    out: Path = given.out.resolve()
    work: Path = (given.work or out.parent / "build").resolve()
    recipes = chosen(given.which, given.package)
    others = other_set(given.which, out, given.apart_from)
    out.mkdir(parents=True, exist_ok=True)
    prepare_apt(work)
    failures = run(Job(Tools.find(given.clang), out, work, given.jobs), recipes, others)
    for name, reason in failures.items():
        print(f"failed: {name}: {reason}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
