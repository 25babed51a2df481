"""A build that is killed leaves only whole files, and the next one goes on: in the end every byte is as it should be."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.course.conftest import COURSE, EXAM_COURSE, contents, exam_course

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

CHECKOUT = Path(__file__).parents[2]


def start(course: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "solver", "build", str(course), "--out", str(out), *options]
    return subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out.decode(), err.decode()


def whole(folder: Path, expected: dict[str, bytes]) -> None:
    """Check that what is there under its name is as it should be."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if (
            path.is_file()
            and not path.name.startswith(".")
            and ".chainsheet" not in path.parts
            and name in expected
        ):
            assert path.read_bytes() == expected[name] or name in ("index.html", "README.md")


def kills(count: int, seconds: float) -> Iterator[float]:
    """Yield moments at which to kill: anywhere in the time that a build takes."""
    moments = random.Random(0)
    for _ in range(count):
        yield moments.uniform(0.1, seconds)


def killed_and_restarted(course: Path, tmp_path: Path, count: int, pause: float) -> None:
    started = time.monotonic()
    status, _, err = finish(start(course, tmp_path / "whole", "--jobs", "2"))
    seconds = time.monotonic() - started
    assert status == 0, err
    expected = contents(tmp_path / "whole" / course.stem)
    place = tmp_path / "out" / course.stem
    for moment in kills(count, seconds * pause):
        process = start(course, tmp_path / "out", "--jobs", "2")
        time.sleep(moment)
        if process.poll() is not None:  # it was done before: the next one begins with nothing
            assert finish(process)[0] == 0
            assert contents(place) == expected
            shutil.rmtree(tmp_path / "out")
            continue
        os.killpg(process.pid, signal.SIGKILL) if count % 2 else process.kill()
        process.communicate()
        if place.exists():
            whole(place, expected)
    status, _, err = finish(start(course, tmp_path / "out", "--jobs", "2"))
    assert status == 0, err
    assert contents(place) == expected
    status, out, err = finish(start(course, tmp_path / "out", "--json"))
    assert status == 0, err
    summary = json.loads(out.splitlines()[-1])
    assert (summary["built"], summary["failed"]) == (0, 0)
    assert summary["reused"] > 0
    assert not [path for path in place.rglob(".*") if path.name != ".chainsheet"]


def test_a_build_killed_twice_goes_on(course: Path, tmp_path: Path) -> None:
    killed_and_restarted(course, tmp_path, 2, 1.0)


@pytest.mark.slow
def test_a_build_with_an_exam_killed_at_random_moments_goes_on(course: Path, tmp_path: Path) -> None:
    with_exam = exam_course(tmp_path / "exam", *(f"s{number:02d}" for number in range(1, 61)))
    for name in ("quiz.toml", "drawn.toml", "students.csv"):
        shutil.copy(with_exam.parent / name, course.parent)
    course.write_text(COURSE + EXAM_COURSE.split("\n", 1)[1], "utf-8")
    # The number of kills can be raised for a longer trial; it changes nothing of what must hold.
    killed_and_restarted(course, tmp_path, int(os.environ.get("CHAINSHEET_KILLS", "5")), 1.0)
    quiz = tmp_path / "out" / course.stem / "exams" / "quiz"
    sheets = json.loads((quiz / "manifest.json").read_text("utf-8"))["sheets"]
    assert len(sheets) == 60
    for sheet in sheets:
        for file in sheet["files"].values():
            assert hashlib.sha256((quiz / file["path"]).read_bytes()).hexdigest() == file["sha256"]


def assert_stops(process: subprocess.Popen[bytes], rooms: Path, number: int, status: int) -> None:
    """Stop a command while TeX is at work in a folder of temporary files: it cleans up, says so, and ends."""
    deadline = time.monotonic() + 20
    while not list(rooms.glob("chainsheet-*/**/*.log")):  # TeX is at work
        assert time.monotonic() < deadline
        time.sleep(0.01)
    # SIGTERM comes to the command alone, as from a service manager; Ctrl-C to all processes of the terminal.
    os.killpg(process.pid, number) if number == signal.SIGINT else process.terminate()
    ended, _, said = finish(process)
    assert ended == status
    assert (
        said == "Interrupted. What was finished is whole and is kept; run the command again for the rest.\n"
    )
    assert not list(rooms.iterdir())


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_build_that_is_stopped_cleans_up_and_says_so(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    rooms = tmp_path / "temporary"
    rooms.mkdir()
    monkeypatch.setenv("TMPDIR", str(rooms))
    process = start(course, tmp_path / "out", "--jobs", "2", "--json")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "planned"
    assert_stops(process, rooms, number, status)
