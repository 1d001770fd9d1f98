"""Whether IR that is said to be proven is: by LLVM's command-line tools alone, nothing of Lathe.

    python benchmarks/check_proofs.py PROVEN.jsonl [--llvm /usr/lib/llvm-22]

Each line has `ir`, `input` (assembly) and `triple`. clang lowers the IR and assembles both; sections and relocations of
the two objects must be the same, byte for byte, but for what only describes them. Status 1 when one is not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

DESCRIBING = (".eh_frame", ".comment", ".note.GNU-stack", ".llvm_addrsig")


def run(*words: str | Path, text: str = "") -> str:
    """What a tool says; raises `CalledProcessError` when it fails."""
    return subprocess.run(list(map(str, words)), input=text, capture_output=True, text=True, check=True).stdout


def describe(tools: Path, assembly: str, triple: str, folder: Path) -> str:
    """The content of all sections of what a text assembles to, and their relocations."""
    path = folder / "object.o"
    run(tools / "clang", f"--target={triple}", "-c", "-x", "assembler", "-", "-o", path, text=assembly)
    run(tools / "llvm-objcopy", *(f"--remove-section={name}" for name in DESCRIBING), path)
    return run(tools / "llvm-objdump", "-s", "-r", "--section-headers", path)


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
