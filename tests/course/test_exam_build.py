"""Exams of a course: every sheet once, and again only where something changed for it."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from solver.course import exam_job, exam_part
from solver.course.build import Outcome
from solver.course.exam import make_exam
from solver.course.exam_plan import plan_exam
from solver.files import in_one
from solver.spec import load_exam
from tests.course.conftest import EXAM_COURSE as COURSE
from tests.course.conftest import Build, contents, exam_course, poison, roster

STUDENTS = ("ada", "bob", "cy")


@pytest.fixture(autouse=True)
def _two_students_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam_part, "RUN", 2)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return exam_course(tmp_path / "source", *STUDENTS)


@pytest.fixture
def quiz(place: Path) -> Path:
    return place / "exams" / "quiz"


def manifest(quiz: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((quiz / "manifest.json").read_text("utf-8"))
    return found


def true_manifest(quiz: Path, *students: str) -> None:
    sheets = manifest(quiz)["sheets"]
    assert [sheet["student"] for sheet in sheets] == list(students)
    for sheet in sheets:
        assert set(sheet["files"]) >= {"sheet", "key"}
        for file in sheet["files"].values():
            assert hashlib.sha256((quiz / file["path"]).read_bytes()).hexdigest() == file["sha256"]


def book(quiz: Path, name: str) -> list[tuple[str, int]]:
    """Return label and first page of every part of a book, and last the number of its pages."""
    with pikepdf.open(quiz / name) as pdf, pdf.open_outline() as outline:
        pages = {page.objgen: number for number, page in enumerate(pdf.pages)}
        found = [(item.title, pages[item.destination[0].objgen]) for item in outline.root]
        return [*found, ("", len(pdf.pages))]


def pages(file: Path) -> int:
    with pikepdf.open(io.BytesIO(file.read_bytes())) as pdf:
        return len(pdf.pages)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    summary = outcome.summary
    return summary.built, summary.reused, summary.failed


def test_sheets_keys_books_and_manifest(build: Build, course: Path, quiz: Path, place: Path) -> None:
    assert counts(build()) == (6, 0, 0)
    true_manifest(quiz, *STUDENTS)
    plan = plan_exam(load_exam(course.parent / "quiz.toml"))
    exam = json.loads(in_one(make_exam(plan, ("pdf",))["quiz/manifest.json"]))
    made = manifest(quiz)
    for sheet in (*made["sheets"], *exam["sheets"]):
        for file in sheet["files"].values():
            del file["sha256"]  # a PDF's bytes depend on who shares its run
    assert made == exam
    each = pages(quiz / "ada" / "sheet.pdf")
    assert book(quiz, "all-sheets.pdf") == [("ada", 0), ("bob", each), ("cy", 2 * each), ("", 3 * each)]
    keys = book(quiz, "all-keys.pdf")
    assert [label for label, _ in keys] == ["All answers", *STUDENTS, ""]
    lengths = [pages(quiz / student / "key.pdf") for student in STUDENTS]
    assert keys[-1][1] - keys[1][1] == sum(lengths)
    page = (place / "index.html").read_text("utf-8")
    for name in contents(place):
        assert name in page or name in ("index.html", "README.md")
    assert counts(build()) == (0, 6, 0)


def test_one_student_added_makes_one_sheet(build: Build, course: Path, quiz: Path) -> None:
    build()
    before = {path: path.stat().st_mtime_ns for path in quiz.rglob("*/*.pdf")}
    roster(course.parent, "ada", "dot", "bob", "cy")
    assert counts(build()) == (2, 6, 0)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    true_manifest(quiz, "ada", "dot", "bob", "cy")
    assert [label for label, _ in book(quiz, "all-sheets.pdf")] == ["ada", "dot", "bob", "cy", ""]
    assert counts(build()) == (0, 8, 0)


def test_a_student_who_left_takes_the_sheet_along(build: Build, course: Path, quiz: Path) -> None:
    build()
    roster(course.parent, "ada", "cy")
    outcome = build()
    assert counts(outcome) == (0, 4, 0)
    assert outcome.summary.removed == 2
    assert not (quiz / "bob").exists()
    true_manifest(quiz, "ada", "cy")
    assert [label for label, _ in book(quiz, "all-keys.pdf")] == ["All answers", "ada", "cy", ""]
    assert counts(build()) == (0, 4, 0)


def test_a_dry_run_tells_what_is_put_together_again_and_what_goes(
    build: Build, course: Path, quiz: Path
) -> None:
    def foretold() -> tuple[dict[str, str], list[str]]:
        outcome = build(dry_run=True)
        assert outcome.planned is not None
        return {task.removeprefix("exams/quiz/"): why for task, why in outcome.planned}, outcome.outdated

    books = ("manifest", "all-sheets", "all-keys")
    assert foretold()[0].items() >= dict.fromkeys(books, "new").items()
    build()
    assert foretold() == ({}, [])
    roster(course.parent, "ada", "cy")
    gone = [f"exams/quiz/bob/{name}.pdf" for name in ("key", "sheet")]
    why, removed = foretold()
    assert (why, sorted(removed)) == (dict.fromkeys(books, "other sheets"), gone)
    assert build().summary.removed == len(removed)
    (quiz / "all-keys.pdf").unlink()
    assert foretold() == ({"all-keys": "all-keys.pdf is missing"}, [])
    # Ada's sheet is made again, and so is nothing that would be removed.
    course.write_text(COURSE + "seed = 8\n", "utf-8")
    roster(course.parent, "ada")
    why, removed = foretold()
    assert set(why) >= {*books}
    assert {path.split("/")[2] for path in removed} == {"cy"}


def test_another_name_makes_another_sheet_for_one(build: Build, course: Path, quiz: Path) -> None:
    build()
    file = course.parent / "students.csv"
    file.write_text(file.read_text("utf-8").replace("Bob Lovelace", "Bob Babbage"), "utf-8")
    outcome = build(dry_run=True)
    assert outcome.planned is not None
    assert [why for _, why in outcome.planned] == ["the student's row changed", *["other sheets"] * 3]
    before = (quiz / "ada" / "sheet.pdf").read_bytes()
    assert counts(build()) == (2, 4, 0)
    assert (quiz / "ada" / "sheet.pdf").read_bytes() == before
    true_manifest(quiz, *STUDENTS)
    assert counts(build()) == (0, 6, 0)


def test_a_sheet_that_is_gone_comes_back_the_same(build: Build, place: Path, quiz: Path) -> None:
    build()
    before = contents(place)
    (quiz / "bob" / "key.pdf").unlink()
    (quiz / "all-keys.pdf").write_bytes(b"")
    outcome = build(dry_run=True)
    assert outcome.planned is not None
    assert [why for _, why in outcome.planned] == ["key.pdf is missing", "all-keys.pdf was changed"]
    assert counts(build()) == (4, 2, 0)
    assert contents(place) == before


def test_what_changes_the_exam_changes_all_sheets(build: Build, course: Path) -> None:
    build()
    for file, old, new, why in (
        ("quiz.toml", "points = 4", "points = 5", "the exam changed"),
        ("drawn.toml", "step = 0.5", "step = 0.25", "the exam changed"),
        ("quiz.toml", "seed = 3", "seed = 4", "the exam changed, the seed changed"),
    ):
        text = (course.parent / file).read_text("utf-8")
        (course.parent / file).write_text(text.replace(old, new), "utf-8")
        outcome = build(dry_run=True)
        assert outcome.planned is not None
        assert {reason for task, reason in outcome.planned if "/run-" in task} == {why}
        (course.parent / file).write_text(text, "utf-8")
    assert counts(build()) == (0, 6, 0)


def test_a_sheet_that_does_not_compile_is_named_and_all_others_are_there(
    build: Build, course: Path, quiz: Path, place: Path
) -> None:
    poison(course, '<% if student_id == "bob" %>\\nosuchcommand<% endif %>')
    outcome = build()
    assert counts(outcome) == (4, 0, 2)
    (failure,) = outcome.failures
    assert failure.what == "exams/quiz: student bob"
    assert failure.message.startswith("sheet.tex, line ")
    assert "Undefined control sequence" in failure.message
    assert "\\nosuchcommand" in failure.message
    assert sorted(path.name for path in quiz.iterdir() if path.is_dir()) == ["ada", "cy"]
    true_manifest(quiz, "ada", "cy")
    assert "student bob could not be built" in (place / "index.html").read_text("utf-8")
    assert counts(build()) == (0, 4, 2)
    before = contents(place)
    poison(course, "")
    assert counts(build()) == (6, 0, 0)
    true_manifest(quiz, *STUDENTS)
    assert contents(place).keys() > before.keys()


def test_numbers_that_make_no_question_are_named(
    build: Build, quiz: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from solver.course import exam_plan
    from solver.course.seats import student_variant

    askable = exam_plan._askable

    def refuses(asking: Any, variant: int, problem: Any, member: Any) -> Any:
        if variant == student_variant("ada"):
            raise ValueError("no such numbers")
        return askable(asking, variant, problem, member)

    monkeypatch.setattr(exam_plan, "_askable", refuses)
    outcome = build()
    assert counts(outcome) == (4, 0, 2)
    assert outcome.failures[0].text == "exams/quiz: student ada: internal fault: ValueError: no such numbers"
    true_manifest(quiz, "bob", "cy")
    monkeypatch.undo()
    monkeypatch.setattr(exam_part, "RUN", 2)
    assert counts(build()) == (2, 4, 0)
    true_manifest(quiz, *STUDENTS)


def test_all_sheets_are_equally_long(build: Build, course: Path, quiz: Path, place: Path) -> None:
    poison(course, '<% if student_id == "cy" %>A page of its own.\\newpage<% endif %>')
    assert counts(build()) == (6, 0, 0)
    lengths = {pages(quiz / student / "sheet.pdf") for student in STUDENTS}
    assert len(lengths) == 1
    true_manifest(quiz, *STUDENTS)
    (each,) = lengths
    assert book(quiz, "all-sheets.pdf")[-1] == ("", 3 * each)
    assert counts(build()) == (0, 6, 0)
    before = contents(place)
    assert counts(build(force=True)) == (6, 0, 0)
    assert contents(place) == before


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QUIZ_SECRET", "swordfish")
    return "swordfish"


def test_a_secret_of_the_course_changes_the_draws_and_is_written_nowhere(
    build: Build, course: Path, quiz: Path, place: Path, secret: str
) -> None:
    build()
    before = manifest(quiz)
    course.write_text('secret = "env:QUIZ_SECRET"\n' + COURSE, "utf-8")
    assert counts(build()) == (6, 0, 0)
    assert manifest(quiz)["sheets"][0]["answers"] != before["sheets"][0]["answers"]
    assert not [path for path in place.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_an_exam_with_a_fault_leaves_the_rest_alone(build: Build, course: Path, quiz: Path) -> None:
    build()
    text = (course.parent / "quiz.toml").read_text("utf-8")
    (course.parent / "quiz.toml").write_text(text.replace("drawn.toml", "drwn.toml"), "utf-8")
    outcome = build()
    assert 'did you mean "drawn.toml"?' in outcome.failures[0].text
    true_manifest(quiz, *STUDENTS)
    (course.parent / "quiz.toml").write_text(text, "utf-8")
    assert counts(build()) == (0, 6, 0)


def test_the_fault_of_an_exam_is_not_shown_at_one_whose_name_begins_alike(
    build: Build, course: Path, place: Path
) -> None:
    (course.parent / "faulty.toml").write_text("title = 3\n", "utf-8")
    course.write_text(COURSE + '[[exam]]\nfile = "faulty.toml"\nfolder = "exams/quiz-2"\n', "utf-8")
    assert len(build().failures) == 1
    assert (place / "README.md").read_text("utf-8").count("could not be built") == 1


def test_every_format(build: Build, course: Path, quiz: Path) -> None:
    course.write_text(COURSE + 'to = ["pdf", "tex", "md"]\n', "utf-8")
    assert counts(build()) == (18, 0, 0)
    true_manifest(quiz, *STUDENTS)
    files = manifest(quiz)["sheets"][0]["files"]
    assert files["sheet"]["path"] == "ada/sheet.pdf"
    assert {path.name for path in (quiz / "ada").iterdir()} >= {
        "sheet.pdf", "sheet.tex", "sheet.md", "key.pdf", "key.tex", "key.md",
    }  # fmt: skip


def test_the_job_of_a_student_travels(course: Path) -> None:
    import pickle

    job = exam_job.ExamJob(b"", "a", "b", ())
    assert pickle.loads(pickle.dumps(job)) == job
