"""Targets: what code is generated for, as the flags that `llc` takes.

`clang` turns its command line into a `-cc1` command (`clang -###`); `read_target` turns that into a
`Target`: the triple, llc's flags that make the same object file, and clang's own pass pipeline. Flags
that ask for instrumentation (sanitizers, profiles, coverage) are refused, because there a pass list would
silently drop what the user asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lathe.errors import InputError

__all__ = ["ARCHITECTURES", "Target", "architecture_of", "read_target"]

ARCHITECTURES = {
    "x86_64": "x86",
    "aarch64": "aarch64",
    "arm": "arm",
    "thumb": "arm",
    "riscv32": "riscv",
    "riscv64": "riscv",
}
"""First parts of the triples that Lathe knows → the name of LLVM's backend."""

_SWITCHES = {  # cc1 flag → llc flag: what clang sets and llc leaves out by default
    "-ffunction-sections": "-function-sections",
    "-fdata-sections": "-data-sections",
    "-faddrsig": "-addrsig",
    "-fno-use-init-array": "-use-ctors",
    "-femulated-tls": "-emulated-tls",
    "-fno-unique-section-names": "-unique-section-names=false",
    "-fstack-size-section": "-stack-size-section",
    "-mrelax-all": "-mc-relax-all",
    "-debugger-tuning=gdb": "-debugger-tune=gdb",
    "-debugger-tuning=lldb": "-debugger-tune=lldb",
    "-mrelax-relocations=no": "-x86-relax-relocations=false",
}
_VALUES = {  # cc1 flag that takes the next word, or ends in "=" → llc flag
    "-target-cpu": "-mcpu",
    "-target-abi": "-target-abi",
    "-mrelocation-model": "-relocation-model",
    "-mcmodel=": "-code-model",
    "-mfloat-abi": "-float-abi",
    "-mthread-model": "-thread-model",
    "-mtls-size=": "-tls-size",
}
_REFUSED = ("-fsanitize=", "-fprofile-instrument", "-fcoverage-mapping", "-coverage", "-finstrument-functions", "-pg",
            "-fxray-instrument", "-fsanitize-coverage", "-fpseudo-probe-for-profiling", "-fprofile-sample-use",
            "-fprofile-instrument-use-path", "-fmemory-profile", "-fmcdc")  # fmt: skip
_TRAPPING = ("-ffp-exception-behavior=strict", "-ffp-exception-behavior=maytrap")
_FULL_DEBUG_INFO = ("constructor", "limited", "standalone", "unused-types")  # for these clang describes call sites
_FLOAT_ABI = {"softfp": "soft"}


@dataclass(frozen=True, slots=True)
class Target:
    """What to generate code for.

    `flags` are llc's (`-mcpu=…`, `-relocation-model=pic` …). `pipeline` is the pass list that clang itself
    runs at -Oz with the user's flags, and matters to the baseline alone: `default<Oz>` as text is a little
    different (no SLP vectoriser), and a recipe means what `opt -passes=` makes of it.
    """

    triple: str
    flags: tuple[str, ...] = ()
    pipeline: str = "default<Oz>"

    @property
    def architecture(self) -> str:
        """LLVM's backend: x86, aarch64, arm or riscv."""
        return architecture_of(self.triple)


def architecture_of(triple: str) -> str:
    """LLVM's backend for a triple; raises `InputError` when it is none of Lathe's."""
    first = triple.split("-")[0]
    prefix = next((p for p in ARCHITECTURES if first.startswith(p)), None)
    known = first in ARCHITECTURES or prefix in ("arm", "thumb")
    if not known or prefix is None or first.startswith(("armeb", "thumbeb")):
        raise InputError(
            f'Target "{triple or "(none)"}" is not supported. Use one of x86_64, aarch64, arm/thumb, riscv32, riscv64, '
            "such as --target=thumbv7em-none-eabi."
        )
    if any(word in triple for word in ("windows", "darwin", "apple", "macho", "wasm", "uefi", "cygwin", "mingw")):
        raise InputError(f'Target "{triple}" does not make ELF objects. Use a Linux or bare-metal triple.')
    return ARCHITECTURES[prefix]


def read_target(cc1: Sequence[str], pipeline: str) -> Target:
    """The target of a `clang -cc1` command line, with clang's `pipeline` for it.

    Raises `InputError` for instrumentation and for targets that Lathe does not know.
    """
    refused = next((w for w in cc1 if w.startswith(_REFUSED)), None)
    if refused:
        raise InputError(
            f"Flag {refused} asks for instrumentation that LLVM's passes add, which a tuned pass list would drop. "
            "Compile this input with clang itself."
        )
    pairs = list(zip(cc1, [*cc1[1:], ""], strict=True))
    triple = next(value for word, value in pairs if word == "-triple")
    architecture_of(triple)
    flags = [*_read_values(pairs)]
    features = [value for word, value in pairs if word == "-target-feature"]
    if features:
        flags.append("-mattr=" + ",".join(features))
    flags += [_SWITCHES[word] for word in cc1 if word in _SWITCHES]
    flags += [value for word, value in pairs if word == "-mllvm"]
    if not any(word.startswith(_TRAPPING) for word in cc1):
        flags.append("-enable-no-trapping-fp-math")
    if any(f"-debug-info-kind={kind}" in cc1 for kind in _FULL_DEBUG_INFO) and not triple.startswith("thumb"):
        flags.append("-emit-call-site-info")
    return Target(triple, tuple(flags), pipeline)


def _read_values(pairs: list[tuple[str, str]]) -> Iterator[str]:
    for word, following in pairs:
        name, equals, joined = word.partition("=")
        flag = _VALUES.get(name + equals)
        if flag:
            value = joined if equals else following
            yield f"{flag}={_FLOAT_ABI.get(value, value) if flag == '-float-abi' else value}"
