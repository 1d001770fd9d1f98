"""Write the catalogue of one LLVM: which passes, spellings of passes and global options a search may use.

    python3 runs/catalogue.py --opt /path/to/opt

The decisions are in the hand-written table `catalogue.toml`. This script asks the given `opt` which passes, parameters
and options it knows, refuses to go on if it names a pass that the table does not decide upon, runs every kept word and
every option value on the C programs of `samples`, and writes `src/lathe/llvm/data/catalogue-<version>.json`, one
record per line, or nothing if anything failed. `clang` and `llc` are taken from the directory of `opt`. It takes some
minutes.

In an option's record, `changes` lists the values that gave another object for a sample: a hint, not a judgement.
"""

from __future__ import annotations

import argparse
import fnmatch
import itertools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "src" / "lathe" / "llvm" / "data"
OZ = "default<Oz>"
PIPELINES = ("default<O1>", "default<O2>", "default<O3>", "default<Os>", OZ, "lto<O2>", "lto<Oz>", "lto-pre-link<Oz>")
SECTIONS = {"Module": "module", "CGSCC": "cgscc", "Function": "function", "LoopNest": "loop", "Loop": "loop"}
WRAPS = {
    "module": "{}",
    "cgscc": "cgscc({})",
    "function": "function({})",
    "loop": "function(loop({}))",
    "loop-mssa": "function(loop-mssa({}))",
}
TRIPLES = {
    "x86": ("--target=x86_64-linux-gnu",),
    "aarch64": ("--target=aarch64-linux-gnu",),
    "arm": ("--target=armv7m-none-eabi", "-mthumb"),
    "riscv": ("--target=riscv64-linux-gnu", "-march=rv64gc", "-mabi=lp64d"),
}
UNKNOWN = re.compile(
    "Unknown command line argument|Cannot find option named|invalid (parameter|simplifycfg|value)"
    "|unknown (pass name|(function|module|loop) pass)"
)
SAMPLES = (HERE / "samples" / "list.c", HERE / "samples" / "bits.c")
PARSE = """
import ctypes, sys
argv = [b"x"] + [a.encode() for a in sys.argv[2:]]
ctypes.CDLL(sys.argv[1]).LLVMParseCommandLineOptions(len(argv), (ctypes.c_char_p * len(argv))(*argv), None)
"""

Record = dict[str, Any]


class RefusedError(Exception):
    """A tool failed: its message."""


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """The line of a failed run that says most."""
    if done.returncode < 0:
        stack = [line for line in done.stderr.splitlines() if re.match(r"\d+\.\t", line)] or [""]
        return f"crash, signal {-done.returncode}: {stack[-1].strip()}"
    lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit {done.returncode}"]
    return next((line for line in lines if "rror" in line or "nknown" in line), lines[0])


@dataclass
class Tools:
    """One LLVM, a scratch directory, and the sample modules made with it."""

    opt: Path
    scratch: Path
    samples: dict[str, list[Path]] = field(default_factory=dict)
    optimised: dict[Path, Path] = field(default_factory=dict)
    objects: dict[Path, bytes] = field(default_factory=dict)

    def run(self, tool: str, *args: str | Path) -> str:
        """Run a tool of this LLVM; its output, or RefusedError with the line that says why."""
        path = self.opt if tool == "opt" else self.opt.parent / tool
        done = subprocess.run([path, *args], capture_output=True, text=True, input="", timeout=60, check=False)
        if done.returncode:
            raise RefusedError(reason(done))
        return done.stdout

    def lower(self, module: Path, *flags: str) -> bytes:
        """The object code of a module."""
        out = self.scratch / "out.o"
        self.run("llc", "-filetype=obj", "-relocation-model=pic", *flags, module, "-o", out)
        return out.read_bytes()

    def optimise(self, module: Path, passes: str, *flags: str, to: str = "out") -> Path:
        """The module after the passes."""
        out = self.scratch / f"{to}.bc"
        self.run("opt", f"-passes={passes}", *flags, module, "-o", out)
        return out

    def build(self, module: Path, passes: str, *flags: str) -> bytes:
        """The object code after the passes, with the flags in both tools."""
        return self.lower(self.optimise(module, passes, *flags), *flags)


def make_samples(tools: Tools) -> None:
    """Compile the samples to unoptimised IR with the attributes of -Oz, and keep their -Oz objects."""
    unoptimised = ["-Oz", "-w", "-fPIC", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c"]
    for (target, flags), source in itertools.product(TRIPLES.items(), SAMPLES):
        module = tools.scratch / f"{source.stem}-{target}.bc"
        tools.run("clang", *flags, *unoptimised, source, "-o", module)
        tools.samples.setdefault(target, []).append(module)
        tools.optimised[module] = tools.optimise(module, OZ, to=f"{module.stem}-oz")
        tools.objects[module] = tools.lower(tools.optimised[module])


# --- what this LLVM knows ---


def listed(tools: Tools) -> dict[tuple[str, str], str]:
    """The passes of --print-passes: parameters by name and level; analyses are left out."""
    section, found = "", dict[tuple[str, str], str]()
    for line in tools.run("opt", "--print-passes").splitlines():
        if not line.startswith(" "):
            section = line
        elif "analyses" not in section:
            level = "machine" if section.startswith("Machine") else SECTIONS[section.split()[0]]
            name, params = line.strip(), ""
            if "with params" in section:
                name, _, params = name.removesuffix(">").partition("<")
            found[name, level] = found.get((name, level)) or params
    return found


def default_names(tools: Tools) -> set[str]:
    """The names that occur in LLVM's own pipelines."""
    names: set[str] = set()
    for pipeline in PIPELINES:
        text = tools.run("opt", f"-passes={pipeline}", "-print-pipeline-passes", "-disable-output")
        names.update(re.findall(r"[a-z][\w-]*", re.sub(r"<[^>]*>", "", text)))
    return names


def helps(tools: Tools) -> dict[str, str]:
    """The help text of each option that both opt and llc know."""
    found: list[dict[str, str]] = []
    for tool in ("opt", "llc"):
        lines = tools.run(tool, "--help-hidden").splitlines()
        matches = (re.match(r"  +--?([\w-]+)\S* *(?:- *(.*))?$", line) for line in lines)
        found.append({m[1]: (m[2] or "").strip() for m in matches if m})
    return {name: text for name, text in found[0].items() if name in found[1]}


def defaults(tools: Tools) -> dict[str, str]:
    """The default value of each option, as LLVM prints it."""
    text = tools.run("opt", "--print-all-options", "-passes=verify", "-disable-output")
    matches = (re.match(r"\s+-+(\S+)\s+= (\S*)", line) for line in text.splitlines())
    return {m[1]: m[2] for m in matches if m}


def shared_library(tools: Tools) -> str:
    """The libLLVM that opt is linked with."""
    text = subprocess.run(["ldd", tools.opt], capture_output=True, text=True, check=True).stdout
    match = re.search(r"libLLVM\S* => (\S+)", text)
    if not match:
        raise SystemExit(f"{tools.opt} is not linked with a shared libLLVM")
    return match[1]


# --- passes ---


def accepts(tools: Tools, word: str, level: str) -> bool:
    """Whether opt takes the word (on the first sample)."""
    try:
        tools.run("opt", f"-passes={WRAPS[level].format(word)}", "-disable-output", tools.samples["x86"][0])
    except RefusedError as why:
        if UNKNOWN.search(str(why)):
            return False
        raise
    return True


def level_of(tools: Tools, name: str, level: str) -> str:
    """The level at which the pass runs: loop passes that need MemorySSA say so; other faults show when words run."""
    try:
        accepts(tools, name, level)
    except RefusedError as why:
        if "MemorySSA" in str(why):
            return "loop-mssa"
    return level


def keywords(tools: Tools, row: Record, level: str, params: str) -> list[str]:
    """The accepted parameters without a value: those listed, plus the table's extra ones, less the forbidden ones."""
    plain = [p for p in params.split(";") if p and re.fullmatch(r"[\w-]+", p)]
    extra = [p for p in row.get("extra", []) if p not in plain and accepts(tools, f"{row['name']}<{p}>", level)]
    return [p for p in plain + extra if p not in row.get("without", [])]


def integers(tools: Tools, row: Record, level: str, params: str) -> dict[str, list[int]]:
    """The integer parameters that the table gives values for and this LLVM knows."""
    given: dict[str, list[int]] = row.get("integers", {})
    return {
        name: values
        for name, values in given.items()
        if f"{name}=N" in params.split(";") or accepts(tools, f"{row['name']}<{name}={values[0]}>", level)
    }


def known(word: str, flags: Iterable[str], numbers: dict[str, list[int]]) -> bool:
    """Whether every parameter of the word is allowed, and every number among its values."""
    _, _, params = word.removesuffix(">").partition("<")
    for param in filter(None, params.split(";")):
        name, equals, value = param.partition("=")
        if param not in flags and not (equals and name in numbers and int(value) in numbers[name]):
            return False
    return True


def probe_word(tools: Tools, word: str, level: str) -> list[str]:
    """Run the word alone, before and after -Oz on the samples: what went wrong."""
    passes, wrong = WRAPS[level].format(word), []
    for module in tools.samples["x86"]:
        for pipeline in (passes, f"{passes},{OZ}", f"{OZ},{passes}"):
            try:
                tools.build(module, pipeline)
            except (RefusedError, subprocess.TimeoutExpired) as why:
                wrong.append(f"{pipeline} on {module.stem}: {why}")
    return wrong


def keep(tools: Tools, row: Record, level: str, params: str, origin: str) -> Record:
    """The record of a kept pass, its words not yet run."""
    level = level_of(tools, row["words"][0], row.get("level", level))
    flags, numbers = keywords(tools, row, level, params), integers(tools, row, level, params)
    words = [word for word in row["words"] if known(word, flags, numbers)]
    dropped = [word for word in row["words"] if word not in words]
    if dropped:
        print("left out, parameters unknown here:", ", ".join(dropped))
    record: Record = {"name": row["name"], "level": level, "origin": row.get("origin", origin), "kept": True}
    return record | {"flags": flags, "integers": numbers, "words": words}


def decide(table: Record) -> tuple[dict[str, Record], list[tuple[str, str]]]:
    """The table by name: rows of kept passes, and patterns of passes that stay out with their reasons."""
    rows: dict[str, Record] = {name: {"name": name, "words": [name]} for name in table["keep"]}
    rows |= {row["name"]: row for row in table["variants"]}
    out = [(pattern, group["reason"]) for group in table["out"] for pattern in group["names"]]
    both = [name for name in rows for pattern, _ in out if fnmatch.fnmatchcase(name, pattern)]
    if both or len(rows) != len(table["keep"]) + len(table["variants"]):
        raise SystemExit(f"the table decides twice upon {both or 'a kept pass'}")
    return rows, out


def passes(tools: Tools, table: Record) -> list[Record]:
    """A record for each pass that this LLVM names."""
    rows, out = decide(table)
    names = {(row["name"], row["level"]): "" for row in table["variants"] if row.get("unlisted")} | listed(tools)
    origins, records, undecided = default_names(tools), [], []
    for (name, level), params in names.items():
        origin = "default" if name in origins else "extra"
        reasons = ["a machine pass, out of reach of an IR pipeline"] if level == "machine" else []
        reasons += [reason for pattern, reason in out if fnmatch.fnmatchcase(name, pattern)]
        if reasons:
            records.append({"name": name, "level": level, "origin": origin, "kept": False, "reason": reasons[0]})
        elif name in rows:
            records.append(keep(tools, rows[name], level, params, origin))
        else:
            undecided.append(name)
    if undecided:
        raise SystemExit(f"catalogue.toml does not decide upon: {', '.join(undecided)}")
    return sorted(records, key=lambda r: (r["name"], r["level"]))


def probe_words(tools: Tools, records: list[Record]) -> list[str]:
    """Run every word of every kept pass."""
    return [
        fault
        for record in records
        if record["kept"]
        for word in record["words"]
        for fault in probe_word(tools, word, record["level"])
    ]


# --- options ---


def kind_of(values: list[str]) -> str:
    """bool, int or enum, read off the values."""
    if set(values) <= {"true", "false"}:
        return "bool"
    return "int" if all(re.fullmatch(r"-?\d+", value) for value in values) else "enum"


def is_default(value: str, printed: str | None) -> bool:
    """Whether the value is what LLVM prints as the default."""
    return {"true": "1", "false": "0"}.get(value, value) == printed


def differs(tools: Tools, flag: str, stage: str, targets: list[str]) -> bool:
    """Run both tools with the flag on the samples of the targets: whether any object is another one.

    Beyond the first sample, opt or llc is spared where the flag is meant for the other, or has changed nothing.
    """
    first, *others = (module for target in targets for module in tools.samples[target])
    moved = tools.build(first, OZ, flag) != tools.objects[first]
    for module in others:
        done = tools.optimised[module]
        if stage != "codegen":
            done = tools.optimise(module, OZ, flag)
        if stage != "ir" or done.read_bytes() != tools.optimised[module].read_bytes():
            moved |= tools.lower(done, flag) != tools.objects[module]
    return moved


def try_value(tools: Tools, row: Record, library: str, flag: str) -> bool:
    """Whether the value changes an object; an error if opt, llc or libLLVM does not take it."""
    targets = row.get("targets", ["x86", "aarch64"])
    moved = differs(tools, flag, row["stage"], targets)
    subprocess.run([sys.executable, "-c", PARSE, library, flag], capture_output=True, check=True, timeout=60)
    return moved


def option(tools: Tools, row: Record, library: str, default: str | None, text: str) -> tuple[Record, list[str]]:
    """The record of an option, with the values that are left, and what went wrong."""
    values, changes, wrong = [], [], []
    for value in row["values"]:
        if not row.get("auto") and is_default(value, default):
            continue
        flag = f"-{row['name']}={value}"
        try:
            changes += [value] if try_value(tools, row, library, flag) else []
            values.append(value)
        except (RefusedError, subprocess.SubprocessError) as why:
            wrong += [] if isinstance(why, RefusedError) and UNKNOWN.search(str(why)) else [f"{flag}: {why}"]
    record: Record = {"name": row["name"], "kind": kind_of(row["values"]), "values": values, "stage": row["stage"]}
    note = row.get("note") or text.rstrip(".")
    return record | {"targets": row.get("targets", ["any"]), "note": note, "changes": changes}, wrong


def options(tools: Tools, table: Record) -> tuple[list[Record], list[str]]:
    """A record for each option of the table that opt, llc and libLLVM know, and what went wrong."""
    library, printed, texts = shared_library(tools), defaults(tools), helps(tools)
    records, wrong = [], []
    for row in table["options"]:
        if row["name"] not in texts:
            print("left out, unknown here:", row["name"])
            continue
        record, faults = option(tools, row, library, printed.get(row["name"]), texts[row["name"]])
        records += [record] if record["values"] else []
        wrong += faults
    return sorted(records, key=lambda r: str(r["name"])), wrong


# --- the file ---


def write(path: Path, version: int, records: dict[str, list[Record]]) -> None:
    """Write the catalogue with one record per line."""
    parts = [f'{{"llvm": {version}']
    for key, rows in records.items():
        lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f'"{key}": [\n{lines}\n]')
    path.write_text(",\n".join(parts) + "}\n")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opt", required=True, type=shutil.which, help="the opt of the LLVM to catalogue")
    parser.add_argument("--table", type=Path, default=HERE / "catalogue.toml")
    parser.add_argument("--out", type=Path, help="the file to write (default: the data file of that version)")
    given = parser.parse_args()
    if not given.opt:
        parser.error("no such program: name an existing one with --opt")
    return given


def main() -> int:
    """Gather the records and write them, or say what went wrong."""
    given = parse()
    table = tomllib.loads(given.table.read_text())
    with tempfile.TemporaryDirectory() as scratch:
        tools = Tools(Path(given.opt).absolute(), Path(scratch))
        match = re.search(r"LLVM version (\d+)", tools.run("opt", "--version"))
        version = match[1] if match else "0"
        make_samples(tools)
        kept = passes(tools, table)
        wrong = probe_words(tools, kept)
        turned, faults = options(tools, table)
    if wrong + faults:
        print(*wrong, *faults, sep="\n", file=sys.stderr)
        return 1
    write(given.out or DATA / f"catalogue-{version}.json", int(version), {"passes": kept, "options": turned})
    words = [record["words"] for record in kept if record["kept"]]
    print(
        f"LLVM {version}: {len(words)} passes kept, {len(kept) - len(words)} out,",
        f"{sum(map(len, words))} words, {len(turned)} options",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
