"""Small courses, built in folders of their own, with one cache of precompiled preambles for the whole run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from solver.course.build import Options, Outcome, build_course
from solver.course.progress import Reporter

NEURON = """title = "One neuron"
source = "Written for a test"

[network]
inputs  = [1, 0.5]
targets = [1]
loss    = "squared_error"
learning_rate = 0.5

[[network.layer]]
weights = [[0.4, -0.2]]
activation = "sigmoid"

[work]
gradients = ["W1[1,1]"]
form = "paths"
"""

DRAWN = (
    NEURON
    + """
[variants]
seed = 1
[variants.draw]
"W1" = { low = -0.9, high = 0.9, step = 0.1, exclude = [0] }
"x" = { low = 0.5, high = 5, step = 0.5 }
"""
)

EXAM = """title = "Quiz"
per = "student"
roster = "students.csv"
seed = 3
[[question]]
problem = "drawn.toml"
points = 4
space = "2cm"
"""

EXAM_COURSE = """title = "A course with an exam"
[[exam]]
file = "quiz.toml"
"""

COURSE = """title = "A small course"
lecturer = "N. N."

[[handout]]
problem = "neuron.toml"
to = ["pdf", "md"]

[[handout]]
problem = "other.toml"
to = ["md", "json"]
folder = "week-2"
"""


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINSHEET_CACHE", str(shared / "chainsheet-cache"))
        patch.delenv("CHAINSHEET_PDFLATEX", raising=False)
        yield


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a course file with two problems beside it."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "neuron.toml").write_text(NEURON, "utf-8")
    (folder / "other.toml").write_text(NEURON.replace("One neuron", "Another neuron"), "utf-8")
    (folder / "small.toml").write_text(COURSE, "utf-8")
    return folder / "small.toml"


Build = Callable[..., Outcome]


@pytest.fixture
def build(course: Path, tmp_path: Path) -> Build:
    """Return a function that builds the course into the folder ``out``, here, with options."""

    def run(*, reporter: Reporter | None = None, file: Path | None = None, **options: object) -> Outcome:
        given = {"out": str(tmp_path / "out"), "jobs": 1, **options}
        return build_course(file or course, Options(**given), reporter)  # type: ignore[arg-type]

    return run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the folder that the course is built in."""
    return tmp_path / "out" / "small"


def roster(folder: Path, *students: str) -> None:
    """Write the roster of the exam course."""
    rows = [f"{student},{student.capitalize()} Lovelace" for student in students]
    (folder / "students.csv").write_text("\n".join(["id,name", *rows]) + "\n", "utf-8")


def exam_course(folder: Path, *students: str) -> Path:
    """Write a course with one exam into a new folder, and return its file."""
    folder.mkdir()
    (folder / "drawn.toml").write_text(DRAWN, "utf-8")
    (folder / "quiz.toml").write_text(EXAM, "utf-8")
    roster(folder, *students)
    (folder / "small.toml").write_text(EXAM_COURSE, "utf-8")
    return folder / "small.toml"


def poison(course: Path, template: str) -> None:
    """Let the cover of the sheets of the exam course end with a template."""
    templates = course.parent / "templates" / "latex"
    templates.mkdir(parents=True, exist_ok=True)
    (templates / "exam-cover.tex").write_text(
        '<% include "default/latex/exam-cover.tex" %>\n' + template, "utf-8"
    )
    course.write_text(EXAM_COURSE + '[style]\ntemplates = "templates"\n', "utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a built course, what the build knows for itself left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".chainsheet" not in path.relative_to(folder).parts
    }
