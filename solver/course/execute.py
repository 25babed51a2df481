"""Where jobs happen: in this process, in a pool of processes, or on a cluster, all by `concurrent.futures.Executor`.

A pool of processes is forked where the system can: the workers then share what this process has imported, and start at
once. A worker whose build is gone ends itself, so that a killed build leaves no process behind and TeX is stopped. A
worker that is killed takes its task with it; that is done again, twice at most.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from itertools import islice
from types import FrameType
from typing import Any, NoReturn, TypeVar

from solver.course.job import Done, Preparable, Task, perform
from solver.course.lock import forget_locks
from solver.course.store import Store
from solver.engines.cores import available_cores
from solver.errors import EngineError

AHEAD = 2
"""Tasks handed over per worker: one that is done, one that waits, so that no worker does."""

ATTEMPTS = 3
"""How often a task is tried whose worker dies."""

CONNECT_SECONDS = 15.0
"""How long a scheduler may take to answer."""

_GRACE_SECONDS = 10.0

T = TypeVar("T")
U = TypeVar("U")


def run_on_this_machine(
    tasks: Sequence[Task], store: Store | None, program: str, workers: int | None = None
) -> Iterator[Done]:
    """Do tasks in as many processes as are worth it, and yield each when it is done.

    Args:
        tasks: What to do.
        store: Where to write; None: the contents come back.
        program: See `perform`.
        workers: Processes; None: one per core.

    Raises:
        EngineError: Processes end again and again, or no task can be done.
        InputError: The store cannot be written.
    """
    workers = min(workers or available_cores(), len(tasks))
    if workers > 1 and not (store is not None and store.private):
        return run_in_processes(tasks, store, program, workers)
    return (perform(task, store, program) for task in tasks)


def run_in_processes(
    tasks: Sequence[Task], store: Store | None, program: str, workers: int
) -> Iterator[Done]:
    """Do tasks in processes of this machine, and yield each when it is done.

    Raises:
        EngineError: Processes end again and again, or no task can be done.
        InputError: The store cannot be written.
    """
    waiting = list(tasks)
    for attempt in range(1, ATTEMPTS + 1):
        finished: set[str] = set()
        try:
            with _processes(min(workers, len(waiting)), waiting) as pool:
                do = partial(_or_end, perform)
                for done in _results(pool, do, waiting, store, program, workers):
                    finished.add(done.name)
                    yield done
            return
        except BrokenProcessPool:
            waiting = [task for task in waiting if task.name not in finished]
            if attempt == ATTEMPTS:
                names = ", ".join(task.name for task in waiting[:workers])
                kept = " `--jobs 1` needs least. What was finished is kept." if store is not None else ""
                raise EngineError(
                    f"a process was ended from outside {ATTEMPTS} times, at work on {names}",
                    hint=f"Is there enough memory?{kept}",
                ) from None


def each(function: Callable[[T], U], pieces: Sequence[T]) -> Iterator[U]:
    """Yield what a function gives for each of some pieces of work, in order, in as many processes as are worth it.

    Raises:
        Exception: What the function raises.
    """
    workers = min(len(pieces), available_cores())
    if workers < 2:
        yield from map(function, pieces)
        return
    with _processes(workers) as pool:
        yield from pool.map(partial(_or_end, function), pieces)


def _can_fork() -> bool:
    # A fork of a process with threads can hang in a lock that another thread held.
    return sys.platform == "linux" and threading.active_count() == 1


def _prepare(tasks: Sequence[Task]) -> None:
    """Find out here what several tasks have to know, so that workers are born with it."""
    first: dict[object, Task] = {}
    shared = Counter(task.job.shared for task in tasks if isinstance(task.job, Preparable))
    for task in tasks:
        if isinstance(task.job, Preparable) and shared[task.job.shared] > 1:
            first.setdefault(task.job.shared, task)
    for task in first.values():
        assert isinstance(task.job, Preparable)
        with suppress(Exception):  # whatever is wrong, the task itself will say it
            task.job.prepare()
    gc.freeze()  # what a worker's collector never touches stays shared memory


@contextmanager
def _processes(workers: int, tasks: Sequence[Task] = ()) -> Iterator[ProcessPoolExecutor]:
    if _can_fork():
        # Half a second for each worker otherwise, and for those of each later round again.
        for module in dict.fromkeys(module for task in tasks for module in task.needs):
            import_module(module)
        _prepare(tasks)
    context = multiprocessing.get_context("fork" if _can_fork() else "spawn")
    pool = ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_begin)
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        # On Ctrl-C as well: nothing that was only handed over is begun, and TeX is not waited for.
        for process in list((getattr(pool, "_processes", None) or {}).values()):
            process.terminate()
        # Who was ended amid a result leaves half of it: its reader waits for the rest while anyone could write that.
        with suppress(AttributeError, OSError):
            getattr(pool, "_result_queue")._writer.close()  # noqa: B009, SLF001 - there is no other way
        # Waited for: until Python 3.12, a pool that is still being shut down when Python ends can print a traceback.
        pool.shutdown(cancel_futures=True)
        raise


def _begin() -> None:
    """Set up a worker: it ends when its build ends, and leaves Ctrl-C to it."""
    forget_locks()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _end(number: int, frame: FrameType | None) -> NoReturn:
    # An exception, not `os._exit`: TeX is stopped and its folder removed on the way out, which nothing may disturb.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _or_end(function: Callable[..., U], *arguments: Any) -> U:
    """Do something; a process that is told to end cleans up first, and ends, while the executor would go on.

    Before and after there is nothing to clean up, and it ends at once.
    """
    try:
        signal.signal(signal.SIGTERM, _end)
        try:
            return function(*arguments)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
    except SystemExit as end:
        os._exit(int(end.code or 0))


def _follow(parent: int) -> None:
    from multiprocessing.connection import wait as wait_for

    wait_for([parent])
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_GRACE_SECONDS)
    os._exit(1)


def run_on_cluster(tasks: Sequence[Task], store: Store, program: str, scheduler: str) -> Iterator[Done]:
    """Do tasks on a Dask cluster, and yield each when it is done.

    Dask itself gives the tasks of a worker that is lost to the others.

    Raises:
        EngineError: There is no such cluster, it is lost, or no task can be done.
        InputError: The store cannot be written.
    """
    try:
        from distributed import Client
    except ImportError:
        raise EngineError(
            "--scheduler needs the package distributed", hint="pip install 'chainsheet[distributed]'"
        ) from None
    from distributed.scheduler import KilledWorker

    open_client: Callable[..., Any] = Client
    try:
        client: Any = open_client(scheduler, set_as_default=False, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        raise EngineError(f"no Dask scheduler at {scheduler}", detail=str(error)) from None
    try:
        workers = max(1, sum(client.nthreads().values()))
        # Only what all workers reach is written there; else the content comes back, is written here, and is read here.
        place = store if store.shared else None
        away = [task for task in tasks if store.shared or not task.reads]
        yield from _results(client.get_executor(pure=False), perform, away, place, program, workers)
        yield from (perform(task, store, program) for task in tasks if task.reads and not store.shared)
    except KilledWorker as error:
        raise EngineError(
            "a task ended worker after worker of the cluster",
            detail=str(error),
            hint="Is there enough memory?",
        ) from None
    finally:
        client.close(timeout=5)


def _results(
    executor: Executor,
    do: Callable[[Task, Store | None, str], Done],
    tasks: Sequence[Task],
    store: Store | None,
    program: str,
    workers: int,
) -> Iterator[Done]:
    """Hand tasks over, a few ahead of what is done, and yield results as they come."""
    ready = iter(tasks)
    flying: set[Future[Done]] = set()
    try:
        while True:
            room = AHEAD * workers - len(flying)
            flying |= {executor.submit(do, task, store, program) for task in islice(ready, room)}
            if not flying:
                return
            finished, flying = wait(flying, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        for future in flying:
            future.cancel()
