"""The engine: asks LLVM what recipes give, in worker processes that may crash, hang or run out of memory.

    with Engine(find_toolchain()) as engine:
        module = compile_source(engine, Path("a.c"), [])
        before, after = engine.measure(module, [None, parse_recipe("sroa,default<Oz>")])

A pool of threads, each with a worker process of its own (`worker.py`): a thread sends a job, waits for the
answer at most as long as the limit, and replaces its worker when that dies or is killed. So a bad recipe
costs itself alone, and results come in the order of the input. What was measured before is not measured
again: the cache is asked first, and a worker generates no code for IR that it has seen.

Not covered: a compile that is wrong without crashing. That is a matter of verification, not of measuring.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from typing import IO, NamedTuple

from lathe.errors import CompileError, InputError, ToolchainError
from lathe.llvm.cache import Cache
from lathe.llvm.closing import Closing
from lathe.llvm.command import Command, make_command
from lathe.llvm.measurement import Measurement, Status
from lathe.llvm.module import Module
from lathe.llvm.recipe import Recipe
from lathe.llvm.toolchain import Toolchain
from lathe.llvm.worker import Answer, Emitted, Job, Kind, Measured, Read, Refused

__all__ = ["Engine"]

_READ_SECONDS = 120
_TIMELY = 1 << 19  # bytes of a module that `timeout` is for
_ANSWERS_PER_WORKER = 10_000  # then a fresh process, so that no leak in LLVM adds up
_WORKERS_PER_THREAD = 8
_BATCH = 16
_OBJECTS = 500  # of those measured last, small ones, so that the winner need not be made again
_LASTING = (Status.OK, Status.INVALID, Status.CRASHED)  # the others depend on the machine
_log = logging.getLogger(__name__)


class Engine(Closing):
    """LLVM behind a pool of `jobs` worker processes (default: the number of CPUs this process may use).

    `timeout` (seconds; as much for each half MiB of a larger module) and `memory` (bytes) limit each compile. Close it,
    or use it in a `with` statement; its cache (default: one in memory) is closed with it.
    Its methods may be called from many threads.
    """

    def __init__(
        self,
        toolchain: Toolchain,
        *,
        jobs: int | None = None,
        timeout: float = 10.0,
        memory: int = 2 << 30,
        cache: Cache | None = None,
    ) -> None:
        self.toolchain = toolchain
        self.jobs = jobs or len(os.sched_getaffinity(0))
        self.timeout = timeout
        self.memory = memory
        self._cache = cache or Cache()
        self._local = threading.local()
        self._workers: list[_Worker] = []
        self._spare: deque[_Worker] = deque()
        self._objects: OrderedDict[str, bytes] = OrderedDict()
        self._pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="lathe-engine")

    def start(self) -> None:
        """Start a worker process for every job now, and not when the first compile asks for it."""
        for _ in range(self.jobs):
            worker = self._make_worker()
            worker.start()
            self._spare.append(worker)

    def close(self) -> None:
        """Stop all workers; compiles under way are given up."""
        for worker in list(self._workers):
            worker.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.close()
        self._cache.close()

    def read(self, data: bytes, name: str, *, identify: bool = False) -> Read:
        """Parse and verify bitcode or text IR; raises `InputError` naming `name` when LLVM cannot."""
        answer = self._pool.submit(self._ask, Job(data, _READ_SECONDS, identify=identify)).result()
        if isinstance(answer, Read):
            return answer
        raise InputError(f"{name} is not IR that LLVM {self.toolchain.version} can read: {_complaint(answer)}")

    def measure(self, module: Module, recipes: Iterable[Recipe | None]) -> list[Measurement]:
        """Compile a module with each recipe (None: as `clang -Oz` does) and return the measurements in order."""
        recipes = list(recipes)
        requests = {recipe: self._request(module, recipe) for recipe in dict.fromkeys(recipes)}
        found = self._cache.get([request.key for request in requests.values()])
        fresh = [request for request in requests.values() if request.key not in found]
        for batch in [self._pool.submit(self._measure, module, batch) for batch in self._split(fresh)]:
            found |= batch.result()
        return [found[requests[recipe].key] for recipe in recipes]

    def emit(self, module: Module, recipe: Recipe | None, kind: Kind = "obj") -> bytes:
        """The object file, assembly, text IR or bitcode that a recipe gives (None: as `clang -Oz` does).

        Raises `CompileError` when LLVM cannot make it.
        """
        request = self._request(module, recipe)
        if kind == "obj" and (data := self._objects.get(request.key)):
            return data
        job = Job(module.bitcode, self._limit(module), (request.command,), kind)
        answer = self._pool.submit(self._ask, job).result()
        if isinstance(answer, Emitted):
            return answer.data
        failed = _measurement(answer, recipe)
        raise CompileError(f"LLVM could not compile: {failed.status}: {failed.message}", status=failed.status)

    def _limit(self, module: Module) -> float:
        """The seconds of a compile."""
        return self.timeout * max(1.0, len(module.bitcode) / _TIMELY)

    def _request(self, module: Module, recipe: Recipe | None) -> _Request:
        command = make_command(module.target, recipe)
        text = "\0".join((self.toolchain.version, module.hash, command.triple, command.passes, *command.flags))
        return _Request(recipe, command, hashlib.blake2b(text.encode(), digest_size=16).hexdigest())

    def _split(self, requests: list[_Request]) -> Iterator[list[_Request]]:
        """Batches: one process identity each, equal flags side by side, and enough of them to keep all workers busy."""
        most = max(1, min(_BATCH, len(requests) // (4 * self.jobs)))
        requests = sorted(requests, key=lambda r: (r.command.identity, r.command.flags))
        for _, group in itertools.groupby(requests, key=lambda r: r.command.identity):
            batch = list(group)
            yield from (batch[i : i + most] for i in range(0, len(batch), most))

    def _measure(self, module: Module, batch: list[_Request]) -> dict[str, Measurement]:
        """Measure a batch with this thread's worker; one that dies of a recipe is replaced for the next."""
        commands = tuple(request.command for request in batch)
        answers: list[Answer | Measurement] = []
        while len(answers) < len(batch):
            answers += self._worker(commands[0].identity).ask(
                Job(module.bitcode, self._limit(module), commands[len(answers) :])
            )
        found = {r.key: _measurement(answer, r.recipe) for r, answer in zip(batch, answers, strict=True)}
        self._cache.put({key: m for key, m in found.items() if m.status in _LASTING})
        self._objects.update((r.key, a.data) for r, a in zip(batch, answers, strict=True) if isinstance(a, Measured))
        while len(self._objects) > _OBJECTS:
            self._objects.popitem(last=False)
        return found

    def _ask(self, job: Job) -> Answer | Measurement:
        identity = job.commands[0].identity if job.commands else ()
        answers: list[Answer | Measurement] = []
        while not answers:
            answers = self._worker(identity).ask(job)
        return answers[0]

    def _worker(self, identity: tuple[str, ...]) -> _Worker:
        """This thread's worker for a target and for the options that LLVM reads once per process."""
        workers: OrderedDict[tuple[str, ...], _Worker] | None = getattr(self._local, "workers", None)
        if workers is None:
            workers = self._local.workers = OrderedDict()
        if not identity and workers:
            return next(reversed(workers.values()))  # reading IR binds a process to nothing
        worker = workers.get(identity) or workers.pop((), None)
        if worker is None:
            try:
                worker = self._spare.popleft()
            except IndexError:
                worker = self._make_worker()
        workers[identity] = worker
        workers.move_to_end(identity)
        if len(workers) > _WORKERS_PER_THREAD:
            _, oldest = workers.popitem(last=False)
            oldest.close()
            self._workers.remove(oldest)
        return worker

    def _make_worker(self) -> _Worker:
        worker = _Worker(self.toolchain, self.memory)
        self._workers.append(worker)
        return worker


class _Request(NamedTuple):
    """A recipe, what it means for a module, and the key of the measurement."""

    recipe: Recipe | None
    command: Command
    key: str


def _measurement(answer: Answer | Measurement, recipe: Recipe | None) -> Measurement:
    if isinstance(answer, Measured):
        sizes = answer.sizes
        return Measurement(
            Status.OK, "", sizes.sections, sizes.nobits, sizes.functions, sizes.exported, sizes.undefined,
            answer.instructions, answer.ir_hash, answer.seconds,
        )  # fmt: skip
    status = answer.status if isinstance(answer, Measurement) else Status.INVALID
    return Measurement(status, f"{_complaint(answer)} (recipe: {recipe or '-Oz'})")


def _complaint(answer: Answer | Measurement) -> str:
    assert isinstance(answer, (Refused, Measurement))
    return answer.message


class _Worker:
    """One worker process and the parent's end of its pipe; used by one thread at a time."""

    def __init__(self, toolchain: Toolchain, memory: int) -> None:
        self._command = (str(toolchain.library), str(memory))
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._answered = 0

    def ask(self, job: Job) -> list[Answer | Measurement]:
        """The answers to a job, in order, up to the first that the process did not survive.

        That one's status is the last answer, except after a death in a process that had answered before: what it did
        before may be at fault, so the caller asks again, and a fresh process tells.
        """
        if self._process is not None and self._process.poll() is not None:
            self.close()  # killed from outside while it was idle
        if self._process is None:
            self.start()
        answers: list[Answer | Measurement] = []
        wanted = max(1, len(job.commands))
        try:
            self._pipe.send(job)
            while len(answers) < wanted:
                if not self._poll.poll(math.ceil(1000 * job.seconds)):
                    self.close()
                    return [*answers, Measurement(Status.TIMED_OUT, f"no answer within {job.seconds:.3g} s")]
                answers.append(self._pipe.recv())
        except (EOFError, OSError):
            worked = self._answered + len(answers)
            failure = self._bury()
            return answers if worked else [failure]
        self._answered += len(answers)
        if self._answered >= _ANSWERS_PER_WORKER:
            self.close()
        return answers

    def stop(self) -> None:
        """Kill the process; called from another thread, so it touches nothing else."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def start(self) -> None:
        """Start the process; it gets ready while the caller goes on."""
        if self._stopped:
            raise ToolchainError("The engine is closed.")
        self._pipe, theirs = Pipe()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
        number = theirs.fileno()
        # -P: a `lathe` folder where the user stands must not stand in for the package
        program = "import sys; from lathe.llvm.worker import main; main(sys.argv[1:])"
        command = [sys.executable, "-P", "-c", program, str(number), *self._command]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._errors, stderr=self._errors, pass_fds=[number]
        )
        theirs.close()
        self._poll = select.poll()  # Connection.poll makes a selector for every call
        self._poll.register(self._pipe, select.POLLIN)
        self._answered = 0

    def close(self) -> None:
        """End the process, if there is one, and free what belongs to it."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._pipe.close()
        self._errors.close()
        self._process = None

    def _bury(self) -> Measurement:
        """The status that a dead worker leaves: out of memory when it said so, else crashed."""
        assert self._process is not None
        code = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip()
        self.close()
        cause = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
        _log.debug("worker died (%s): %s", cause, said)
        memory = any(word in said for word in ("out of memory", "bad_alloc", "MemoryError", "Allocation failed"))
        status = Status.OUT_OF_MEMORY if memory else Status.CRASHED
        return Measurement(status, f"{cause}{': ' + last if last else ''}")
