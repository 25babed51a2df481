"""From an exam's manifest and a file of answers to points, statistics and reports, over all four forms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from solver.cli import main
from tests.pdftext.text import page_texts

NETWORK = """
title = "Two units"
[network]
inputs = [1, 2]
targets = [1, 0]
learning_rate = 0.1
[[network.layer]]
weights = [[0.1, 0.2], [0.3, 0.4]]
biases = [0, 0]
activation = "sigmoid"
[[network.layer]]
weights = [[0.5, 0.6], [0.7, 0.8]]
activation = "softmax"
[variants.draw]
"W1" = { low = -0.9, high = 0.9, step = 0.1, exclude = [0] }
"W2" = { low = -0.9, high = 0.9, step = 0.1, exclude = [0] }
[variants.require]
min_gradient = 0.001
"""
EXAM = """
title = "Quiz"
per = "student"
roster = "students.csv"
seed = 7
[[question]]
problem = "network.toml"
points = 6
gradients = ["W1[1,2]"]
ask = ["a1", "h1", "L"]
[[question]]
problem = "network.toml"
points = 2
form = "choice"
gradients = ["W2[1,1]", "b1[2]"]
[[question]]
problem = "network.toml"
points = 6
form = "blanks"
gradients = ["W2"]
[[question]]
problem = "network.toml"
points = 4
form = "find-the-error"
gradients = ["W1[1,1]"]
"""
STUDENTS = tuple(f"s{number:03}" for number in range(1, 7))
FULL = 18.0

Answers = dict[str, dict[str, str]]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quiz")
    (folder / "network.toml").write_text(NETWORK, "utf-8")
    (folder / "quiz.toml").write_text(EXAM, "utf-8")
    rows = "".join(f"{name},Student {name[1:]}\n" for name in STUDENTS)
    (folder / "students.csv").write_text("id,name\n" + rows, "utf-8")
    assert run("exam", folder / "quiz.toml", "--to", "md", "--out", folder / "out").exit_code == 0
    return folder


def entries(exam: Path) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (student, column, entry) of every answer of the manifest."""
    for sheet in json.loads((exam / "out/quiz/manifest.json").read_text("utf-8"))["sheets"]:
        for entry in sheet["answers"]:
            yield sheet["student"], f"{entry['question']}:{entry['quantity']}", entry


def right(entry: Mapping[str, Any]) -> str:
    if "options" in entry:
        return str(next(option["option"] for option in entry["options"] if not option["mistake"]))
    return f"{entry['value']:.4g}"


@pytest.fixture
def answers(exam: Path) -> Answers:
    """What a perfect class writes."""
    found: Answers = {}
    for student, column, entry in entries(exam):
        found.setdefault(student, {})[column] = right(entry)
    return found


def mark(
    exam: Path, answers: Answers, folder: Path, *more: object
) -> tuple[Result, dict[str, dict[str, Any]]]:
    """Mark a class and return the result and, by student and column, what is found of each answer."""
    columns = list(dict.fromkeys(column for row in answers.values() for column in row))
    with (folder / "answers.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", *columns])
        writer.writerows([student, *(row.get(c, "") for c in columns)] for student, row in answers.items())
    result = run(
        "mark",
        exam / "quiz.toml",
        folder / "answers.csv",
        "--out",
        exam / "out",
        "--to",
        "md",
        "--json",
        *more,
    )
    assert result.exit_code in (0, 2), result.output
    found: dict[str, dict[str, Any]] = {}
    for student in json.loads(result.stdout)["students"] if result.exit_code == 0 else ():
        found[student["id"]] = {f"{a['question']}:{a['quantity']}": a for a in student["answers"]}
        found[student["id"]][""] = student
    return result, found


def table(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))


def test_a_perfect_class_has_full_marks_in_all_forms(exam: Path, answers: Answers, tmp_path: Path) -> None:
    _, found = mark(exam, answers, tmp_path)
    assert {name: student[""]["points"] for name, student in found.items()} == dict.fromkeys(STUDENTS, FULL)
    rows = table(exam / "out/quiz/marks/marks.csv")
    assert [(row["id"], float(row["points"]), float(row["of"])) for row in rows] == [
        (name, FULL, FULL) for name in STUDENTS
    ]


def test_what_is_right_in_a_wrong_line_has_one_column(exam: Path) -> None:
    found = [
        (student, column, entry.get("of")) for student, column, entry in entries(exam) if column[0] == "4"
    ]
    assert [column for _, column, _ in found] == ["4:line", "4:value"] * len(STUDENTS)
    assert len({of for _, column, of in found if column == "4:value"}) > 1  # on each sheet another quantity


def test_numbers_in_any_dress(exam: Path, answers: Answers, tmp_path: Path) -> None:
    values = {(student, column): entry["value"] for student, column, entry in entries(exam)}
    typographic = f"{values['s001', '1:dL/dW1[1,2]']:.4g}".replace("-", "−").replace(".", ",")
    answers["s001"]["1:dL/dW1[1,2]"] = typographic
    answers["s002"]["1:h1[1]"] = f"{values['s002', '1:h1[1]']:.4e}"
    answers["s003"]["1:h1[1]"] = f"1/(1+e^-({values['s003', '1:a1[1]']}))"
    answers["s004"]["1:h1[1]"] = "x"
    answers["s005"]["1:L"] = ""
    answers["s006"]["1:a1[1]"] = "1/3"
    _, found = mark(exam, answers, tmp_path)
    assert found["s001"]["1:dL/dW1[1,2]"]["read"] == "decimal comma"
    assert [found[name][""]["points"] for name in ("s001", "s002", "s003")] == [FULL] * 3
    assert found["s003"]["1:h1[1]"]["read"] == "formula"
    assert found["s004"]["1:h1[1]"]["verdict"] == "unreadable"
    assert found["s005"]["1:L"]["verdict"] == "blank"
    assert (found["s006"]["1:a1[1]"]["read"], found["s006"]["1:a1[1]"]["verdict"]) == ("fraction", "wrong")


def test_a_slip_is_named_and_what_follows_is_paid(exam: Path, answers: Answers, tmp_path: Path) -> None:
    values = {(student, column): entry["value"] for student, column, entry in entries(exam)}
    before = values["s002", "1:a1[1]"]
    follows = 1 / (1 + 2.718281828459045**before)
    answers["s002"]["1:a1[1]"] = f"{-before:.6g}"
    answers["s002"]["1:h1[1]"] = f"{follows:.6g}"
    _, found = mark(exam, answers, tmp_path)
    slip, after = found["s002"]["1:a1[1]"], found["s002"]["1:h1[1]"]
    assert (slip["verdict"], slip["points"]) == ("wrong", 0)
    assert "sign-flipped" in slip["mistakes"]
    assert (after["verdict"], after["follows_from"], after["points"]) == ("follows", ["a1[1]"], after["of"])
    assert after["expected"] == pytest.approx(follows, rel=1e-6)
    page = (exam / "out/quiz/marks/students/s002.md").read_text("utf-8")
    assert "right, given your" in page
    assert "was flipped" in page


def test_a_wrong_option_is_the_mistake_that_made_it(exam: Path, answers: Answers, tmp_path: Path) -> None:
    told = {}
    for student, column, entry in entries(exam):
        if column == "2:dL/dW2[1,1]":
            wrong = next(option for option in entry["options"] if option["mistake"])
            answers[student][column], told[student] = wrong["option"].lower(), wrong["mistake"]
    _, found = mark(exam, answers, tmp_path)
    assert {name: found[name]["2:dL/dW2[1,1]"]["mistakes"] for name in STUDENTS} == {
        name: [mistake] for name, mistake in told.items()
    }


def test_item_statistics(exam: Path, answers: Answers, tmp_path: Path) -> None:
    for name in STUDENTS[:3]:
        answers[name]["4:line"] = "0"
    answers["s006"] = dict.fromkeys(answers["s006"], "")
    result, _ = mark(exam, answers, tmp_path)
    rows = {f"{row['question']}:{row['quantity']}": row for row in table(exam / "out/quiz/marks/items.csv")}
    assert rows["4:line"]["students"] == "5"  # who wrote nothing at all was not there
    assert float(rows["4:line"]["difficulty"]) == pytest.approx(2 / 5, abs=1e-3)
    assert rows["4:line"]["wrong"] == "3"
    assert float(rows["4:value"]["difficulty"]) == 1
    assert rows["4:value"]["discrimination"] == ""  # everybody's: it tells nobody apart
    assert json.loads(result.stdout)["class"]["absent"] == ["s006"]


def test_the_reports_as_pages(exam: Path, answers: Answers, tmp_path: Path) -> None:
    answers["s002"]["1:L"] = "9.9"
    answers["s003"]["4:line"] = "1"
    mark(exam, answers, tmp_path, "--to", "pdf")
    report = "\n".join(page_texts(exam / "out/quiz/marks/report.pdf"))
    for words in (
        "Six students handed in answers",
        "Discrimination",
        "points",
        "How each answer was given",
        "4: line",
    ):
        assert words in report
    found: dict[str, list[str]] = {}
    for page in page_texts(exam / "out/quiz/marks/students.pdf"):  # to be handed back: nobody shares a page
        (name,) = [name for name in STUDENTS if f"{name}, Student {name[1:]}" in page]
        assert not [other for other in STUDENTS if other != name and other in page]
        found.setdefault(name, []).append(page.splitlines()[-1])
    assert list(found) == list(STUDENTS)
    for feet in found.values():
        assert feet == [f"{number} of {len(feet)}" for number in range(1, len(feet) + 1)]
    assert max(map(len, found.values())) > 1


@pytest.mark.slow
def test_without_a_manifest_the_sheets_are_drawn_anew(exam: Path, answers: Answers, tmp_path: Path) -> None:
    answers["s001"]["1:a1[1]"] = "1/3"
    _, found = mark(exam, answers, tmp_path)
    result = run(
        "mark",
        exam / "quiz.toml",
        tmp_path / "answers.csv",
        "--out",
        tmp_path / "none",
        "--to",
        "md",
        "--json",
    )
    assert json.loads(result.stdout)["students"] == [found[name][""] for name in STUDENTS]


def test_a_derivation_in_letters_is_marked_by_hand(exam: Path, tmp_path: Path) -> None:
    letters = (Path(__file__).parents[2] / "problems" / "single-neuron.toml").as_posix()
    text = (
        'variants = 1\n[[question]]\nproblem = "network.toml"\npoints = 2\nform = "choice"\ngradients = ["b1[2]"]\n'
        f'[[question]]\nproblem = "{letters}"\npoints = 3\n'
    )
    (tmp_path / "quiz.toml").write_text(text, "utf-8")
    (tmp_path / "network.toml").write_text(NETWORK, "utf-8")
    (tmp_path / "answers.csv").write_text("id,1:dL/db1[2]\n1,Z\n", "utf-8")
    result = run("mark", tmp_path / "quiz.toml", tmp_path / "answers.csv", "--out", tmp_path, "--to", "md")
    assert result.exit_code == 0, result.output
    assert "question 2 is marked by hand: its 3 points are in no sum" in result.stderr
    page = (tmp_path / "quiz/marks/students/1.md").read_text("utf-8")
    assert "0 of 2 points, and up to 3 points for what is marked by hand" in page
    assert "Question 2: up to 3 points, marked by hand" in page
    (row,) = table(tmp_path / "quiz/marks/marks.csv")
    assert (row["question 1"], row["question 2"], row["points"], row["of"]) == ("0", "", "0", "2")


def test_problems_that_have_changed_are_a_fault(exam: Path, answers: Answers, tmp_path: Path) -> None:
    for name in ("quiz.toml", "students.csv"):
        (tmp_path / name).write_bytes((exam / name).read_bytes())
    (tmp_path / "network.toml").write_text(NETWORK.replace("inputs = [1, 2]", "inputs = [1, 3]"), "utf-8")
    mark(exam, answers, tmp_path)
    result = run("mark", tmp_path / "quiz.toml", tmp_path / "answers.csv", "--out", exam / "out")
    assert result.exit_code == 2
    assert "the problem has changed since the sheets were written" in result.stderr
    assert "network.toml as it was; or write the sheets anew" in result.stderr
