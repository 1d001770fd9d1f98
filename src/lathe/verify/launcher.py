"""The process that starts programs under limits: a small server that forks, locks the child in, and waits for it.

Started by `sandbox.py`, which sends `Order`s through a pipe and gets a `Finished` for each. It is a process of its own
because only a process with one thread may run Python between fork and exec.

The child, before it becomes the program: own session, no open files but its output, a death signal tied to this
process, resource limits, `no_new_privs`, Landlock (Linux 5.13: files; 6.7: network; 6.12: signals) and seccomp. What a
kernel or a system lacks is left out and said so (`describe_protection`); nothing is assumed.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

__all__ = ["Finished", "Limits", "Order", "Protection", "describe_protection"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: seconds of clock and of CPU, bytes of memory, of each file, and of output."""

    seconds: float = 5.0
    memory: int = 1 << 30
    file_size: int = 16 << 20
    output: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Order:
    """A program to run: its command line (the program's path seen from `folder`), where it may write, its limits."""

    arguments: tuple[str, ...]
    folder: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: exit status (negative: the signal), what it wrote, and whether a limit of ours ended it.

    `error` says why it was never started.
    """

    status: int
    output: bytes
    timed_out: bool
    output_exceeded: bool
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Protection:
    """What holds programs here: Landlock's version (0: none) and whether seccomp filters system calls."""

    landlock: int
    seccomp: bool

    def __str__(self) -> str:
        landlock = f"Landlock {self.landlock}" if self.landlock else "no Landlock"
        return f"resource limits, no_new_privs, {landlock}, {'seccomp' if self.seccomp else 'no seccomp'}"


_NOBODY = 65534
_MORE_THREADS = 64
_READABLE = ("/usr", "/lib", "/lib64", "/dev/null", "/dev/zero", "/dev/urandom")  # for the dynamic linker
_SET_NO_NEW_PRIVS, _SET_DEATH_SIGNAL = 38, 1
_NO_RANDOM_ADDRESSES = 0x0040000
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _READ_FILE, _READ_DIRECTORY, _IOCTL_DEVICE = 1 << 0, 1 << 2, 1 << 3, 1 << 15
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # Landlock version → how many rights on files it knows
_DENY = 0x00050000 | 1  # SCMP_ACT_ERRNO(EPERM)
_ALLOW = 0x7FFF0000
_NOT_EQUAL, _MASKED_EQUAL = 1, 7
_CLONE_THREAD = 0x00010000
_NO_SUCH_CALL = 0x00050000 | 38  # SCMP_ACT_ERRNO(ENOSYS): libc then takes clone, whose flags a filter can read
_DENIED = """
    socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg recvfrom recvmsg
    fork vfork ptrace process_vm_readv process_vm_writev process_madvise pidfd_open pidfd_getfd pidfd_send_signal
    tkill rt_sigqueueinfo rt_tgsigqueueinfo setpriority sched_setaffinity sched_setscheduler ioprio_set
    mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick pivot_root chroot unshare setns
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr mknod mknodat
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key
    shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semctl mq_open mq_unlink
    name_to_handle_at open_by_handle_at fanotify_init quotactl acct swapon swapoff reboot kexec_load kexec_file_load
    init_module finit_module delete_module settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname
    syslog vhangup iopl ioperm modify_ldt personality lookup_dcookie nfsservctl
    landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp setsid setpgid
""".split()  # noqa: SIM905 (a hundred quoted words would hide them)


class _Comparison(ctypes.Structure):
    """libseccomp's `struct scmp_arg_cmp`."""

    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


class _RulesetAttributes(ctypes.Structure):
    """The kernel's `struct landlock_ruleset_attr`."""

    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathAttributes(ctypes.Structure):
    """The kernel's `struct landlock_path_beneath_attr`, which is packed."""

    _pack_ = 1
    _fields_ = [("rights", ctypes.c_uint64), ("parent", ctypes.c_int32)]


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def _load_seccomp() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return None
    library.seccomp_init.restype = ctypes.c_void_p
    return library


def _landlock_version() -> int:
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)))


def describe_protection() -> Protection:
    """What this machine offers; nothing is tried on the process itself."""
    return Protection(_landlock_version(), _load_seccomp() is not None)


def _limit_resources(limits: Limits, threads: int) -> None:
    cpu = max(1, int(limits.seconds) + 1)
    for kind, value in (
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NPROC, threads),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _restrict_files() -> None:
    """Landlock: read the system's libraries, do anything in the current directory, nothing elsewhere."""
    version = _landlock_version()
    if not version:
        return
    every = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    attributes = _RulesetAttributes(every, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _check(_libc.syscall(_LANDLOCK_CREATE, ctypes.byref(attributes), ctypes.c_size_t(size), 0))
    for path in (*_READABLE, "."):
        rights = every & ~_IOCTL_DEVICE if path == "." else _EXECUTE | _READ_FILE | _READ_DIRECTORY
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # no such place on this system
        if not Path(path).is_dir():
            rights &= _EXECUTE | _READ_FILE
        rule = _PathAttributes(rights, opened)
        _check(_libc.syscall(_LANDLOCK_ADD, ruleset, 1, ctypes.byref(rule), 0))
        os.close(opened)
    _check(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0))
    os.close(ruleset)


def _filter_calls(seccomp: ctypes.CDLL) -> None:
    """seccomp: no sockets, no new processes, no signals to others, nothing that changes the system."""
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(_ALLOW)))
    add, resolve = seccomp.seccomp_rule_add_array, seccomp.seccomp_syscall_resolve_name

    def deny(name: str, action: int, *comparisons: _Comparison) -> None:
        number = resolve(name.encode())
        if number >= 0:  # negative: this architecture has no such call
            array = (_Comparison * len(comparisons))(*comparisons)
            _check(add(context, ctypes.c_uint32(action), number, len(comparisons), array))

    for name in _DENIED:
        deny(name, _DENY)
    deny("clone3", _NO_SUCH_CALL)
    deny("clone", _DENY, _Comparison(0, _MASKED_EQUAL, _CLONE_THREAD, 0))
    for name in ("kill", "tgkill"):
        deny(name, _DENY, _Comparison(0, _NOT_EQUAL, os.getpid(), 0))
    deny("prlimit64", _DENY, _Comparison(0, _NOT_EQUAL, 0, 0))
    deny("ioctl", _DENY, _Comparison(1, _MASKED_EQUAL, 0xFFFFFFFF, 0x5412))  # TIOCSTI: typing for the user
    _check(seccomp.seccomp_load(context))


def _check(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno() or -result, "the sandbox could not be set up")
    return result


def _drop_root() -> None:
    """Root becomes nobody, whom the limit on threads binds; the current directory becomes nobody's."""
    if os.geteuid() != 0:
        return
    os.chown(".", _NOBODY, _NOBODY)
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)


def _become(order: Order, seccomp: ctypes.CDLL | None, threads: int, output: int, failure: int) -> None:
    """Turn this (forked) process into the program; does not return. `failure` closes itself then."""
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(failure, 3, inheritable=False)
    os.closerange(4, 256)
    os.chdir(order.folder)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _drop_root()
    _check(_libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0))
    _limit_resources(order.limits, threads)
    _libc.personality(_NO_RANDOM_ADDRESSES)  # two runs are alike, where the kernel lets us
    _check(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _restrict_files()
    if seccomp is not None:
        _filter_calls(seccomp)
    os.execve(order.arguments[0], order.arguments, {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TMPDIR": "."})


def _run(order: Order, seccomp: ctypes.CDLL | None, threads: int) -> Finished:
    reading, writing = os.pipe2(os.O_CLOEXEC)
    hearing, failure = os.pipe2(os.O_CLOEXEC)
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            _become(order, seccomp, threads, writing, failure)
        except BaseException as error:  # noqa: BLE001 (whatever it is, this process must not go on as the launcher)
            os.write(3, str(error).encode())
        os._exit(126)
    os.close(writing)
    os.close(failure)
    said = os.read(hearing, 1 << 12).decode("utf-8", "replace")  # ends when the program starts
    output, timed_out = _collect(reading, child, started + order.limits.seconds, order.limits.output)
    os.close(reading)
    os.close(hearing)
    _, code = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(code)
    exceeded = len(output) > order.limits.output
    return Finished(status, output[: order.limits.output], timed_out, exceeded, time.monotonic() - started, said)


def _collect(reading: int, child: int, deadline: float, most: int) -> tuple[bytes, bool]:
    """What the program writes until it ends; the program is killed at the deadline or past `most` bytes."""
    output = bytearray()
    ended = os.pidfd_open(child)
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    poll.register(ended, select.POLLIN)
    try:
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or len(output) > most:
                os.kill(child, signal.SIGKILL)
                return bytes(output), left <= 0
            ready = {descriptor for descriptor, _ in poll.poll(1000 * left)}
            if reading in ready:
                data = os.read(reading, 1 << 16)
                output += data
                if not data:
                    poll.unregister(reading)
            elif ended in ready:  # and all it wrote has been read
                return bytes(output), False
    finally:
        os.close(ended)


def _count_threads() -> int:
    """The threads of this user, which the kernel counts together against a limit."""
    owner = _NOBODY if os.geteuid() == 0 else os.geteuid()
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == owner:
                count += sum(1 for _ in (process / "task").iterdir())
        except OSError:
            continue  # it has ended
    return count


def main(arguments: Sequence[str]) -> None:
    """Carry out orders until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = Connection(int(arguments[0]))
    seccomp = _load_seccomp()
    threads = _count_threads() + _MORE_THREADS
    while True:
        try:
            order: Order = pipe.recv()
        except EOFError:
            sys.exit(0)
        pipe.send(_run(order, seccomp, threads))
