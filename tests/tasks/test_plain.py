"""Plain forms of IR: each is IR, the plainest says nothing that assembly cannot, and the last is the module itself."""

from __future__ import annotations

import pytest
from conftest import EXAMPLES

from lathe.corpus import make_usual_module
from lathe.llvm import Engine, Module, Unit, load_unit, normalise_ir, parse_recipe
from lathe.tasks.plain import list_plain_forms


@pytest.mark.parametrize("name", ["sorting.c", "checksums.c", "event_bus.cpp"])
def test_forms_are_ir_and_get_shorter(engine: Engine, name: str) -> None:
    module = load_unit(engine, Unit(EXAMPLES / name))
    ir = normalise_ir(engine.emit(module, parse_recipe("default<Oz>"), "ll").decode())
    forms = list(list_plain_forms(ir))
    assert forms[-1] == ir and len(forms[0]) < 0.8 * len(ir)
    assert "!" not in forms[0].replace("!llvm", "") and "attributes #" not in forms[0] and " noundef" not in forms[0]
    target = make_usual_module(engine.toolchain, "x86_64-pc-linux-gnu").target
    for form in forms:
        engine.read(form.encode(), "form")
        assert form.count("\ndefine ") == ir.count("\ndefine ")
        assert engine.measure(Module(form.encode(), target), [None])[0].ok
