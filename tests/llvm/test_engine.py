"""The engine: order, isolation, the cache, and the statuses of what goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.errors import CompileError, InputError
from lathe.llvm import (
    Cache,
    Engine,
    Measurement,
    Module,
    Pass,
    Recipe,
    Status,
    Toolchain,
    Unit,
    load_unit,
    parse_recipe,
)

CRASH = Recipe((Pass("trigger-crash-module"),))
UNKNOWN = Recipe((Pass("no-such-pass"),))
BROKEN = Recipe((Pass("trigger-verifier-error"),))


def test_results_come_in_the_order_of_the_input(engine: Engine, module: Module) -> None:
    recipes = [None, parse_recipe("sroa"), parse_recipe("default<Oz>"), parse_recipe("sroa"), None]
    found = engine.measure(module, recipes)
    assert [m.loadable for m in found] == [engine.measure(module, [r])[0].loadable for r in recipes]
    assert found[0] == found[4]
    assert found[1].loadable > found[0].loadable


def test_a_measurement_says_what_is_in_the_object(engine: Engine, module: Module) -> None:
    found = engine.measure(module, [None])[0]
    assert set(found.functions) == {"checksum", "choose"}
    assert found.sections[".text"] == found.text_data >= sum(found.functions.values())
    assert found.nobits == {".bss"}
    assert found.exported == {"checksum", "choose"}
    assert not found.undefined
    assert found.loadable == sum(found.sections.values()) - found.sections[".bss"]
    assert found.instructions > 20
    assert len(found.ir_hash) == 32


def test_a_bad_recipe_costs_itself_alone(engine: Engine, module: Module) -> None:
    good = parse_recipe("sroa,default<Oz>")
    found = engine.measure(module, [good, CRASH, UNKNOWN, good, BROKEN, None])
    ok, crashed, invalid = Status.OK, Status.CRASHED, Status.INVALID
    assert [m.status for m in found] == [ok, crashed, invalid, ok, invalid, ok]
    assert "trigger-crash-module" in found[1].message
    assert "SIG" in found[1].message
    assert "no-such-pass" in found[2].message
    assert "does not verify" in found[4].message


def test_a_hang_is_ended_and_named(toolchain: Toolchain, module: Module) -> None:
    with Engine(toolchain, jobs=1, timeout=0.4) as engine:
        slow = parse_recipe(",".join(["default<O3>"] * 500))
        first, second = engine.measure(module, [slow, parse_recipe("sroa")])
        assert first.status is Status.TIMED_OUT
        assert "default<O3>" in first.message
        assert second.ok


def test_memory_is_limited(engine: Engine, toolchain: Toolchain) -> None:
    large = load_unit(engine, Unit(EXAMPLES / "inventory_cache.cpp"))
    with Engine(toolchain, jobs=1, memory=1 << 20) as poor:
        assert poor.measure(large, [parse_recipe("default<O3>")])[0].status is Status.OUT_OF_MEMORY
    assert engine.measure(large, [parse_recipe("default<O3>")])[0].ok


def test_the_baseline_is_measured_again_after_a_crash_of_everything(toolchain: Toolchain, module: Module) -> None:
    with Engine(toolchain, jobs=2) as engine:
        assert {m.status for m in engine.measure(module, [CRASH] * 6)} == {Status.CRASHED}
        assert engine.measure(module, [None])[0].ok


def test_a_worker_killed_from_outside_is_replaced(toolchain: Toolchain, module: Module) -> None:
    with Engine(toolchain, jobs=1) as engine:
        engine.measure(module, [None])
        process = engine._workers[0]._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert engine.measure(module, [parse_recipe("sroa")])[0].ok


def test_emit_gives_what_was_measured(engine: Engine, module: Module) -> None:
    recipe = parse_recipe("sroa,default<Oz>")
    assert b"define" in engine.emit(module, recipe, "ll")
    assert b".text" in engine.emit(module, recipe, "asm")
    assert engine.emit(module, recipe, "bc")[:2] == b"BC"
    assert engine.emit(module, recipe)[:4] == b"\x7fELF"
    with pytest.raises(CompileError, match="no-such-pass"):
        engine.emit(module, UNKNOWN)


def test_many_threads_may_use_one_engine(engine: Engine, module: Module) -> None:
    results: list[list[Measurement]] = []
    recipes = [parse_recipe(t) for t in ("sroa", "gvn", "default<Os>", "dce")]
    threads = [threading.Thread(target=lambda: results.append(engine.measure(module, recipes))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all([m.loadable for m in r] == [m.loadable for m in results[0]] for r in results)


def test_broken_ir_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match=r"x\.ll is not IR"):
        engine.read(b"define i32 @f( {", "x.ll")
    with pytest.raises(InputError, match=r"y\.bc is not IR"):
        engine.read(b"BC\xc0\xde" + bytes(range(200)), "y.bc")


def test_the_cache_answers_without_compiling(toolchain: Toolchain, module: Module, tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    recipes = [None, parse_recipe("sroa"), CRASH]
    with Engine(toolchain, cache=Cache(path)) as engine:
        first = engine.measure(module, recipes)
    with Engine(toolchain, cache=Cache(path)) as engine:
        again = engine.measure(module, recipes)
        assert not engine._workers
    assert [m.sections for m in again] == [m.sections for m in first]
    assert [m.status for m in again] == [m.status for m in first]


def test_a_large_module_gets_more_time(toolchain: Toolchain, module: Module) -> None:
    large = Module(b"define void @f() {\n  ret void\n}\n;" + b" " * (1 << 22), module.target)
    with Engine(toolchain, timeout=0.0001) as engine:
        small, more = (engine.measure(one, [None])[0].message for one in (module, large))
        assert "within 0.0001 s" in small and "within 0.0008 s" in more


def test_time_outs_are_not_cached(toolchain: Toolchain, module: Module, tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    with Engine(toolchain, cache=Cache(path), timeout=0.0001) as engine:
        assert engine.measure(module, [None])[0].status is Status.TIMED_OUT
    with Engine(toolchain, cache=Cache(path)) as engine:
        assert engine.measure(module, [None])[0].ok


def test_code_is_generated_once_for_equal_ir(toolchain: Toolchain, module: Module) -> None:
    with Engine(toolchain, jobs=1) as engine:
        one, two = engine.measure(module, [parse_recipe("default<Oz>"), parse_recipe("default<Oz>,globaldce")])
        assert one.ir_hash == two.ir_hash
        assert one.sections == two.sections
        assert two.seconds < one.seconds


def test_bitcode_keeps_what_code_generation_follows(engine: Engine) -> None:
    for path in sorted(EXAMPLES.glob("*.c")):
        module = load_unit(engine, Unit(path))
        optimised = Module(engine.emit(module, parse_recipe("default<Oz>"), "bc"), module.target)
        assert engine.emit(optimised, Recipe(())) == engine.emit(module, parse_recipe("default<Oz>")), path.name


def test_what_was_measured_before_changes_nothing(toolchain: Toolchain) -> None:
    oz, as_it_is = parse_recipe("default<Oz>"), Recipe(())
    sizes = []
    for earlier in ([oz], []):  # text forgets the order of uses, so its code is another one than that of the same IR
        with Engine(toolchain, jobs=1) as engine:
            module = load_unit(engine, Unit(EXAMPLES / "json_parser.c"))
            text = Module(engine.emit(module, oz, "ll"), module.target)
            engine.measure(module, earlier)
            sizes.append(engine.measure(text, [as_it_is])[0].loadable)
    assert sizes[0] == sizes[1]


def test_a_cache_that_cannot_be_used_is_done_without(toolchain: Toolchain, module: Module, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"not a database" * 100)
    for path in (tmp_path / "file" / "cache.sqlite", broken):
        with Engine(toolchain, cache=Cache(path)) as engine:
            assert engine.measure(module, [None])[0].ok


def test_workers_end_with_a_killed_parent(program: Path) -> None:
    code = f"""
        import os
        from pathlib import Path
        from lathe.llvm import Engine, Unit, find_toolchain, load_unit
        engine = Engine(find_toolchain(), jobs=1)
        engine.measure(load_unit(engine, Unit(Path({str(program)!r}))), [None])
        print(engine._workers[0]._process.pid, flush=True)
        os._exit(0)
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    pid = int(run.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            break
        threading.Event().wait(0.05)
    assert not Path(f"/proc/{pid}").exists()
