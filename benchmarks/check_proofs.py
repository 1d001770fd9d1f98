"""Whether IR that is said to be proven is: by LLVM's command-line tools alone, nothing of Lathe.

    python benchmarks/check_proofs.py PROVEN.jsonl [--llvm /usr/lib/llvm-22]

Each line has `ir`, `input` (assembly) and `triple`. clang lowers the IR and assembles both; in the two objects sections
must be the same, byte for byte, and so must relocations, symbols and groups as they are listed; but for what only
describes the object (unwind tables, the name of the file). Status 1 when one is not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

DESCRIBING = (".eh_frame", ".comment", ".note.GNU-stack", ".llvm_addrsig")
UNNAMED = ("FILE", "SECTION", "Type")
NUMBERING = (".symtab:", ".strtab:", ".shstrtab:", ".group:", ".rel")  # numbers and names, which are listed below


def run(*words: str | Path, text: str = "") -> str:
    """What a tool says; raises `CalledProcessError` when it fails."""
    return subprocess.run(list(map(str, words)), input=text, capture_output=True, text=True, check=True).stdout


def describe(tools: Path, assembly: str, triple: str, folder: Path) -> str:
    """The content of all sections of what a text assembles to, and their relocations."""
    path = folder / "object.o"
    run(tools / "clang", f"--target={triple}", "-c", "-x", "assembler", "-", "-o", path, text=assembly)
    run(tools / "llvm-objcopy", *(f"--remove-section={name}" for name in DESCRIBING), path)
    sections = run(tools / "llvm-objdump", "-s", path).split("Contents of section ")[1:]
    kept = [text for text in sections if not text.startswith(NUMBERING)]
    relocations = run(tools / "llvm-objdump", "-r", path)
    rows = [line.split() for line in run(tools / "llvm-readelf", "-s", path).splitlines()]
    symbols = sorted(" ".join([row[1], *row[3:6], *row[7:]]) for row in rows if len(row) > 7 and row[3] not in UNNAMED)
    groups = [line for line in run(tools / "llvm-readelf", "-g", path).splitlines() if "group section" in line]
    return "\n".join([*kept, relocations, *symbols, *(line.partition("]")[2] for line in groups)])


def is_proven(tools: Path, row: dict[str, str]) -> bool:
    """Whether the IR lowers to the assembly."""
    clang = [tools / "clang", "-x", "ir", "-", "-S", "-o", "-", "-Wno-override-module", "-O1", "-fno-ident"]
    lowered = run(*clang, "-Xclang", "-disable-llvm-passes", f"--target={row['triple']}", text=row["ir"])
    with tempfile.TemporaryDirectory() as folder:
        one, other = (describe(tools, text, row["triple"], Path(folder)) for text in (row["input"], lowered))
    return one == other and " asm " not in row["ir"]


def main() -> None:
    """Check every line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proven", type=Path)
    parser.add_argument("--llvm", type=Path, default=Path("/usr/lib/llvm-22"))
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.proven.read_text(encoding="utf-8").splitlines()]
    false = [row for row in rows if not is_proven(arguments.llvm / "bin", row)]
    for row in false:
        print(f"not proven:\n{row['ir']}\n{row['input']}")
    print(f"{len(rows)} said to be proven, {len(false)} of them are not")
    sys.exit(bool(false))


if __name__ == "__main__":
    main()
