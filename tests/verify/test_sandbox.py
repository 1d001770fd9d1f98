"""The sandbox: every claim of docs/correctness.md has an attack here."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lathe.errors import SandboxError
from lathe.llvm import Toolchain
from lathe.verify import Finished, Limits, Sandbox, describe_protection

Run = Callable[..., Finished]
HEADERS = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
needs_landlock = pytest.mark.skipif(describe_protection().landlock == 0, reason="this kernel has no Landlock")
needs_seccomp = pytest.mark.skipif(not describe_protection().seccomp, reason="libseccomp is not installed")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: Sandbox, toolchain: Toolchain, tmp_path: Path) -> Run:
    """Compiles the body of a `main` and runs it in the sandbox."""

    def run(body: str, *, headers: str = "", limits: Limits | None = None) -> Finished:
        folder = tmp_path / "own"
        folder.mkdir()
        source = tmp_path / "program.c"
        source.write_text(f"#define _GNU_SOURCE\n{HEADERS}{headers}\nint main(void) {{ {body} }}\n")
        command = [toolchain.tool("clang"), "-w", "-pthread", source, "-o", folder / "program"]
        subprocess.run(command, check=True)
        return sandbox.run(("program",), folder, limits)

    return run


def test_status_and_output_come_back(run: Run) -> None:
    finished = run('puts("out"); fflush(stdout); write(2, "err\\n", 4); return 3;')
    assert (finished.status, finished.output) == (3, b"out\nerr\n")
    assert not finished.timed_out
    assert not finished.output_exceeded


def test_signals_are_negative(run: Run) -> None:
    assert run("abort();").status == -6


def test_a_hang_is_ended(run: Run) -> None:
    finished = run("for (volatile int i = 0;;) i++;", limits=Limits(seconds=0.3))
    assert finished.timed_out
    assert finished.status == -9


def test_a_sleeper_with_closed_output_is_ended(run: Run) -> None:
    finished = run("fclose(stdout); fclose(stderr); close(1); close(2); sleep(60);", limits=Limits(seconds=0.3))
    assert finished.timed_out


def test_output_is_limited(run: Run) -> None:
    finished = run('for (;;) puts("spam");', limits=Limits(output=10_000))
    assert finished.output_exceeded
    assert len(finished.output) == 10_000


def test_memory_is_limited(run: Run) -> None:
    body = "size_t n = 0; for (char *p; n < 4096 && (p = malloc(1 << 20)); n++) memset(p, 1, 1 << 20);"
    finished = run(body + 'printf("%zu\\n", n); return 0;', limits=Limits(memory=256 << 20))
    assert 0 < int(finished.output) < 256


def test_files_are_limited(run: Run, tmp_path: Path) -> None:
    body = 'FILE *f = fopen("big", "w"); char b[4096] = {1}; for (int i = 0; i < 100000; i++) fwrite(b, 4096, 1, f);'
    run(body, limits=Limits(file_size=1 << 20))
    assert (tmp_path / "own" / "big").stat().st_size <= 1 << 20


def test_its_own_directory_is_writable(run: Run) -> None:
    assert run('FILE *f = fopen("mine", "w"); return f ? 0 : 1;').status == 0


@needs_landlock
@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ", "../program.c"])
def test_nothing_elsewhere_is_read(run: Run, path: str) -> None:
    assert run(f'FILE *f = fopen("{path}", "r"); return f ? 1 : 0;').status == 0


@needs_landlock
def test_nothing_elsewhere_is_written(run: Run, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    outside = tmp_path / "outside"
    outside.write_text("as it was")
    outside.chmod(0o666)
    body = (
        f'int a = !fopen("{outside}", "w"), b = !fopen("../new", "w"), c = unlink("{outside}"), d = mkdir("../dir", 7);'
    )
    finished = run(body + 'printf("%d%d%d%d\\n", a, b, c, d);', headers="#include <sys/stat.h>")
    assert finished.output == b"11-1-1\n"
    assert outside.read_text() == "as it was"
    assert {p.name for p in tmp_path.iterdir()} == {"own", "outside", "program.c"}


@needs_seccomp
def test_no_modes_are_changed(run: Run, tmp_path: Path) -> None:
    before = (tmp_path).stat().st_mode
    assert (
        run('return chmod("..", 0) == -1 && chmod("program", 0) == -1 ? 0 : 1;', headers="#include <sys/stat.h>").status
        == 0
    )
    assert tmp_path.stat().st_mode == before


@needs_seccomp
@pytest.mark.parametrize(
    "call",
    [
        "socket(AF_INET, SOCK_STREAM, 0)",
        "socket(AF_UNIX, SOCK_STREAM, 0)",
        "fork()",
        "vfork()",
        "syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)",
        "syscall(SYS_clone, 0x10000000 | SIGCHLD, 0, 0, 0, 0)",
        "syscall(SYS_clone3, 0, 0)",
        "unshare(0x10000000)",
        "ptrace(0, 0, 0, 0)",
        "syscall(SYS_bpf, 0, 0, 0)",
        "syscall(SYS_io_uring_setup, 1, 0)",
        "syscall(SYS_keyctl, 0, 0, 0, 0, 0)",
        "syscall(SYS_perf_event_open, 0, 0, 0, 0, 0)",
        'mount("none", ".", "tmpfs", 0, 0)',
        "kill(getppid(), 0)",
        "kill(-1, 0)",
        "kill(1, 0)",
        "setsid()",
        "syscall(SYS_process_vm_writev, getppid(), 0, 0, 0, 0, 0)",
        "syscall(SYS_pidfd_open, 1, 0)",
        "prlimit(getppid(), RLIMIT_CPU, 0, 0)",
    ],
)
def test_denied_calls(run: Run, call: str) -> None:
    headers = "".join(
        f"#include <{name}.h>\n"
        for name in ("sys/socket", "sys/syscall", "sys/ptrace", "sys/mount", "sys/resource", "signal", "sched", "errno")
    )
    finished = run(f'long r = {call}; printf("%ld %d\\n", r, r == -1 ? errno : 0);', headers=headers)
    assert finished.output in (b"-1 1\n", b"-1 38\n")


@needs_seccomp
def test_a_fork_bomb_leaves_nothing(run: Run) -> None:
    finished = run("for (int i = 0; i < 100; i++) fork(); sleep(60);", limits=Limits(seconds=0.5))
    assert finished.timed_out
    assert not _processes_named("program")


def test_threads_work_and_are_limited(run: Run) -> None:
    headers = "#include <pthread.h>\nvoid *f(void *p) { sleep(60); return p; }"
    body = "pthread_t t; int n = 0; while (n < 5000 && !pthread_create(&t, 0, f, 0)) n++;"
    finished = run(f'{body} printf("%d\\n", n); fflush(stdout); _exit(0);', headers=headers)
    assert 1 <= int(finished.output) < 5000


def test_no_file_of_the_parent_is_open(run: Run) -> None:
    assert run("int n = 0; for (int i = 3; i < 64; i++) n += lseek(i, 0, 1) != -1 || isatty(i); return n;").status == 0


def test_the_environment_is_not_passed_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    assert run('return getenv("SECRET") || getenv("HOME") ? 1 : 0;').status == 0


def test_what_cannot_be_started_is_an_error(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="could not be started"):
        sandbox.run(("missing",), tmp_path)


def test_a_program_ends_with_the_sandbox(toolchain: Toolchain, tmp_path: Path) -> None:
    source = tmp_path / "sleeper.c"
    source.write_text("#include <unistd.h>\nint main(void) { sleep(60); }")
    subprocess.run([toolchain.tool("clang"), source, "-o", tmp_path / "lathe-sleeper"], check=True)
    sandbox = Sandbox()
    thread = threading.Thread(target=_ignore_errors(lambda: sandbox.run(("lathe-sleeper",), tmp_path)))
    thread.start()
    while not _processes_named("lathe-sleeper"):
        threading.Event().wait(0.02)
    sandbox.close()
    thread.join()
    for _ in range(100):
        if not _processes_named("lathe-sleeper"):
            return
        threading.Event().wait(0.02)
    pytest.fail("the program went on")


def _ignore_errors(action: Callable[[], object]) -> Callable[[], None]:
    def act() -> None:
        with contextlib.suppress(SandboxError, OSError):
            action()

    return act


def _processes_named(name: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().strip() == name[:15]:
                found.append(int(process.name))
    return found
