"""A real Dask cluster of two workers on this machine: the same bytes, also when a worker is killed in the middle."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from solver.course import exam_part, execute
from solver.course.build import Options, build_course
from solver.errors import EngineError
from tests.course.conftest import COURSE, EXAM_COURSE, contents, exam_course

pytestmark = pytest.mark.slow


@pytest.fixture
def course(course: Path) -> Path:
    """Return a course with handouts and an exam, whose students are shared out among several jobs."""
    with_exam = exam_course(course.parent.parent / "exam", *(f"s{number}" for number in range(6)))
    for name in ("quiz.toml", "drawn.toml", "students.csv"):
        shutil.copy(with_exam.parent / name, course.parent)
    course.write_text(COURSE + EXAM_COURSE.split("\n", 1)[1], "utf-8")
    return course


@pytest.fixture(autouse=True)
def _two_students_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam_part, "RUN", 2)


@pytest.fixture
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as made:
        yield made


class KillsAWorker:
    """Kills a worker of a cluster when the first task is done."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self.killed = 0

    def tell(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "built" and not self.killed:
            nanny = next(iter(self._cluster.workers.values()))
            self.killed = nanny.process.pid
            os.kill(self.killed, signal.SIGKILL)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("shared", [False, True], ids=["files-come-back", "workers-write"])
def test_a_cluster_that_loses_a_worker_makes_the_same_bytes(
    cluster: Any, course: Path, tmp_path: Path, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_course(course, Options(out=str(tmp_path / "here"), jobs=1))
    out = tmp_path / "there"
    reporter = KillsAWorker(cluster)
    # A folder that only this process finds, as if the workers were on other machines.
    monkeypatch.chdir(tmp_path)
    where = f"file://{out}" if shared else out.name
    outcome = build_course(course, Options(out=where, scheduler=cluster.scheduler_address), reporter)
    assert reporter.killed
    assert not outcome.failures
    assert contents(out / "small") == contents(tmp_path / "here" / "small")
    again = build_course(course, Options(out=where, scheduler=cluster.scheduler_address))
    assert again.summary.built == 0


def test_no_scheduler_is_one_message(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "CONNECT_SECONDS", 1.0)
    with pytest.raises(EngineError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        build_course(course, Options(out=str(tmp_path), scheduler="tcp://127.0.0.1:9"))
