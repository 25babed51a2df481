"""The same everywhere: in every process, whatever the order of a set, and on every day, whatever the clocks say."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.course.conftest import contents, exam_course
from tests.pdftext.text import page_texts

CHECKOUT = Path(__file__).parents[2]
CODE = """
import hashlib
from solver.exercises.question import pose
from solver.spec import load_problem
from solver.spec.exam import Question
from solver.variants import draw_variants

for name in ("padhai-multiple-paths", "four-three-two"):
    problem = load_problem(f"problems/{name}.toml")
    for variant in draw_variants(problem, (1, 2)):
        for form in ("open", "blanks", "choice", "find-the-error"):
            posed = pose(variant, Question(problem=name, form=form), salt=(1, form))
            print(name, form, hashlib.sha256(repr(posed).encode()).hexdigest())
"""


def test_questions_are_the_same_in_every_process() -> None:
    made = []
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", CODE],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            check=True,
            timeout=300,
        )
        made.append(done.stdout.decode().splitlines())
    assert len(made[0]) == 16
    assert made[0] == made[1]


MOVED_CLOCK = """
import datetime, os, time

shift = float(os.environ["CLOCK_MOVED_BY"])
zero = time.time
time.time = lambda: zero() + shift
time.time_ns = lambda: int((zero() + shift) * 1e9)
for name in ("localtime", "gmtime", "ctime"):
    def moved(seconds=None, plain=getattr(time, name)):
        return plain(time.time() if seconds is None else seconds)
    setattr(time, name, moved)
for name, place in (("strftime", 1), ("asctime", 0)):
    def formatted(*given, plain=getattr(time, name), place=place):
        return plain(*given[:place], given[place] if len(given) > place else time.localtime())
    setattr(time, name, formatted)

def known_by(plain):
    class Known(type):
        def __instancecheck__(cls, value):
            return isinstance(value, plain)
    return Known

class Date(datetime.date, metaclass=known_by(datetime.date)):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())

class Moment(datetime.datetime, metaclass=known_by(datetime.datetime)):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)
    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)
    @classmethod
    def today(cls):
        return cls.now()

datetime.date, datetime.datetime = Date, Moment
"""
"""A module `sitecustomize`: every process of Python that starts with it has another day."""

DAYS = {"today": 0, "in half a year": 183, "years ago": -3000}

PRINTS_THE_DAY = r"""<% include "default/latex/exam-cover.tex" %>
\par\today, \number\time\ minutes, \pdfcreationdate
"""


def on_a_day(folder: Path, day: str, *command: object) -> str:
    """Run Python as a process of its own on another day, in another time zone, with nothing precompiled there."""
    (folder / "clock").mkdir(exist_ok=True)
    (folder / "clock" / "sitecustomize.py").write_text(MOVED_CLOCK, "utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder / "clock"), str(CHECKOUT)]),
        "CLOCK_MOVED_BY": str(DAYS[day] * 86400),
        "TZ": "UTC" if day == "today" else "Pacific/Auckland",
        "PYTHONHASHSEED": str(list(DAYS).index(day)),
        "CHAINSHEET_CACHE": str(folder / day / "cache"),
    }
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_clock_is_moved(tmp_path: Path) -> None:
    ask = "import datetime, time; print(int(time.time()), datetime.datetime.now().year, time.strftime('%Y'))"
    now, later, before = (on_a_day(tmp_path, day, "-c", ask).split() for day in DAYS)
    assert int(later[0]) - int(now[0]) == pytest.approx(183 * 86400, abs=60)
    assert before[1] == before[2] != now[1] == now[2]


def right_answers(manifest: Path, file: Path) -> None:
    """Write what a perfect class answers."""
    rows = [
        {"id": sheet["student"]}
        | {
            f"{answer['question']}:{answer['quantity']}": f"{answer['value']:.4g}"
            for answer in sheet["answers"]
        }
        for sheet in json.loads(manifest.read_text("utf-8"))["sheets"]
    ]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.slow
def test_an_exam_and_its_marks_are_the_same_on_another_day(tmp_path: Path) -> None:
    exam_course(tmp_path / "source", "ada", "bob")
    templates = tmp_path / "templates" / "latex"
    templates.mkdir(parents=True)
    (templates / "exam-cover.tex").write_text(PRINTS_THE_DAY, "utf-8")
    exam, made = tmp_path / "source" / "quiz.toml", []
    for day in ("today", "in half a year"):
        out = tmp_path / day / "out"
        options = ("--out", out, "--templates", tmp_path / "templates")
        on_a_day(tmp_path, day, "-m", "solver", "exam", exam, "--to", "pdf,tex,md", *options)
        right_answers(out / "quiz" / "manifest.json", tmp_path / day / "answers.csv")
        on_a_day(tmp_path, day, "-m", "solver", "mark", exam, tmp_path / day / "answers.csv", *options)
        pages = " ".join(page_texts(out / "quiz" / "ada" / "sheet.pdf"))
        assert "January 1, 1970, 0 minutes, D:19700101000000Z" in pages.replace("\n", " ")
        made.append(contents(out))
    assert {
        "quiz/manifest.json",
        "quiz/all-keys.pdf",
        "quiz/marks/report.pdf",
        "quiz/marks/students.pdf",
    } <= set(made[0])
    assert made[0] == made[1]


@pytest.mark.slow
def test_a_course_is_the_same_on_another_day(tmp_path: Path) -> None:
    course, made = exam_course(tmp_path / "source", "ada", "bob"), []
    course.write_text(
        course.read_text("utf-8") + '[[handout]]\nproblem = "drawn.toml"\nto = ["pdf", "html"]\n', "utf-8"
    )
    for day in DAYS:
        on_a_day(tmp_path, day, "-m", "solver", "build", course, "--out", tmp_path / day / "out")
        made.append(contents(tmp_path / day / "out"))
    assert any(name.endswith("index.html") for name in made[0])
    assert made[0] == made[1] == made[2]
