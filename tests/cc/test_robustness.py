"""`lathe cc` where things go wrong: folders that cannot be written, full disks, builds that are killed, and ccache.

What clang can do is done, with clang's status and no more words than clang has; a line in the log says what was
missing.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lathe.build.lock import read_lock
from lathe.errors import CompileError
from lathe.llvm import Toolchain, count_loadable, run_aside

PROGRAM = Path(__file__).parent / "program"
LATHE = [sys.executable, "-m", "lathe"]
DROP = [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
"""What makes root heed the modes of files."""

NOWHERE = "/proc/none"
"""A folder that is not there, and that nobody can make."""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small program of the conformance test, with a folder for what is made."""
    shutil.copytree(PROGRAM, tmp_path / "source")
    (tmp_path / "out").mkdir()
    (tmp_path / "temporary").mkdir()
    return tmp_path / "source"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {"LATHE_CACHE": "cache", "LATHE_LOG": "log", "TMPDIR": "temporary"}
    return {**os.environ, "LATHE_QUICK": "1", **{name: str(tmp_path / place) for name, place in own.items()}}


@pytest.fixture
def run(folder: Path, environment: dict[str, str]) -> Run:
    def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
        own = {**environment, **more}
        return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def clang(toolchain: Toolchain) -> str:
    return str(toolchain.tool("clang"))


def read_log(folder: Path) -> list[str]:
    path = folder.parent / "log"
    return path.read_text().splitlines() if path.exists() else []


def list_left(folder: Path) -> list[str]:
    """Temporary files that are left, but for what caches have."""
    paths = [*(folder.parent / "temporary").iterdir(), *folder.glob(".*"), *(folder.parent / "out").glob(".*")]
    return [path.name for path in paths]


def test_sources_that_cannot_be_written_are_compiled(run: Run, folder: Path, clang: str) -> None:
    subprocess.run(["chmod", "-R", "a-w", folder], check=True)
    wanted = run(*DROP, clang, "-Oz", "-MMD", "-c", "text.c", "-o", "../out/clang.o")
    found = run(*DROP, *LATHE, "cc", "-Oz", "-MMD", "-c", "text.c", "-o", "../out/text.o")
    assert (found.returncode, found.stderr) == (wanted.returncode, wanted.stderr) == (0, "")
    own, data = ((folder / "../out" / name).read_bytes() for name in ("clang.o", "text.o"))
    assert count_loadable(data) < count_loadable(own) and not read_log(folder)
    assert (folder / "../out/text.d").read_text() == "../out/text.o: text.c include/unit.h\n"
    found = run(*DROP, *LATHE, "cc", "--lathe=tune", "--lathe-compiles=2", "-Oz", "-c", "text.c", "-o", "../out/text.o")
    assert (found.returncode, found.stderr) == (0, "") and (folder / "../out/text.o").read_bytes() == own
    assert "lathe.lock cannot be written" in read_log(folder)[0] and not list_left(folder)


def test_a_folder_that_cannot_be_written_is_clang_s_to_refuse(run: Run, folder: Path, clang: str) -> None:
    (folder.parent / "out").chmod(0o555)
    wanted = run(*DROP, clang, "-Oz", "-c", "text.c", "-o", "../out/text.o")
    found = run(*DROP, *LATHE, "cc", "-Oz", "-c", "text.c", "-o", "../out/text.o")
    assert (found.returncode, found.stdout, found.stderr) == (wanted.returncode, wanted.stdout, wanted.stderr)
    assert found.returncode and len(read_log(folder)) == 1 and "Permission denied" in read_log(folder)[0]


@pytest.mark.parametrize("words", ["-Oz -c text.c -o made", "-Oz -shared -fPIC text.c crc.c -o made",
                                   "-Oz -flto -fuse-ld=lld main.o crc.o table.o text.o -o made"])  # fmt: skip
def test_without_a_place_for_files_in_between_clang_s_own_is_there(
    run: Run, folder: Path, clang: str, words: str
) -> None:
    for source in ("main", "crc", "table", "text"):
        run(clang, "-Oz", "-flto", "-c", f"{source}.c")
    wanted = run(clang, *words.split(), TMPDIR=NOWHERE)
    made = (folder / "made").read_bytes() if wanted.returncode == 0 else b""
    found = run(*LATHE, "cc", *words.split(), TMPDIR=NOWHERE)
    assert (found.returncode, found.stdout, found.stderr) == (wanted.returncode, wanted.stdout, wanted.stderr)
    assert not made or (folder / "made").read_bytes() == made
    assert len(read_log(folder)) == 1 and NOWHERE in read_log(folder)[0] and not list_left(folder)


def test_a_frozen_build_does_not_do_without_a_place(run: Run, folder: Path) -> None:
    done = run(*LATHE, "cc", "--lathe=frozen", "-Oz", "-c", "text.c", TMPDIR=NOWHERE)
    assert done.returncode == 14 and NOWHERE in done.stderr and not (folder / "text.o").exists()


def test_without_a_cache_objects_are_as_small(run: Run, folder: Path) -> None:
    sizes = []
    for place in ("cache", "log/cache"):  # the log is a file: nothing can be made in it
        (folder.parent / "log").touch()
        done = run(*LATHE, "cc", "-Oz", "-c", "text.c", LATHE_CACHE=str(folder.parent / place))
        assert (done.returncode, done.stderr) == (0, "")
        sizes.append(count_loadable((folder / "text.o").read_bytes()))
    assert sizes[0] == sizes[1] and not read_log(folder)


def test_a_log_that_cannot_be_written_is_done_without(run: Run, folder: Path) -> None:
    done = run(*LATHE, "cc", "-Oz", "-c", "text.c", TMPDIR=NOWHERE, LATHE_LOG=f"{NOWHERE}/log")
    assert (done.returncode, done.stderr) == (0, "") and (folder / "text.o").exists()


@pytest.mark.parametrize("full", ["TMPDIR", "LATHE_CACHE"])
def test_a_full_disk_is_no_matter(run: Run, folder: Path, full: str) -> None:
    """In a name space with a file system of one page."""
    place = folder.parent / "tiny"
    place.mkdir()
    mount = f"mount -t tmpfs -o size=4k none {place} && "
    if run("unshare", "-rm", "sh", "-c", f"{mount} true").returncode:
        pytest.skip("no file system can be mounted here")
    done = run("unshare", "-rm", "sh", "-c", f'{mount} "$@"; find {place} -name "*.[0-9]*"', "sh", *LATHE, "cc",
               "-Oz", "-c", "text.c", **{full: str(place)})  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "") and (folder / "text.o").exists()
    assert len(read_log(folder)) == (full == "TMPDIR")


def test_names_may_be_no_text(run: Run, folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    shutil.copy(folder / "crc.c", folder / f"{name}.c")
    done = run(*LATHE, "cc", "-Oz", "-MMD", "-c", f"{name}.c")
    assert (done.returncode, done.stderr) == (0, "") and (folder / f"{name}.o").exists()
    done = run(*LATHE, "cc", "-Oz", "-c", f"{name}.c", TMPDIR=NOWHERE)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pipe_that_nobody_reads_ends_clang_silently(folder: Path, environment: dict[str, str]) -> None:
    (folder / "large.c").write_text("".join(f"int variable_{number};\n" for number in range(20_000)))
    process = subprocess.Popen([*LATHE, "cc", "-E", "large.c"], cwd=folder, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == -signal.SIGPIPE
    process.stderr.close()


def test_an_object_never_takes_the_place_of_a_device(run: Run, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "stdout").symlink_to("/proc/self/fd/1")
    reader = subprocess.Popen(["cat", folder / "pipe"], stdout=subprocess.PIPE)
    done = run(*LATHE, "cc", "-Oz", "-c", "crc.c", "-o", "pipe")
    data, _ = reader.communicate()
    assert done.returncode == 0 and data.startswith(b"\x7fELF")
    run("sh", "-c", '"$@" | cat > read', "sh", *LATHE, "cc", "-Oz", "-c", "crc.c", "-o", "stdout")
    assert (folder / "read").read_bytes() == data  # clang's own
    assert (folder / "stdout").is_symlink() and (folder / "pipe").is_fifo() and not read_log(folder)


def test_two_builds_write_one_lock(folder: Path, environment: dict[str, str]) -> None:
    words = [*LATHE, "cc", "--lathe=tune", "--lathe-compiles=2", "-Oz", "-c"]
    processes = [subprocess.Popen([*words, f"{source}.c"], cwd=folder, env=environment) for source in ("crc", "text")]
    assert [process.wait() for process in processes] == [0, 0]
    lock = read_lock(str(folder / "lathe.lock")) or pytest.fail("there is no lock")
    assert {entry.source for entry in lock.entries.values()} == {"crc.c → crc.o", "text.c → text.o"}
    assert not read_log(folder) and not list_left(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_search_that_is_stopped_leaves_nothing(folder: Path, environment: dict[str, str], number: int) -> None:
    words = [*LATHE, "cc", "--lathe=tune", "--lathe-compiles=5000", "-Oz", "-c", "text.c"]
    before = signal.signal(
        number, signal.default_int_handler
    )  # where the tests run in the background, Ctrl-C is ignored
    process = subprocess.Popen(words, cwd=folder, env=environment, start_new_session=True)
    signal.signal(number, before)
    wait_for(lambda: (folder / "text.o").exists())
    time.sleep(0.5)
    assert (folder / "text.o").stat().st_mtime == 0  # a build that goes on makes it again
    process.send_signal(number)
    assert process.wait(timeout=10) == 128 + number
    assert not list_left(folder) and not (folder / "lathe.lock").exists()
    wait_for(lambda: not is_alive(process.pid))


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it takes too long")


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def write_project(folder: Path, count: int) -> None:
    """Sources and a Makefile; some ask for -Os, some are warned of."""
    folder.mkdir()
    text = (PROGRAM / "table.c").read_text().replace('#include "include/unit.h"\n', "")
    for number in range(count):
        unused = "static int unused;\n" * (number % 3 == 0)
        (folder / f"unit{number}.c").write_text(f"{unused}{text.replace('unit_', f'unit{number}_')}")
    (folder / "Makefile").write_text(
        f"OBJECTS = $(foreach number,{' '.join(map(str, range(count)))},unit$(number).o)\nall: $(OBJECTS)\n"
        + "".join(f"unit{number}.o: LEVEL = -Os\n" for number in range(0, count, 4))
        + "LEVEL = -Oz\n%.o: %.c\n\t@$(CC) $(LEVEL) -Wall -MMD -c $< -o $@\n"
    )


def test_a_build_that_was_killed_ends_as_if_it_had_not_been(tmp_path: Path, environment: dict[str, str]) -> None:
    count = 30
    (tmp_path / "temporary").mkdir()
    make = ["make", "-j2", f"CC={sys.executable} -m lathe cc"]

    def read(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.glob("*.[od]")}

    write_project(tmp_path / "whole", count)
    subprocess.run(make, cwd=tmp_path / "whole", env=environment, check=True, capture_output=True)
    shutil.rmtree(tmp_path / "cache")

    folder = tmp_path / "killed"
    write_project(folder, count)
    build = subprocess.Popen(make, cwd=folder, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    wait_for(lambda: len(list(folder.glob("unit*.o"))) >= count // 3)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    wait_for(lambda: not is_alive(build.pid))
    left = {path for path in tmp_path.rglob("*") if path.name.startswith((".unit", "lathe-"))}
    assert len(read(folder)) < 2 * count and len(left) <= 2
    subprocess.run(make, cwd=folder, env=environment, check=True, capture_output=True)
    assert read(folder) == read(tmp_path / "whole") and len(read(folder)) == 2 * count
    assert {path for path in tmp_path.rglob("*") if path.name.startswith((".unit", "lathe-"))} == left
    assert not (tmp_path / "log").exists()
    for done in (folder, tmp_path / "whole"):  # and nothing is left to be done
        assert subprocess.run([*make, "--question"], cwd=done, env=environment, check=False).returncode == 0


@pytest.mark.skipif(shutil.which("ccache") is None, reason="ccache is not installed")
@pytest.mark.parametrize("how", ["before us", "before a link to us", "with us as its prefix"])
def test_ccache_keeps_smaller_objects(run: Run, folder: Path, clang: str, how: str) -> None:
    lathe = folder.parent / "clang"
    lathe.write_text(f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.argv[0] = \'$0\'; '
                     'from lathe.__main__ import main; main()" "$@"\n')  # fmt: skip
    lathe.chmod(0o755)
    command, prefix = {
        "before us": (["ccache", *LATHE, "cc"], {}),
        "before a link to us": (["ccache", str(lathe)], {}),
        "with us as its prefix": (["ccache", clang], {"CCACHE_PREFIX": str(lathe)}),
    }[how]
    more = {"CCACHE_DIR": str(folder.parent / "ccache"), **prefix}
    run(clang, "-Oz", "-c", "text.c", "-o", "clang.o")
    made = []
    for _ in range(2):
        done = run(*command, "-Oz", "-MMD", "-c", "text.c", "-o", "text.o", **more)
        assert (done.returncode, done.stderr) == (0, "")
        assert (folder / "text.d").read_text() == "text.o: text.c include/unit.h\n"
        made.append((folder / "text.o").read_bytes())
    assert made[0] == made[1] and count_loadable(made[0]) < count_loadable((folder / "clang.o").read_bytes())
    done = run(*command, "-Oz", "-c", "broken.c", **more)
    assert done.returncode == 1 and "nothing" in done.stderr


def test_what_llvm_says_is_no_object() -> None:
    def speak(*, fail: bool = False) -> bytes:
        os.write(2, b"a feature is ignored\n")
        if fail:
            os._exit(7)
        return b"data"

    assert run_aside(speak) == b"data"
    with pytest.raises(CompileError, match="status 7: a feature is ignored"):
        run_aside(lambda: speak(fail=True))
