"""Jobs in processes: the same bytes, faults that stay alone, workers that end with their build or are ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from solver.course import execute
from solver.course.inputs import program_identity
from solver.course.job import Made, Task, perform
from solver.course.store import Folder
from solver.errors import EngineError
from tests.course.conftest import Build, contents

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@dataclass(frozen=True)
class Copies:
    """Writes its own name; where a folder is given, ends its worker the first times it is done."""

    name: str
    deaths: int = 0
    notes: Path = Path()

    def __call__(self) -> Made:
        if self.deaths:
            (self.notes / f"{os.getpid()}-{time.monotonic_ns()}").touch()
            if len(list(self.notes.iterdir())) <= self.deaths:
                os.kill(os.getpid(), signal.SIGKILL)
        return Made({f"{self.name}.txt": self.name.encode()})


@dataclass(frozen=True)
class Fails:
    """Fails in a way that nobody foresaw, or that stops everything."""

    error: Exception

    def __call__(self) -> Made:
        raise self.error


def task(job: Copies | Fails, name: str = "a") -> Task:
    return Task(name, {}, 1, job)


def test_processes_write_what_one_process_writes(build: Build, place: Path) -> None:
    build()
    here = contents(place)
    build(jobs=2, force=True)
    assert contents(place) == here


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_what_tasks_need_is_imported_once_for_all_processes() -> None:
    code = """
        import sys
        from solver.course.execute import _processes
        from solver.course.job import Task

        def knows(module):
            return module in sys.modules

        assert not knows("wave")
        with _processes(2, [Task("a", {}, 1, None, needs=("wave",))]) as pool:
            assert all(pool.map(knows, ["wave", "wave"]))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=False)
    assert not done.returncode, done.stderr.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_what_several_tasks_have_in_common_is_found_out_once_before_they_are_done() -> None:
    code = """
        from dataclasses import dataclass
        from solver.course.execute import _processes
        from solver.course.job import Task

        known = []

        @dataclass(frozen=True)
        class Job:
            shared: str

            def prepare(self):
                known.append(self.shared)
                if self.shared == "faulty":
                    raise ValueError

            def __call__(self):
                raise NotImplementedError

        def knows(_):
            return known

        tasks = [Task(str(k), {}, 1, Job(name)) for k, name in enumerate(["a", "b", "faulty", "a", "a", "faulty"])]
        with _processes(2, tasks) as pool:
            assert list(pool.map(knows, range(2))) == [["a", "faulty"]] * 2, known
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=False)
    assert not done.returncode, done.stderr.decode()


def test_an_unforeseen_fault_is_the_tasks_own(tmp_path: Path) -> None:
    done = perform(task(Fails(KeyError("x"))), Folder(tmp_path), program_identity())
    assert done.failures[0].text == "a: internal fault: KeyError: 'x'"
    assert not done.files


def test_the_fault_of_a_strict_task_is_raised() -> None:
    strict = replace(task(Fails(KeyError("x"))), strict=True)
    with pytest.raises(KeyError):
        perform(strict, None, program_identity())
    with pytest.raises(KeyError):
        list(execute.run_on_this_machine([task(Copies("b"), "b"), strict], None, program_identity(), 2))


def test_pieces_of_work_are_done_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores in (1, 3):
        monkeypatch.setattr(execute, "available_cores", lambda cores=cores: cores)
        assert list(execute.each(str, range(7))) == list("0123456")


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_a_pool_that_is_stopped_amid_large_results_ends_at_once_and_without_a_word() -> None:
    code = """
        import sys, time
        from solver.course.execute import _or_end, _processes

        def work(_):
            time.sleep(0.1)
            return bytes(20_000_000)

        try:
            with _processes(2) as pool:
                for k in range(6):
                    pool.submit(_or_end, work, k)
                time.sleep(float(sys.argv[1]))
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
    """
    for seconds in ("0.1", "0.11", "0.12", "0.13", "0.14"):
        command = [sys.executable, "-c", textwrap.dedent(code), seconds]
        done = subprocess.run(command, capture_output=True, check=False, timeout=20)
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_failing_engine_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no engine"):
        perform(task(Fails(EngineError("no engine"))), Folder(tmp_path), program_identity())


def test_another_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="a worker runs chainsheet"):
        perform(task(Copies("a")), Folder(tmp_path), "0.0.1+0")


def test_contents_come_back_where_the_store_is_out_of_reach() -> None:
    done = perform(task(Copies("a")), None, program_identity())
    assert done.contents == {"a.txt": b"a"}
    assert done.files["a.txt"].sha256.startswith("ca978112ca1bbdca")


@POSIX
def test_the_tasks_of_a_killed_worker_are_done_again(tmp_path: Path) -> None:
    notes, out = tmp_path / "notes", tmp_path / "out"
    notes.mkdir()
    tasks = [task(Copies(str(k), deaths=int(k == 3), notes=notes), str(k)) for k in range(6)]
    done = list(execute.run_in_processes(tasks, Folder(out), program_identity(), 2))
    assert sorted(each.name for each in done) == list("012345")
    assert sorted(path.name for path in out.iterdir()) == [f"{k}.txt" for k in range(6)]


@POSIX
def test_a_task_that_kills_worker_after_worker_is_named(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    tasks = [task(Copies(name, deaths=99 * (name == "bad"), notes=notes), name) for name in ("good", "bad")]
    with pytest.raises(EngineError, match="was ended from outside 3 times, at work on bad"):
        list(execute.run_in_processes(tasks, Folder(tmp_path / "out"), program_identity(), 1))


@pytest.mark.slow
@POSIX
def test_workers_end_with_their_build(tmp_path: Path) -> None:
    code = f"""
        import sys, time
        from pathlib import Path
        from solver.course.execute import _or_end, _processes
        sys.path.insert(0, {str(tmp_path)!r})
        import naps
        with _processes(2) as pool:
            for _ in range(2):
                pool.submit(_or_end, naps.nap, Path({str(tmp_path)!r}))
            time.sleep(60)
    """
    (tmp_path / "naps.py").write_text(
        textwrap.dedent("""
            import os, time
            def nap(folder):
                (folder / f"{os.getpid()}.began").touch()
                try:
                    time.sleep(60)
                finally:
                    (folder / f"{os.getpid()}.ended").touch()
        """)
    )
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)]) as parent:
        began = _wait_for(tmp_path, "began")
        parent.kill()
    assert _wait_for(tmp_path, "ended") == began
    deadline = time.monotonic() + 10
    while any(_runs(pid) for pid in began):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _wait_for(folder: Path, suffix: str) -> set[int]:
    deadline = time.monotonic() + 20
    while True:
        found = {int(path.stem) for path in folder.glob(f"*.{suffix}")}
        if len(found) == 2:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"
