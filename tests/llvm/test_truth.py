"""Truth: the engine's baseline is clang's, and what it gives for a recipe is what `opt` and `llc` give.

The fuzz (slow) does it for random recipes; LATHE_LLVM=/usr/lib/llvm-19 runs all of this on another version.
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.errors import InputError
from lathe.llvm import (
    Engine,
    Module,
    Recipe,
    Toolchain,
    Unit,
    compile_baseline,
    load_catalogue,
    load_unit,
    make_command,
    parse_recipe,
    read_sections,
)  # fmt: skip
from lathe.search import Space

CROSS = {
    "x86-64": (),
    "aarch64": ("--target=aarch64-linux-gnu", "-nostdlibinc"),
    "thumb": ("--target=thumbv7em-none-eabi",),
    "riscv32": ("--target=riscv32-unknown-elf",),
}
FLAGS = {
    "debug": ("-g",),
    "sections": ("-ffunction-sections", "-fdata-sections"),
    "no-pic": ("-fno-pic",),
    "haswell": ("-march=haswell", "-fvectorize"),
    "large": ("-mcmodel=large",),
    "hard-float": ("--target=thumbv7em-none-eabi", "-mcpu=cortex-m7", "-mfloat-abi=hard", "-g"),
    "riscv-debug": ("--target=riscv32-unknown-elf", "-g"),
    "no-unroll": ("-fno-unroll-loops",),
}
FREESTANDING = [
    path for path in sorted([*EXAMPLES.glob("*.c"), *EXAMPLES.glob("*.cpp")])
    if "#include <vector>" not in path.read_text() and "#include <string>" not in path.read_text()
]  # fmt: skip
HOSTED = [path for path in sorted(EXAMPLES.glob("*.cpp")) if path not in FREESTANDING]


def contents(data: bytes) -> list[tuple[str, int, bytes]]:
    """All sections with what is in them, but for the names of symbols: private ones are numbered as they arise."""
    compared = [s for s in read_sections(data) if s.name not in (".strtab", ".symtab")]
    return [(s.name, s.size, data[s.offset : s.offset + s.size] if s.occupies_file else b"") for s in compared]


@pytest.mark.parametrize("target", CROSS)
@pytest.mark.parametrize("path", FREESTANDING, ids=lambda p: p.name)
def test_the_baseline_is_clangs(engine: Engine, path: Path, target: str) -> None:
    unit = Unit(path, CROSS[target])
    assert contents(engine.emit(load_unit(engine, unit), None)) == contents(compile_baseline(engine.toolchain, unit))


@pytest.mark.parametrize("path", HOSTED, ids=lambda p: p.name)
def test_the_baseline_is_clangs_for_the_standard_library(engine: Engine, path: Path) -> None:
    unit = Unit(path, ("-std=c++17",))
    assert contents(engine.emit(load_unit(engine, unit), None)) == contents(compile_baseline(engine.toolchain, unit))


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("name", ["json_parser.c", "fixed_point_dsp.c", "event_bus.cpp"])
def test_the_baseline_is_clangs_with_flags(engine: Engine, name: str, flags: str) -> None:
    unit = Unit(EXAMPLES / name, FLAGS[flags])
    assert contents(engine.emit(load_unit(engine, unit), None)) == contents(compile_baseline(engine.toolchain, unit))


@pytest.mark.parametrize("suffix", [".ll", ".bc"])
def test_the_baseline_is_clangs_for_ir(engine: Engine, program: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"program{suffix}"
    kind = "-S" if suffix == ".ll" else "-c"
    clang = engine.toolchain.tool("clang")
    made = [clang, "-Oz", "-Xclang", "-disable-llvm-passes", "-emit-llvm", kind, program, "-o", path]
    subprocess.run(made, check=True)
    unit = Unit(path)
    assert contents(engine.emit(load_unit(engine, unit), None)) == contents(compile_baseline(engine.toolchain, unit))


def run_tools(toolchain: Toolchain, module: Module, recipe: Recipe, folder: Path) -> bytes | None:
    """The object that opt and llc make, or None when one of them fails."""
    (folder / "in.bc").write_bytes(module.bitcode)
    flags = make_command(module.target, recipe).flags
    passes = recipe.pass_list or "no-op-module"
    first = [toolchain.tool("opt"), *flags, f"-passes={passes}", "-preserve-bc-uselistorder", "in.bc", "-o", "out.bc"]
    second = [toolchain.tool("llc"), *flags, "-filetype=obj", "out.bc", "-o", "out.o"]
    for command in (first, second):
        if subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False).returncode:
            return None
    return (folder / "out.o").read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        "default<Oz>",
        "sroa,early-cse<memssa>",
        "default<Os>,default<Oz> -sink-common-insts -disable-lsr",
        "inline,sroa,instcombine<no-verify-fixpoint>,simplifycfg<sink-common-insts>,licm -regalloc=basic",
        "-enable-machine-outliner=always",
    ],
)
@pytest.mark.parametrize("target", ["x86-64", "thumb"])
def test_a_recipe_gives_what_opt_and_llc_give(engine: Engine, tmp_path: Path, text: str, target: str) -> None:
    module = load_unit(engine, Unit(EXAMPLES / "lz_compressor.c", CROSS[target]))
    recipe = parse_recipe(text, load_catalogue(engine.toolchain.major))
    theirs = run_tools(engine.toolchain, module, recipe, tmp_path)
    assert theirs is not None
    assert contents(engine.emit(module, recipe)) == contents(theirs)


@pytest.mark.slow
@pytest.mark.parametrize("target", CROSS)
def test_fuzz_against_opt_and_llc(engine: Engine, tmp_path: Path, target: str) -> None:
    rng = random.Random(target)
    catalogue = load_catalogue(engine.toolchain.major)
    compared = 0
    for path in rng.sample(FREESTANDING, 5):
        module = load_unit(engine, Unit(path, CROSS[target]))
        space = Space(catalogue, module.target.architecture)
        for _ in range(8):
            recipe = space.compose(space.draw_words(rng, rng.randint(1, 12)), rng.sample(space.options, 0))
            for _ in range(rng.randint(0, 4)):
                recipe = space.mutate(rng, recipe)
            if rng.random() < 0.4:
                recipe = space.flood(rng, recipe)
            found = engine.measure(module, [recipe])[0]
            theirs = run_tools(engine.toolchain, module, recipe, tmp_path)
            assert found.ok == (theirs is not None), f"{path.name}: {recipe}: {found.message}"
            if theirs is not None:
                assert contents(engine.emit(module, recipe)) == contents(theirs), f"{path.name}: {recipe}"
                compared += 1
    assert compared >= 20


def test_flags_that_need_instrumentation_are_refused(engine: Engine, program: Path) -> None:
    for flag in ("-fsanitize=address", "-fprofile-instr-generate", "--coverage", "-finstrument-functions", "-pg"):
        with pytest.raises(InputError, match="instrumentation"):
            load_unit(engine, Unit(program, (flag,)))


def test_unknown_targets_are_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "gpu.ll"
    path.write_text('target triple = "nvptx64-nvidia-cuda"\ndefine void @f() { ret void }\n')
    with pytest.raises(InputError, match="nvptx64"):
        load_unit(engine, Unit(path))
    path.write_text('target triple = "aarch64-linux-gnu"\ndefine void @f() { ret void }\n')
    with pytest.raises(InputError, match="IR for aarch64"):
        load_unit(engine, Unit(path, ("--target=x86_64-linux-gnu",)))
    assert load_unit(engine, Unit(path)).target.architecture == "aarch64"


def test_optnone_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "o0.ll"
    path.write_text("define void @f() noinline optnone { ret void }\n")
    with pytest.raises(InputError, match="optnone"):
        load_unit(engine, Unit(path, ("--target=x86_64-linux-gnu",)))


@pytest.mark.parametrize("path", sorted([*EXAMPLES.glob("*.c"), *EXAMPLES.glob("*.cpp")]), ids=lambda p: p.name)
def test_the_examples_pass_their_own_checks_after_the_portfolios_best(
    engine: Engine, path: Path, tmp_path: Path
) -> None:
    from lathe.search import load_portfolio

    linker = engine.toolchain.tool("clang++")
    module = load_unit(engine, Unit(path))
    for number, recipe in enumerate([None, *load_portfolio()[:3]]):
        (tmp_path / "a.o").write_bytes(engine.emit(module, recipe))
        program = tmp_path / f"program{number}"
        subprocess.run([linker, tmp_path / "a.o", "-o", program], check=True)
        run = subprocess.run([program], capture_output=True, text=True, timeout=20, check=False)
        assert run.returncode == 0, recipe
        assert ": ok" in run.stdout, recipe
