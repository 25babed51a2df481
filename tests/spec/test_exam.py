from __future__ import annotations

import contextlib
import datetime as dt
import os
import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.errors import InputError, render_failure
from solver.spec import load_course, load_exam, new_problem_text

EXAM = """
title = "Midterm"
course = "Deep learning"
date = 2026-12-01
minutes = 60
instructions = "Show every chain-rule factor."
variants = 4                   # or per = "student" with roster = "students.csv"
seed = 7
[[question]]
problem = "../padhai.toml"     # relative to this file
points  = 10
form    = "open"               # "open" "blanks" (a worked solution with gaps) "choice" "find-the-error"
gradients = ["W1[2,1]"]        # overrides the problem's own [work]
space = "6cm"
[[question]]
problem = "../circuit.toml"
points = 2.5
form = "choice"
choices = 4
ask = ["q", "df/dq"]
"""
COURSE = """
title = "Deep learning"
lecturer = "A. Teacher"
term = "Winter 2026"
folder = "dl"
secret = "env:COURSE_SECRET"

[style]
templates = "look"
language = "en"
notation = { preset = "padhai", rate = "alpha" }
numbers = { significant = 3 }

[[handout]]
problem = "padhai.toml"
[[handout]]
problem = "padhai.toml"
view = "sheet"
to = ["pdf"]
[[handout]]
problem = "circuit.toml"
view = "key"
to = ["html", "json"]
folder = "week 2/circuit"
title = "The circuit"

[[exam]]
file = "exams/midterm.toml"
roster = "students.csv"
seed = 11
secret = "file:exam.key"
to = ["pdf", "tex"]
folder = "midterm"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exams").mkdir()
    (tmp_path / "look").mkdir()
    (tmp_path / "padhai.toml").write_text(new_problem_text(), "utf-8")
    (tmp_path / "circuit.toml").write_text(new_problem_text("expression"), "utf-8")
    (tmp_path / "students.csv").write_text("id,name\n17,Ada\n18,Grace\n")
    (tmp_path / "exam.key").write_text("k")
    (tmp_path / "exams" / "midterm.toml").write_text(EXAM)
    (tmp_path / "course.toml").write_text(COURSE)
    return tmp_path


def test_the_contract_s_own_exam(folder: Path) -> None:
    exam = load_exam(folder / "exams" / "midterm.toml")
    assert (exam.title, exam.course, exam.minutes, exam.variants, exam.seed) == (
        "Midterm",
        "Deep learning",
        60,
        4,
        7,
    )
    assert exam.date == dt.date(2026, 12, 1)
    first, second = exam.questions
    assert (first.points, first.form, first.gradients, first.space) == (10, "open", ("W1[2,1]",), "6cm")
    assert (second.points, second.form, second.choices, second.ask) == (
        Decimal("2.5"),
        "choice",
        4,
        ("q", "df/dq"),
    )
    assert [problem.kind for problem in exam.problems] == ["network", "expression"]
    assert exam.students is None
    assert not exam.per_student
    assert exam.digest
    assert exam.beside("x.toml") == folder / "exams" / "x.toml"


def test_an_exam_per_student(folder: Path) -> None:
    file = folder / "exams" / "midterm.toml"
    file.write_text(EXAM.replace("variants = 4 ", 'per = "student"\nroster = "../students.csv"'))
    exam = load_exam(file)
    assert exam.per_student
    assert exam.students is not None
    assert [student.id for student in exam.students.students] == ["17", "18"]


def test_a_roster_from_the_command_line(folder: Path) -> None:
    file = folder / "exams" / "midterm.toml"
    exam = load_exam(file, folder / "students.csv")
    assert exam.students is not None
    assert not exam.per_student
    file.write_text(EXAM.replace("variants = 4 ", 'per = "student"'))
    assert load_exam(file, folder / "students.csv").per_student
    with pytest.raises(InputError, match="no such file"):
        load_exam(file, folder / "nobody.csv")


def test_an_exam_travels_to_another_process(folder: Path) -> None:
    exam = load_exam(folder / "exams" / "midterm.toml")
    copy = pickle.loads(pickle.dumps(exam))
    assert copy == exam
    assert copy.problems == exam.problems


def test_faults_of_all_files_in_one_go(folder: Path) -> None:
    file = folder / "exams" / "midterm.toml"
    (folder / "padhai.toml").write_text(new_problem_text().replace('"sigmoid"', '"sigmiod"', 1))
    (folder / "students.csv").write_text("id,name\n17,Ada\n17,Grace\n")
    file.write_text(
        EXAM.replace("minutes = 60", "minuts = 60")
        .replace('"q", "df/dq"', '"qq"')
        .replace("variants = 4 ", 'roster = "../students.csv"')
    )
    with pytest.raises(InputError) as caught:
        load_exam(file)
    message = render_failure(caught.value)
    assert [word in message for word in ("minuts", '"qq"', "sigmiod", "stands twice")] == [True] * 4


def test_a_course(folder: Path) -> None:
    course = load_course(folder / "course.toml")
    assert (course.title, course.lecturer, course.term, course.place, course.secret) == (
        "Deep learning", "A. Teacher", "Winter 2026", "dl", "env:COURSE_SECRET",
    )  # fmt: skip
    assert course.style.notation is not None
    assert dict(course.style.notation.overrides) == {"rate": "alpha"}
    assert [(h.place, h.view, h.to) for h in course.handouts] == [
        ("handouts/padhai", "solution", ("pdf", "md")),
        ("handouts/padhai", "sheet", ("pdf",)),
        ("week 2/circuit", "key", ("html", "json")),
    ]
    (exam,) = course.exams
    assert (exam.place, exam.roster, exam.seed, exam.secret, exam.to) == (
        "midterm",
        "students.csv",
        11,
        "file:exam.key",
        ("pdf", "tex"),
    )
    assert course.beside(exam.file) == folder / "exams" / "midterm.toml"


def test_a_course_loads_though_one_of_its_problems_is_broken(folder: Path) -> None:
    (folder / "padhai.toml").write_text("nonsense")
    assert len(load_course(folder / "course.toml").handouts) == 3


def test_what_is_left_out_of_a_course(folder: Path) -> None:
    (folder / "small.toml").write_text('[[exam]]\nfile = "exams/midterm.toml"\n')
    course = load_course(folder / "small.toml")
    assert (course.title, course.place, course.handouts, course.secret) == ("small", "small", (), None)
    assert course.exams[0].place == "exams/midterm"


@settings(max_examples=100)
@given(data=st.data())
def test_cut_and_swapped_lines(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    (base / "padhai.toml").write_text(new_problem_text(), "utf-8")
    lines = data.draw(st.sampled_from([EXAM.replace("../", ""), COURSE])).splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(
            st.sampled_from([lines[other], "", lines[place].split("=")[0] + "= [1, { a = true }]", "[x]"])
        )
    file = base / "mutant.toml"
    file.write_text("\n".join(lines))
    for load in (load_exam, load_course):
        with contextlib.suppress(InputError):
            load(file)


def test_a_name_that_no_page_can_show_is_a_fault(tmp_path: Path) -> None:
    # As a file from a system with another encoding is called; some file systems have no such names.
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/pr\xfcfung.toml"))
    with contextlib.suppress(OSError):
        file.write_text("title = 'Exam'", "utf-8")
    if file.exists():
        with pytest.raises(InputError, match="the file's name is not UTF-8"):
            load_exam(file)
