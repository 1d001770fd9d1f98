"""The library: three calls with typed results; what its page shows runs as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES

import lathe
from lathe.errors import CompileError, InputError, RecipeError
from lathe.tasks import Standing

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "library.md").read_text()
SHOWN = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(SHOWN)))
def test_what_the_page_shows_runs(number: int, tmp_path: Path) -> None:
    code = SHOWN[number].replace("examples/", f"{EXAMPLES}/")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0 and done.stdout, done.stderr


def test_tune_is_never_larger_and_says_what_is_wrong(tmp_path: Path) -> None:
    found = lathe.tune(EXAMPLES / "checksums.c", compiles=5, verify=False)
    assert 0 < found.tuned <= found.baseline and found.data[:4] == b"\x7fELF"
    (tmp_path / "broken.c").write_text("int f(")
    with pytest.raises(CompileError, match="refused"):
        lathe.tune(tmp_path / "broken.c")
    with pytest.raises(InputError, match="has no model"):
        lathe.tune(EXAMPLES / "checksums.c", model=str(tmp_path))


def test_wrong_calls_of_the_others() -> None:
    with pytest.raises(RecipeError):
        lathe.emulate(EXAMPLES / "checksums.c", "no-such-pass")
    with pytest.raises(InputError, match="no assembly of x86_64"):
        lathe.disassemble("what is this\n")
    with pytest.raises(InputError, match="no function"):
        lathe.disassemble("\t.text\n")
    assert {str(one) for one in Standing} == {"proven", "lowers", "abstains"}
    with pytest.raises(AttributeError, match="no attribute"):
        lathe.nothing  # noqa: B018
