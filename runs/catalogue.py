"""Write the catalogue of one LLVM: which passes, spellings of passes and global options a search may use.

    python3 runs/catalogue.py --opt /path/to/opt

The decisions are in the hand-written table `catalogue.toml`. This script asks the given `opt` which passes, parameters
and options it knows, refuses to go on if it names a pass that the table does not decide upon, runs every kept word and
every option value on small C programs, and writes `src/lathe/llvm/data/catalogue-<version>.json`, one record per
line, or nothing if anything failed. `clang` and `llc` are taken from the directory of `opt`. It takes some minutes.

In an option's record, `changes` lists the values that gave another object for a sample: a hint, not a judgement.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
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
UNKNOWN = (
    "Unknown command line argument",
    "Cannot find option named",
    "invalid parameter",
    "unknown pass name",
    "invalid simplifycfg",
    "invalid value",
    "unknown function pass",
    "unknown module pass",
    "unknown loop pass",
)

SAMPLES = {
    "list": r"""
typedef unsigned long size_t;
extern void *malloc(size_t); extern void free(void *);
extern int memcmp(const void *, const void *, size_t), strcmp(const char *, const char *), puts(const char *);
extern void *memcpy(void *, const void *, size_t), *memset(void *, int, size_t);
struct node { struct node *next; int key; short tag; char name[12]; double weight; };
struct pair { int a, b; short c, d; };
static int counters[16]; static const char *const names[] = {"zero", "one", "two", "three", "four"};
static int hits, misses; int exported_table[8] = {3, 1, 4, 1, 5, 9, 2, 6};
struct node *insert(struct node *head, int key, const char *name) {
  struct node *n = malloc(sizeof *n);
  if (!n) return head;
  memset(n, 0, sizeof *n); n->key = key; n->weight = key * 1.5;
  for (int i = 0; i < 11 && name[i]; i++) n->name[i] = name[i];
  struct node **p = &head;
  while (*p && (*p)->key < key) p = &(*p)->next;
  n->next = *p; *p = n; hits++;
  return head;
}
int find(const struct node *n, int key, const char *name) {
  for (; n; n = n->next) {
    if (n->key == key && !strcmp(n->name, name)) { hits++; return n->tag; }
    if (n->key > key) break;
  }
  misses++; return -1;
}
int same(const struct pair *x, const struct pair *y) {
    return x->a == y->a && x->b == y->b && x->c == y->c && x->d == y->d; }
int header(const char *p) { return memcmp(p, "\x7f" "ELF\2\1\1\0", 8) == 0 || memcmp(p, "!<arch>\n", 8) == 0; }
static double mean(const struct node *n) {
  double s = 0; int c = 0;
  for (; n; n = n->next) { s += n->weight; c++; }
  return c ? s / c : 0;
}
int classify(int c) {
  switch (c) {
  case 'a': case 'e': case 'i': case 'o': case 'u': counters[0]++; return 1;
  case '0': case '1': case '2': case '3': case '4': case '5': counters[1]++; return 2;
  case ' ': counters[2]++; return 3;
  case '\n': counters[3] += 2; return 7;
  case '-': counters[4] ^= 3; return 11;
  case '+': counters[5] |= c; return 5;
  default: return c > 'm' ? -c : c * 3;
  }
}
const char *name_of(int i) { switch (i) { case 0: return names[0]; case 1: return names[1]; case 2:
    return names[2]; case 3: return names[3]; default: return "many"; } }
int opcode(int op, int a, int b) {
  switch (op) {
  case 0: return a + b; case 1: return a - b; case 2: return a * b; case 3: return b ? a / b : 0;
  case 4: return a & b; case 5: return a | b; case 6: return a ^ b; case 7: return a << (b & 31);
  case 8: return (unsigned)a >> (b & 31); case 9: return a == b; case 10: return a < b; case 11: puts("?");
      return opcode(b & 7, a, a);
  }
  return 0;
}
static void swap(int *a, int *b) { int t = *a; *a = *b; *b = t; }
void sort(int *v, int n) {
  if (n < 2) return;
  int i = 0, j = n - 1, p = v[n / 2];
  for (;;) { while (v[i] < p) i++; while (v[j] > p) j--; if (i >= j) break; swap(v + i, v + j); i++; j--; }
  sort(v, i); sort(v + i, n - i);
}
int main(void) {
  struct node *l = 0; int v[20]; unsigned h = 2166136261u;
  for (int i = 0; i < 20; i++) { v[i] = i * 37 % 23; l = insert(l, v[i], name_of(i % 5)); }
  sort(v, 20);
  for (int i = 0; i < 20;
      i++) h = (h ^ (unsigned)(v[i] + find(l, i, names[i % 5]) + classify('0' + i * 3) + opcode(i % 11, v[i],
      i))) * 16777619u;
  struct pair x = {1, 2, 3, 4}, y = {1, 2, 3, (short)(h & 7)};
  h += (unsigned)mean(l) + (unsigned)same(&x, &y) * 3 + (unsigned)header((const char *)v) +
      (unsigned)hits * 5 + (unsigned)misses;
  for (int i = 0; i < 16; i++) h = h * 31 + (unsigned)counters[i];
  while (l) { struct node *n = l->next; free(l); l = n; }
  return (int)(h % 251);
}
""",
    "bits": r"""
typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long long u64;
extern void *memcpy(void *, const void *, unsigned long); extern double floor(double);
u32 table[256]; static u8 window[512]; static u32 state_a, state_b, state_c;
    static int matrix[12][12], other[12][12];
static int op_add(int a, int b) { return a + b + 7; } static int op_sub(int a, int b) { return a - b - 7; }
static int op_add2(int a, int b) { return a + b + 7; }
static int (*const ops[])(int, int) = {op_add, op_sub, op_add2};
void fill(void) {
  for (u32 i = 0; i < 256; i++) { u32 c = i; for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0xEDB88320u :
      c >> 1; table[i] = c; }
}
u32 crc(const u8 *p, int n) { u32 c = ~0u; while (n--) c = table[(c ^ *p++) & 255] ^ (c >> 8); return ~c; }
static u32 next(void) { state_a ^= state_a << 13; state_a ^= state_a >> 17; state_a ^= state_a << 5;
    state_b += 362437; state_c = state_c * 69069 + 1; return state_a + state_b + state_c; }
int utf8(const u8 *s, u32 *out) {
  if (s[0] < 0x80) { *out = s[0]; return 1; }
  if ((s[0] & 0xe0) == 0xc0) { *out = (u32)(s[0] & 31) << 6 | (s[1] & 63); return 2; }
  if ((s[0] & 0xf0) == 0xe0) { *out = (u32)(s[0] & 15) << 12 | (u32)(s[1] & 63) << 6 | (s[2] & 63); return 3; }
  if ((s[0] & 0xf8) == 0xf0) {
      *out = (u32)(s[0] & 7) << 18 | (u32)(s[1] & 63) << 12 | (u32)(s[2] & 63) << 6 | (s[3] & 63); return 4; }
  *out = 0xfffd; return 1;
}
void multiply(int n) { for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) { int s = 0; for (int k = 0;
    k < n; k++) s += matrix[i][k] * matrix[k][j]; other[i][j] = s; } }
void blur(float *restrict o, const float *restrict a, int n, int mode) {
  for (int i = 1; i < n - 1; i++) { if (mode) o[i] = (a[i - 1] + a[i] * 2 + a[i + 1]) * 0.25f; else o[i] = a[i]; }
  if (mode == 3) for (int i = 0; i < n; i++) o[i] = o[i] > 1 ? 1 : o[i] < 0 ? 0 : o[i];
}
int inflate(const u8 *in, int n, u8 *out, int cap) {
  int i = 0, o = 0;
  while (i < n) {
    u8 c = in[i++];
    if (c & 0x80) { int len = (c & 15) + 2, dist = i < n ? in[i++] + 1 : 1;
        if (dist > o || o + len > cap) return -1; while (len--) { out[o] = out[o - dist]; o++; } }
    else { int len = (c & 15) + 1; if (i + len > n || o + len > cap) return -2; for (int k = 0; k < len;
        k++) out[o++] = in[i++]; }
  }
  return o;
}
u64 mix(u64 a, u64 b) { a ^= b; a *= 0x9E3779B97F4A7C15ull; a ^= a >> 32;
    return a * 0xBF58476D1CE4E5B9ull + (b << 7 | b >> 57); }
int saturate(int a, int lo, int hi) { if (a < lo) { state_b = 1; state_c = 2; return lo; } if (a > hi) {
    state_b = 1; state_c = 2; return hi; } return a; }
int main(void) {
  fill(); state_a = 123; state_b = 9; state_c = 5; u8 buf[64]; float f[24], g[24]; u32 cp = 0; u64 m = 1;
  for (int i = 0; i < 64; i++) buf[i] = (u8)next();
  for (int i = 0; i < 12; i++) for (int j = 0; j < 12; j++) matrix[i][j] = (int)(next() % 9);
  for (int i = 0; i < 24; i++) { f[i] = (float)(next() % 100) / 50; g[i] = 0; }
  multiply(12); blur(g, f, 24, 1); blur(f, g, 24, 3);
  u32 h = crc(buf, 64) + (u32)inflate(buf, 64, window, 512) + crc(window, 200);
  for (int i = 0; i < 60;) { i += utf8(buf + i, &cp); h = h * 33 + cp; m = mix(m, cp); }
  for (int i = 0; i < 12; i++) { h += (u32)other[i][11 - i]; h ^= (u32)ops[i % 3](i, (int)h);
      h += (u32)saturate((int)h, -100, 5000) + (u32)floor(f[i] * 10.0); }
  return (int)((h ^ (u32)m) % 251);
}
""",
}

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

    def run(self, tool: str, *args: str | Path, at_hand: str = "") -> str:
        """Run a tool of this LLVM; its output, or RefusedError with the first line that says why."""
        path = self.opt if tool == "opt" else self.opt.parent / tool
        done = subprocess.run([path, *args], capture_output=True, text=True, input=at_hand, timeout=60, check=False)
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
    for target, flags in TRIPLES.items():
        for name, text in SAMPLES.items():
            source, module = tools.scratch / f"{name}.c", tools.scratch / f"{name}-{target}.bc"
            source.write_text(text)
            tools.run(
                "clang",
                *flags,
                "-Oz",
                "-w",
                "-fPIC",
                "-Xclang",
                "-disable-llvm-passes",
                "-emit-llvm",
                "-c",
                source,
                "-o",
                module,
            )
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
    text = tools.run("opt", "--print-all-options", "-passes=verify", "-disable-output", at_hand="")
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


def wrapped(word: str, level: str) -> str:
    """The word inside the adaptors of its level."""
    return WRAPS[level].format(word)


def accepts(tools: Tools, word: str, level: str) -> bool:
    """Whether opt takes the word (on the first sample)."""
    try:
        tools.run("opt", f"-passes={wrapped(word, level)}", "-disable-output", tools.samples["x86"][0])
    except RefusedError as why:
        if any(text in str(why) for text in UNKNOWN):
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
    passes, wrong = wrapped(word, level), []
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
    names = listed(tools)
    for row in table["variants"]:
        if row.get("unlisted"):
            names.setdefault((row["name"], row["level"]), "")
    origins, records, open_cases = default_names(tools), [], []
    for (name, level), params in names.items():
        origin = "default" if name in origins else "extra"
        reasons = [reason for pattern, reason in out if fnmatch.fnmatchcase(name, pattern)]
        if level == "machine":
            reasons = ["a machine pass, out of reach of an IR pipeline"]
        if reasons:
            records.append({"name": name, "level": level, "origin": origin, "kept": False, "reason": reasons[0]})
        elif name in rows:
            records.append(keep(tools, rows[name], level, params, origin))
        else:
            open_cases.append(name)
    if open_cases:
        raise SystemExit(f"catalogue.toml does not decide upon: {', '.join(open_cases)}")
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


def option(
    tools: Tools, row: Record, library: str, printed: dict[str, str], text: str
) -> tuple[Record | None, list[str]]:
    """The record of an option (none if no value is left) and what went wrong."""
    targets = row.get("targets", ["any"])
    probed = ["x86", "aarch64"] if targets == ["any"] else targets
    values, changes, wrong = [], [], []
    for value in row["values"]:
        flag = f"-{row['name']}={value}"
        if not row.get("auto") and is_default(value, printed.get(row["name"])):
            continue
        try:
            moved = differs(tools, flag, row["stage"], probed)
            subprocess.run([sys.executable, "-c", PARSE, library, flag], capture_output=True, check=True, timeout=60)
        except RefusedError as why:
            if not any(unknown in str(why) for unknown in UNKNOWN):
                wrong.append(f"{flag}: {why}")
            continue
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as why:
            wrong.append(f"{flag}: {why}")
            continue
        values.append(value)
        changes += [value] if moved else []
    if not values:
        return None, wrong
    record: Record = {"name": row["name"], "kind": kind_of(row["values"]), "values": values, "stage": row["stage"]}
    return record | {"targets": targets, "note": row.get("note") or text.rstrip("."), "changes": changes}, wrong


def options(tools: Tools, table: Record) -> tuple[list[Record], list[str]]:
    """A record for each option of the table that opt, llc and libLLVM know, and what went wrong."""
    library, printed, texts = shared_library(tools), defaults(tools), helps(tools)
    records, wrong = [], []
    for row in table["options"]:
        if row["name"] not in texts:
            print("left out, unknown here:", row["name"])
            continue
        record, faults = option(tools, row, library, printed, texts[row["name"]])
        records += [record] if record else []
        wrong += faults
    return sorted(records, key=lambda r: str(r["name"])), wrong


# --- the file ---


def write(path: Path, version: int, records: dict[str, list[Record]]) -> None:
    """Write the catalogue with one record per line."""
    parts = [f'{{"llvm": {version}']
    for key, rows in records.items():
        lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f'"{key}": [\n{lines}\n]')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(",\n".join(parts) + "}\n")
    json.loads(path.read_text())


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=ast.get_docstring(ast.parse(Path(__file__).read_text())),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--opt", required=True, help="the opt of the LLVM to catalogue")
    parser.add_argument("--table", type=Path, default=HERE / "catalogue.toml")
    parser.add_argument("--out", type=Path, help="the file to write (default: the data file of that version)")
    given = parser.parse_args()
    found = shutil.which(given.opt)
    if not found:
        parser.error(f"no such program: {given.opt}")
    with tempfile.TemporaryDirectory() as scratch:
        tools = Tools(Path(found).absolute(), Path(scratch))
        match = re.search(r"LLVM version (\d+)", tools.run("opt", "--version"))
        version = int(match[1]) if match else 0
        make_samples(tools)
        table = tomllib.loads(given.table.read_text())
        kept = passes(tools, table)
        wrong = probe_words(tools, kept)
        turned, faults = options(tools, table)
    wrong += faults
    if wrong:
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    write(given.out or DATA / f"catalogue-{version}.json", version, {"passes": kept, "options": turned})
    print(
        f"LLVM {version}: {sum(r['kept'] for r in kept)} passes kept, {sum(not r['kept'] for r in kept)} out,",
        f"{sum(len(r['words']) for r in kept if r['kept'])} words, {len(turned)} options",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
