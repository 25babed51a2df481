"""What goes wrong around a build: each is one message with its exit status, and what was finished is kept."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from solver.engines import batch
from solver.engines.find import find_engine
from solver.engines.runs import Run
from tests.course.conftest import Build, contents, exam_course, poison
from tests.course.test_interrupted import CHECKOUT, finish, start

STUDENTS = tuple(f"s{number}" for number in range(1, 5))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return exam_course(tmp_path / "source", *STUDENTS)


def on_disk(script: str, folder: Path, size: str, **variables: str) -> tuple[int, str]:
    """Run a shell script with a disk of its own at a folder, and return its status and what it said as errors."""
    folder.mkdir()
    mounted = f"mount -t tmpfs -o size={size} none {folder} || exit 77\n{script}"
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare: a disk of a size of its own cannot be made")
    done = subprocess.run(
        [unshare, "--mount", "sh", "-c", mounted],
        cwd=CHECKOUT, env={**os.environ, **variables}, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode == 77 or b"unshare failed" in done.stderr:
        pytest.skip("no right to mount")
    return done.returncode, done.stderr.decode()


def build_command(course: Path, out: Path) -> str:
    return f"{sys.executable} -m solver build {course} --out {out} --jobs 1"


@pytest.mark.slow
def test_a_full_disk_is_one_message_and_the_build_goes_on_with_room(course: Path, tmp_path: Path) -> None:
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    command = build_command(course, disk)
    script = f"""
{command}
test $? = 3 || exit 1
mount -o remount,size=50m {disk}
{command} || exit 2
cp -r {disk} {kept}
"""
    status, said = on_disk(script, disk, "200k")
    assert status == 0, said
    assert re.fullmatch(
        rf"no room left to write {disk}/small/\S+: No space left on device\n"
        r"What was finished is whole and is kept; make room and build again to go on from there.\n",
        said,
    )
    status, _, said = finish(start(course, tmp_path / "undisturbed", "--jobs", "1"))
    assert status == 0, said
    assert contents(kept / "small") == contents(tmp_path / "undisturbed" / "small")


def test_a_full_disk_is_no_fault_of_a_problem(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    problem = CHECKOUT / "problems" / "single-neuron.toml"
    command = f"{sys.executable} -m solver render --to html {problem} --out {disk}"
    status, said = on_disk(command, disk, "8k")
    assert status == 3
    assert re.fullmatch(
        rf"no room left to write {disk}/\S+: No space left on device\nMake room there, and try again.\n", said
    )


# TeX finds no room for its input, for its PDF, for its log alone; and qpdf none for a book.
@pytest.mark.parametrize(
    "size", ["40k", *(pytest.param(size, marks=pytest.mark.slow) for size in ("200k", "280k", "1200k"))]
)
def test_no_room_for_tex_is_one_message(course: Path, tmp_path: Path, size: str) -> None:
    disk = tmp_path / "disk"
    # With the preamble precompiled before: what is told of that is another message.
    assert finish(start(course, tmp_path / "before", "--jobs", "1"))[0] == 0
    status, said = on_disk(build_command(course, tmp_path / "out"), disk, size, TMPDIR=str(disk))
    assert status == 3
    first, *_, last = said.splitlines()
    assert first == f"no room to run pdfLaTeX in {disk}"
    assert last == "Make room there, or let TMPDIR name another folder."


def test_a_folder_that_is_read_only_is_one_message(course: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    status, said = on_disk(f"mount -o remount,ro {disk}\n{build_command(course, disk)}", disk, "1m")
    assert status == 2
    assert said.count("\n") == 1
    assert re.match(rf"{disk}/.*cannot be written: Read-only file system", said)


@pytest.mark.skipif(os.name != "posix", reason="a program that is a script")
def test_an_engine_that_vanishes_is_one_message(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, runs = tmp_path / "pdflatex", tmp_path / "runs"
    real = find_engine().executable
    # It is gone when it has run a few times: in the middle of the sheets.
    engine.write_text(
        f'#!/bin/sh\necho >> {runs}\ntest $(wc -l < {runs}) -gt 4 && rm -f {engine}\nexec {real} "$@"\n',
        "utf-8",
    )
    engine.chmod(0o755)
    monkeypatch.setenv("CHAINSHEET_PDFLATEX", str(engine))
    monkeypatch.setenv("CHAINSHEET_CACHE", str(tmp_path / "cache"))
    status, _, said = finish(start(course, tmp_path / "out", "--jobs", "1"))
    assert status == 3
    assert said.splitlines()[0] == f"{engine} could not be started"
    assert not engine.exists()


@pytest.mark.slow
def test_a_sheet_that_never_ends_is_named_in_time(
    build: Build, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "FURTHER_SECONDS", 0.5)
    monkeypatch.setattr("solver.engines.runs.Run", partial(Run, seconds=3.0))
    build()
    poison(course, '<% if student_id == "s3" %>\\loop\\iftrue\\repeat<% endif %>')
    outcome = build()
    (failure,) = outcome.failures
    assert failure.what == "exams/quiz: student s3"
    assert re.match(r"sheet\.tex, line \d+: not done after 3 seconds: a loop", failure.message)
    assert outcome.summary.built == 6


@pytest.mark.slow
def test_one_poisoned_sheet_among_two_hundred(tmp_path: Path) -> None:
    students = [f"s{number:03d}" for number in range(1, 201)]
    course = exam_course(tmp_path / "source", *students)
    poison(course, '<% if student_id == "s117" %>\\nosuchcommand<% endif %>')
    status, told, said = finish(start(course, tmp_path / "out", "--json"))
    assert status == 1
    assert re.match(r"exams/quiz: student s117: sheet\.tex, line \d+: Undefined control sequence", said)
    summary = json.loads(told.splitlines()[-1])
    assert (summary["built"], summary["failed"]) == (398, 2)
    quiz = tmp_path / "out" / "small" / "exams" / "quiz"
    assert {path.parent.name for path in quiz.glob("*/key.pdf")} == set(students) - {"s117"}
    sheets = json.loads((quiz / "manifest.json").read_text("utf-8"))["sheets"]
    assert [sheet["student"] for sheet in sheets] == [name for name in students if name != "s117"]
