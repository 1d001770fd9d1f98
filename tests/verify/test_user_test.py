"""The user's own test: what fails it is put back, and nothing bad stays, whatever happens."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from lathe.errors import OutputError, VerdictError
from lathe.verify import UserTest, user_test


def list_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_passes_stays_and_what_fails_is_put_back(tmp_path: Path) -> None:
    a, b, c = (tmp_path / f"{name}.o" for name in "abc")
    for path in (a, b):
        path.write_bytes(b"old")
    with UserTest(f"! grep -q bad {a} {b} {c}", {a: b"clang a", b: b"clang b", c: b"clang c"}) as test:
        assert a.read_bytes() == b"clang a"
        assert test.accepts(a, b"good a")
        assert not test.accepts(a, b"bad a")
        assert a.read_bytes() == b"good a"
        assert not test.accepts(b, b"bad b")
        assert test.accepts(c, b"good c")
        test.keep([a, c])
    assert list_files(tmp_path) == {"a.o": b"good a", "b.o": b"old", "c.o": b"good c"}


def test_nothing_stays_without_keep(tmp_path: Path) -> None:
    old, new = tmp_path / "old.o", tmp_path / "folder" / "new.o"
    old.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), UserTest("true", {old: b"clang", new: b"clang"}) as test:
        assert test.accepts(new, b"good")
        raise KeyboardInterrupt
    assert (old.read_bytes(), new.exists()) == (b"old", False)
    assert list_files(tmp_path / "folder") == {}


def test_a_test_that_fails_with_clangs_own_object_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.o"
    path.write_bytes(b"old")
    with pytest.raises(VerdictError, match=r"fails with the objects of clang -Oz: exit status 3\. Its output ends: oh"):
        UserTest("echo oh; exit 3", {path: b"clang"})
    assert list_files(tmp_path) == {"a.o": b"old"}


def test_a_file_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    path, folder = tmp_path / "a.o", tmp_path / "folder.o"
    path.write_bytes(b"old")
    folder.mkdir()
    with pytest.raises(OutputError):
        UserTest("true", {path: b"clang", folder: b"clang"})
    assert path.read_bytes() == b"old"


def test_the_test_knows_which_object_is_tried(tmp_path: Path) -> None:
    path, log = tmp_path / "a.o", tmp_path / "log"
    with UserTest(f'echo "$LATHE_OBJECT" >> {log}', {path: b"clang"}) as test:
        assert test.accepts(path, b"good")
    assert log.read_text().splitlines() == [".", str(path)]


def test_a_test_that_hangs_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_test, "_GRACE", 0.3)
    path = tmp_path / "a.o"
    with UserTest(f"grep -q bad {path} && sleep 1000; true", {path: b"clang"}) as test:
        assert not test.accepts(path, b"bad")
        assert path.read_bytes() == b"clang"


def test_a_bad_object_does_not_outlive_a_killed_process(tmp_path: Path) -> None:
    path = tmp_path / "a.o"
    path.write_bytes(b"old")
    program = f"""
from pathlib import Path
from lathe.verify import UserTest
UserTest("grep -q bad {path} && kill -9 $PPID; true", {{Path("{path}"): b"clang"}}).accepts(Path("{path}"), b"bad")
"""
    run = subprocess.run([sys.executable, "-c", program], check=False)
    assert run.returncode == -9
    deadline = time.monotonic() + 20
    while path.read_bytes() != b"old" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert path.read_bytes() == b"old"
