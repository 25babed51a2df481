"""The sheets of an exam, made by several jobs: the same as by one; all of them or none."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result

from solver.cli import main
from solver.course import exam
from tests.course.conftest import exam_course, poison
from tests.course.test_interrupted import CHECKOUT, assert_stops

STUDENTS = ("ada", "bob", "cy", "dot", "eve")


@pytest.fixture
def quiz(tmp_path: Path) -> Path:
    return exam_course(tmp_path / "source", *STUDENTS).with_name("quiz.toml")


def made(quiz: Path, out: Path, *options: str) -> Result:
    templates = quiz.parent / "templates"
    more = ("--templates", str(templates)) if templates.exists() else ()
    return CliRunner().invoke(main, ["exam", str(quiz), "--out", str(out), *more, *options])


def pages(file: Path) -> int:
    with pikepdf.open(file) as pdf:
        return len(pdf.pages)


def told(folder: Path) -> dict[str, str]:
    """Return what the texts of an exam say; a PDF's bytes depend on who shares its run of TeX."""
    found = {}
    for path in folder.rglob("*"):
        if path.suffix in (".tex", ".md", ".svg"):
            found[path.relative_to(folder).as_posix()] = path.read_text("utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for sheet in manifest["sheets"]:
        for file in sheet["files"].values():
            if file["path"].endswith(".pdf"):
                del file["sha256"]
    return {**found, "manifest": json.dumps(manifest)}


def test_sheets_say_the_same_and_are_equally_long_whoever_shares_a_job(
    quiz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(quiz.with_name("small.toml"), '<% if student_id == "cy" %>A page of its own.\\newpage<% endif %>')
    found, names = [], []
    for run in (2, 25):
        monkeypatch.setattr(exam, "RUN", run)
        out = tmp_path / str(run)
        result = made(quiz, out, "--to", "md,tex,pdf")
        assert result.exit_code == 0, result.output
        folder = out / "quiz"
        lengths = {pages(folder / student / "sheet.pdf") for student in STUDENTS}
        assert len(lengths) == 1
        assert pages(folder / "all-sheets.pdf") == len(STUDENTS) * lengths.pop()
        with pikepdf.open(folder / "all-keys.pdf") as pdf, pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["All answers", *STUDENTS]
        found.append(told(folder))
        names.append([Path(line).relative_to(folder).as_posix() for line in result.stdout.splitlines()])
    assert found[0] == found[1]
    assert names[0] == names[1]
    first, *_, last = names[0]
    assert (first, last) == ("ada/sheet.pdf", "manifest.json")
    students = dict.fromkeys(name.split("/")[0] for name in names[0] if "/" in name)
    assert tuple(students) == STUDENTS


@pytest.mark.parametrize("run", [1, 25])
@pytest.mark.parametrize("kind", ["sheet", "key"])
def test_a_sheet_that_does_not_compile_is_named_and_nothing_is_written(
    quiz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: int, kind: str
) -> None:
    monkeypatch.setattr(exam, "RUN", run)
    poison(
        quiz.with_name("small.toml"),
        f'<% if kind == "{kind}" and student_id == "dot" %>\\nosuchcommand<% endif %>',
    )
    result = made(quiz, tmp_path / "out")
    assert result.exit_code == 3
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert re.fullmatch(rf"dot-{kind} does not compile, line \d+: Undefined control sequence\.", first)
    assert re.fullmatch(r"    l\.\d+ .*\\nosuchcommand", second)
    assert not (tmp_path / "out").exists()


def test_a_page_of_all_answers_that_does_not_compile_is_named(quiz: Path, tmp_path: Path) -> None:
    folder = quiz.parent / "templates" / "latex"
    folder.mkdir(parents=True)
    (folder / "exam.tex").write_text(
        '<% extends "default/latex/exam.tex" %>\n'
        '<% block head %><% if kind == "answers" %>\\nosuchcommand<% endif %><% endblock %>',
        "utf-8",
    )
    result = made(quiz, tmp_path / "out")
    assert result.exit_code == 3
    assert re.match(r"all-answers does not compile, line \d+: Undefined control sequence", result.stderr)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_exam_that_is_stopped_cleans_up_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    quiz = exam_course(tmp_path / "source", *(f"s{k:02}" for k in range(60))).with_name("quiz.toml")
    rooms, out = tmp_path / "temporary", tmp_path / "out"
    rooms.mkdir()
    monkeypatch.setenv("TMPDIR", str(rooms))
    process = subprocess.Popen(
        [sys.executable, "-m", "solver", "exam", str(quiz), "--out", str(out)],
        cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert_stops(process, rooms, number, status)
    assert not out.exists()
