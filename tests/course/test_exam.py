"""Exams: exactly the contract's files, codes that decode, pages that compile alone, sheets that depend on no one else."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
import segno
import zxingcpp
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.cli import main
from solver.course.codes import SIDE, code_rows, code_tex
from solver.course.exam_pages import shown_date
from solver.course.exam_plan import papers_of, plan_exam
from solver.course.seats import student_variant
from solver.solution import solve_problem
from solver.spec import load_exam, load_problem
from solver.variants import draw_variant
from tests.embedded_tex import pdflatex
from tests.pdftext.text import page_texts

PROBLEMS = Path(__file__).parents[2] / "problems"
PATHS = (PROBLEMS / "padhai-multiple-paths.toml").as_posix()
MATRIX = (PROBLEMS / "four-three-two.toml").as_posix()

EXAM = f"""
title = "Midterm & more"
course = "Deep learning"
date = 2026-12-01
minutes = 60
instructions = "Show every chain-rule factor.\\nNo phones."
variants = 3
seed = 7
formula_sheet = true
[[question]]
problem = "{PATHS}"
points = 10
gradients = ["W1[3,1]"]
ask = ["L"]
space = "4cm"
[[question]]
problem = "{MATRIX}"
points = 5
form = "choice"
gradients = ["W2[1,1]", "b1[2]"]
[[question]]
problem = "{PATHS}"
points = 6
form = "blanks"
[[question]]
problem = "{MATRIX}"
points = 4
form = "find-the-error"
gradients = ["W1[1,2]"]
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def written(folder: Path, text: str, name: str = "midterm.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exam")
    result = run("exam", written(folder, EXAM), "--to", "pdf,tex,md", "--out", folder / "out")
    assert result.exit_code == 0, result.output
    printed = {Path(line) for line in result.stdout.splitlines()}
    assert printed == {path for path in (folder / "out").rglob("*") if path.is_file()}
    return folder / "out" / "midterm"


@pytest.fixture(scope="module")
def manifest(made: Path) -> dict[str, Any]:
    return dict(json.loads((made / "manifest.json").read_text("utf-8")))


def pixels(pdf: Path, page: int, scale: float = 3.0) -> np.ndarray:
    with pypdfium2.PdfDocument(pdf) as document:
        return np.array(document[page].render(scale=scale).to_pil().convert("RGB"))


def pages_of(pdf: Path) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def test_exactly_the_contracts_files(made: Path) -> None:
    top = {path.name for path in made.iterdir()}
    assert top == {"1", "2", "3", "all-sheets.pdf", "all-keys.pdf", "manifest.json"}
    for sheet in ("1", "2", "3"):
        names = {path.name for path in (made / sheet).iterdir()}
        assert names == {
            f"{kind}.{suffix}" for kind in ("sheet", "key") for suffix in ("pdf", "tex", "md")
        } | {"figures"}


def test_the_manifest_is_that_of_the_contract(made: Path, manifest: dict[str, Any]) -> None:
    assert manifest["exam"] == "midterm"
    assert manifest["seed"] == 7
    assert [sheet["variant"] for sheet in manifest["sheets"]] == [1, 2, 3]
    points = {1: 10, 2: 5, 3: 6, 4: 4}
    for sheet in manifest["sheets"]:
        assert sheet["student"] is None
        assert sheet["files"]["sheet"]["path"].endswith("sheet.pdf")
        assert sheet["files"]["key"]["path"].endswith("key.pdf")
        for file in sheet["files"].values():
            content = (made / file["path"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file["sha256"]
        for number, total in points.items():
            shares = [Decimal(str(a["points"])) for a in sheet["answers"] if a["question"] == number]
            assert sum(shares) == total
        for answer in sheet["answers"]:
            assert set(answer) >= {"question", "quantity", "value", "low", "high", "points"}
            assert answer["low"] <= answer["value"] <= answer["high"]


def test_solve_gives_the_answers_of_the_manifest(manifest: dict[str, Any]) -> None:
    seeds = {question["question"]: question["seed"] for question in manifest["questions"]}
    assert seeds[1] == 7
    assert len(set(seeds.values())) == 4  # what shows more of a solution is about numbers of its own
    for sheet in manifest["sheets"]:
        for answer in sheet["answers"]:
            if answer["question"] in (1, 2):
                problem = load_problem(PATHS if answer["question"] == 1 else MATRIX)
                drawn = draw_variant(problem, sheet["variant"], seed=seeds[answer["question"]])
                found = solve_problem(drawn)["quantities"]
                array, _, place = answer["quantity"].rstrip("]").partition("[")
                value = found[array]
                for axis in place.split(",") if place else ():
                    value = value[int(axis) - 1]
                assert value == answer["value"]


def test_every_page_has_its_head_and_its_code(made: Path) -> None:
    for sheet in ("1", "2", "3"):
        pdf = made / sheet / "sheet.pdf"
        texts = page_texts(pdf)
        for number, text in enumerate(texts, start=1):
            if sheet != "1" and number > 2:  # pictures take time
                break
            assert f"Variant {sheet}, page {number} of {len(texts)}" in text
            assert "Midterm & more" in text
            (code,) = zxingcpp.read_barcodes(pixels(pdf, number - 1))
            assert code.text == f"midterm/{sheet}/{number}"


@pytest.mark.parametrize("command", ["exam", "build"])
def test_a_sheet_longer_than_estimated_has_a_code_on_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("solver.course.exam_pages._estimated", lambda heights: 1)
    question = f'[[question]]\nproblem = "{PATHS}"\npoints = 6\nspace = "12cm"\n'
    exam = f'title = "Short"\nvariants = 1\n{question}'
    file = written(tmp_path, exam, "short.toml")
    if command == "build":
        file = written(tmp_path, '[[exam]]\nfile = "short.toml"\nfolder = "short"\n', "course.toml")
    result = run(command, file, "--out", tmp_path / "out", *(["--jobs", 1] if command == "build" else []))
    assert result.exit_code == 0, result.output
    (pdf,) = (tmp_path / "out").rglob("sheet.pdf")
    assert pages_of(pdf) > 1
    for number in range(1, pages_of(pdf) + 1):
        (code,) = zxingcpp.read_barcodes(pixels(pdf, number - 1))
        assert code.text == f"short/1/{number}"


def test_a_code_survives_a_grey_and_blurred_copy(made: Path) -> None:
    page = pixels(made / "1" / "sheet.pdf", 1, scale=150 / 72).mean(axis=2)
    grey = 60 + page * 0.6
    blurred = (grey + np.roll(grey, 1, 0) + np.roll(grey, 1, 1) + np.roll(grey, (1, 1), (0, 1))) / 4
    (code,) = zxingcpp.read_barcodes(blurred.astype(np.uint8))
    assert code.text == "midterm/1/2"


def test_every_page_of_a_sheet_has_something_printed(made: Path) -> None:
    for sheet in ("1", "2", "3"):
        for text in page_texts(made / sheet / "sheet.pdf"):
            assert len(text.splitlines()) > 2  # more than its head and its foot


def test_all_sheets_have_as_many_pages(made: Path) -> None:
    counts = {pages_of(made / sheet / "sheet.pdf") for sheet in ("1", "2", "3")}
    assert len(counts) == 1
    assert pages_of(made / "all-sheets.pdf") == 3 * counts.pop()
    assert pages_of(made / "all-keys.pdf") == 1 + sum(pages_of(made / s / "key.pdf") for s in ("1", "2", "3"))


def test_no_page_is_empty_and_work_goes_on_under_a_heading(tmp_path: Path) -> None:
    small = (PROBLEMS / "two-gates.toml").as_posix()
    text = "\n".join(
        [
            'title = "Room"\nvariants = 1',
            f'[[question]]\nproblem = "{PATHS}"\npoints = 1\nspace = "12cm"',  # the page has room for less than half
            f'[[question]]\nproblem = "{small}"\npoints = 1\nform = "choice"',
            f'[[question]]\nproblem = "{small}"\npoints = 1\nspace = "20cm"',  # the page has room for more than half
        ]
    )
    assert run("exam", written(tmp_path, text), "--to", "pdf", "--out", tmp_path).exit_code == 0
    pages = page_texts(tmp_path / "midterm" / "1" / "sheet.pdf")
    heads = [re.findall(r"Question \d(?:\.|, continued)", page) for page in pages]
    assert heads == [[], ["Question 1."], ["Question 1, continued", "Question 2."], ["Question 3."]]
    above = pixels(tmp_path / "midterm" / "1" / "sheet.pdf", 2, scale=1.0).min(axis=2) < 128
    rows = np.flatnonzero(above[70:].any(axis=1)) + 70  # below the head, in points
    gap = np.diff(rows).max() * 2.54 / 72
    assert 5 < gap < 9  # what lacked on the page before


def test_the_cover_says_what_the_exam_is(made: Path) -> None:
    cover = page_texts(made / "1" / "sheet.pdf")[0]
    for words in ("Midterm & more", "Deep learning", "1 December 2026", "60 minutes", "Show every chain-rule factor.",
                  "No phones.", "Name", "Id", "Total", "25", "Multiple paths"):  # fmt: skip
        assert words in cover


def test_the_formula_sheet_is_the_last_page(made: Path) -> None:
    last = page_texts(made / "1" / "sheet.pdf")[-1]
    assert "Formulas" in last
    assert "chain rule" in last


def test_keys_show_answers_intervals_points_and_mistakes(made: Path) -> None:
    key = "\n".join(page_texts(made / "1" / "key.pdf"))
    for words in (
        "Answer key",
        "Accepted",
        "Which mistake gives which number",
        "Points by step",
        "The sign of",
        "is option",
    ):
        assert words in key
    book = "\n".join(page_texts(made / "all-keys.pdf")[:1])
    assert "All answers" in book
    assert all(f"\n{sheet}" in book for sheet in ("1", "2", "3"))


def told_by(made: Path, sheet: str) -> Iterator[tuple[str, str]]:
    """Yield everything that a student's files say, and where: pages, metadata, bookmarks, sources, pictures, names."""
    yield "pages", "\n".join(page_texts(made / sheet / "sheet.pdf")).replace("−", "-")
    with pikepdf.open(made / sheet / "sheet.pdf") as opened:
        assert not list(opened.attachments)
        yield "metadata", " ".join(map(str, opened.docinfo.values()))
        with opened.open_outline() as outline:
            yield "bookmarks", " ".join(item.title for item in outline.root)
    for suffix in ("tex", "md"):
        yield suffix, (made / sheet / f"sheet.{suffix}").read_text("utf-8")
    for path in (made / sheet / "figures").glob("sheet*"):
        yield path.name, path.read_text("utf-8")
    yield "names", " ".join(path.name for path in made.rglob("*"))


def whole(number: str, text: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\d|\.\d)", text) is not None


def test_no_sheet_tells_its_answers_in_any_form(made: Path, manifest: dict[str, Any]) -> None:
    forms = {question["question"]: question["form"] for question in manifest["questions"]}
    looked_for = Counter[str]()
    for sheet in manifest["sheets"]:
        # What the options of a choice print is printed; which of them is right is looked at below.
        offered = {printed(o["value"]) for a in sheet["answers"] for o in a.get("options", ())}
        texts = list(told_by(made, str(sheet["variant"])))
        for answer in sheet["answers"]:
            number = shortened(answer["value"])
            form = forms[answer["question"]]
            if number in offered | {""} or answer["quantity"] == "line":
                continue
            looked_for[form] += 1
            assert [where for where, text in texts if whole(number, text)] == [], answer
    assert looked_for["open"] >= 3
    assert looked_for["blanks"] >= 3


def test_nothing_marks_the_right_option(made: Path, manifest: dict[str, Any]) -> None:
    for sheet in manifest["sheets"]:
        name = str(sheet["variant"])
        tex = " ".join((made / name / "sheet.tex").read_text("utf-8").split())
        for answer in sheet["answers"]:
            values = [option["value"] for option in answer.get("options", ())]
            if values:
                assert values == sorted(values)
                cells = " & ".join(rf"\$-?{re.escape(printed(value))}[^$]*\$" for value in values)
                assert re.search(rf"\$ & {cells}(?:\\rule\S*)? \\\\", tex), answer["quantity"]
        for mistake in {
            o["mistake"]
            for a in sheet["answers"]
            for o in a.get("options", ())
            if "-" in (o["mistake"] or "")
        }:
            assert [where for where, text in told_by(made, name) if mistake in text] == []


def test_a_planted_mistake_is_told_nowhere(made: Path, manifest: dict[str, Any]) -> None:
    for sheet in manifest["sheets"]:
        (planted,) = [answer for answer in sheet["answers"] if answer["quantity"] == "line"]
        texts = dict(told_by(made, str(sheet["variant"])))
        said = planted["saying"].rstrip(".")
        assert said
        assert [where for where, text in texts.items() if said in text or planted["mistake"] in text] == []
        after = texts["pages"].partition("The mistake is in line")[2]
        assert after
        assert not re.match(r"\s*\d", after)  # a box, and no number in it
        key = (made / str(sheet["variant"]) / "key.tex").read_text("utf-8")
        assert texts["tex"].count("{wrong}") < key.count("{wrong}")  # the key alone tones the wrong number


def printed(value: float) -> str:
    """Return a value without its sign as it is printed at four significant digits, "" for one with a power of ten."""
    digits = f"{abs(value):.3e}"
    exponent = int(digits.split("e")[1])
    return "" if exponent < -4 else f"{float(digits):.{3 - exponent}f}"


def shortened(value: float) -> str:
    """Return a value as it is printed, "" where that is too short to be looked for."""
    text = printed(value)
    return "" if text and float(text) == abs(value) else text


@pytest.mark.parametrize(
    "name",
    [
        "1/sheet",
        pytest.param("3/sheet", marks=pytest.mark.slow),
        pytest.param("2/key", marks=pytest.mark.slow),
    ],
)
def test_a_tex_file_compiles_alone_with_a_plain_pdflatex(made: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / "alone.tex"
    file.write_bytes((made / f"{name}.tex").read_bytes())
    command = [str(pdflatex()), "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", file.name]
    for _ in range(2):  # "page 1 of n" is known in the second run, as always in LaTeX
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    alone, together = page_texts(tmp_path / "alone.pdf"), page_texts(made / f"{name}.pdf")
    assert alone == together
    for page in range(len(alone)):
        difference = np.abs(
            pixels(tmp_path / "alone.pdf", page, 1.0).astype(int) - pixels(made / f"{name}.pdf", page, 1.0)
        )
        assert difference.max() < 40
    assert b"Overfull" not in done.stdout


def test_markdown_has_the_same_questions(made: Path) -> None:
    sheet = (made / "2" / "sheet.md").read_text("utf-8")
    assert sheet.startswith("# Midterm &amp; more")
    assert [f"Question {number}." in sheet for number in (1, 2, 3, 4)] == [True] * 4
    assert r"| **Id** | $\boxed{" in sheet
    for picture in re.findall(r"\]\((figures/[^)]+)\)", sheet):
        assert (made / "2" / picture).is_file()
    key = (made / "2" / "key.md").read_text("utf-8")
    assert "Which mistake gives which number" in key


# --- students --------------------------------------------------------------------------------------------

STUDENTS = EXAM.replace("variants = 3", 'per = "student"').replace("formula_sheet = true", "")
TWO = STUDENTS.split("[[question]]")


def roster(folder: Path, rows: list[tuple[str, str]], name: str = "students.csv") -> Path:
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "name"), *rows])
    return file


ODD = [
    ("s001", 'Comma, "Quote"'), ("s002", "Tex \\input{x} $%&_#{}~^"), ("s003", "Émoji 🎓 und Straße"), ("s004", ""),
    ("s 5", "नाम"), ("ö6", "<b>bold</b> |pipe|"),
]  # fmt: skip


def test_students_get_their_own_sheets_whatever_their_names(tmp_path: Path) -> None:
    file = written(tmp_path, "[[question]]".join(TWO[:2]))
    result = run(
        "exam", file, "--roster", roster(tmp_path, ODD), "--to", "pdf,tex,md", "--out", tmp_path / "out"
    )
    assert result.exit_code == 0, result.output
    folder = tmp_path / "out" / "midterm"
    for identity, name in ODD:
        cover = page_texts(folder / identity / "sheet.pdf")[0]
        assert "Student" not in cover
        assert name.split(",")[0].split("\\")[0].split("🎓")[0].strip()[:4] in cover or not name.isascii()
    assert (
        r"\textbf{Name} & \raggedright" in (folder / "s001" / "sheet.tex").read_text()
    )  # no stretched spaces
    codes = zxingcpp.read_barcodes(pixels(folder / "s001" / "sheet.pdf", 0))
    assert codes[0].text == "midterm/s001/1"
    answers = [
        sheet["answers"][1]["value"] for sheet in json.loads((folder / "manifest.json").read_text())["sheets"]
    ]
    assert len(set(answers)) == len(ODD)


def tex_files(folder: Path, text: str, rows: list[tuple[str, str]], out: str) -> dict[str, str]:
    result = run(
        "exam", written(folder, text), "--roster", roster(folder, rows), "--to", "tex", "--out", folder / out
    )
    assert result.exit_code == 0, result.output
    return {
        path.relative_to(folder / out / "midterm").as_posix(): path.read_text("utf-8")
        for path in (folder / out / "midterm").rglob("*.tex")
    }


def test_more_students_or_another_order_change_nobody_elses_sheet(tmp_path: Path) -> None:
    rows = [(f"s{number:03}", f"Student {number:03}") for number in range(1, 5)]
    text = "[[question]]".join([TWO[0], TWO[2]])
    before = tex_files(tmp_path, text, rows, "before")
    after = tex_files(tmp_path, text, [("s000", "Student 000"), *rows[::-1]], "after")
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2


def test_more_questions_change_no_other_question(tmp_path: Path) -> None:
    rows = [("s001", "Student 001")]
    file = written(tmp_path, "[[question]]".join(TWO[:2]))
    run("exam", file, "--roster", roster(tmp_path, rows), "--to", "md", "--out", tmp_path / "one")
    written(tmp_path, STUDENTS)
    run("exam", file, "--roster", roster(tmp_path, rows), "--to", "md", "--out", tmp_path / "all")
    one, all_ = (json.loads((tmp_path / name / "midterm/manifest.json").read_text())["sheets"][0]["answers"]
                 for name in ("one", "all"))  # fmt: skip
    assert all_[: len(one)] == one


CIRCUIT = (PROBLEMS / "neuron-circuit.toml").as_posix()
GATES = (PROBLEMS / "two-gates.toml").as_posix()


def asked(folder: Path, *questions: dict[str, object], students: int = 1) -> list[list[Any]]:
    """Return for each question what every student is asked: the sheet, the right values, the accepted ends."""
    tables = [
        "\n".join(["[[question]]", *(f"{key} = {json.dumps(value)}" for key, value in question.items())])
        for question in questions
    ]
    file = written(folder, "\n".join(['per = "student"', "seed = 7", *tables]), "asked.toml")
    exam = load_exam(file, roster(folder, [(f"s{number:03}", "") for number in range(students)]))
    papers = papers_of(plan_exam(exam), range(students))
    return [
        [
            (posed.sheet, [(a.quantity, a.value, a.low, a.high, a.extra) for a in posed.answers])
            for posed in column
        ]
        for column in zip(*(paper.questions for paper in papers), strict=True)
    ]


def of_form(form: str, **more: object) -> dict[str, object]:
    return {"problem": CIRCUIT, "form": form, **more}


@pytest.mark.parametrize("form", ["open", "blanks", "choice", "find-the-error"])
def test_a_question_stays_itself_whatever_stands_around_it(tmp_path: Path, form: str) -> None:
    question = of_form(form, gradients=["w0"])
    (alone,) = asked(tmp_path, question)
    others = [
        of_form("find-the-error", gradients=["w1"]),
        of_form("choice"),
        of_form("open", gradients=["x0"], ask=["f"]),
        {"problem": GATES, "form": "choice"},
    ]
    for place in (0, 2, 4):  # before, between, after
        found = asked(tmp_path, *others[:place], question, *others[place:])
        assert found[place] == alone
        assert all(one != alone for one in found[:place] + found[place + 1 :])


def test_points_space_and_title_change_no_number(tmp_path: Path) -> None:
    for form in ("open", "blanks", "choice", "find-the-error"):
        (before,) = asked(tmp_path, of_form(form, gradients=["w0", "w1"], points=2))
        (after,) = asked(
            tmp_path, of_form(form, gradients=["w0", "w1"], points=5, title="Circuit", space="3cm")
        )
        assert [answers for _, answers in before] == [answers for _, answers in after]


def test_the_same_question_again_is_about_other_numbers(tmp_path: Path) -> None:
    for form in ("open", "choice", "find-the-error"):
        question = of_form(form, gradients=["w0"])
        twice = asked(tmp_path, question, question)
        assert twice[0] != twice[1]
        assert asked(tmp_path, of_form("open", ask=["f"]), question, question, question)[1:3] == twice


def test_open_questions_about_a_problem_are_about_the_same_numbers(tmp_path: Path) -> None:
    exam = load_exam(
        written(
            tmp_path,
            "variants = 2\n"
            + "".join(
                f'[[question]]\nproblem = "{CIRCUIT}"\ngradients = ["{name}"]\n' for name in ("w0", "w1")
            ),
        )
    )
    plan = plan_exam(exam)
    first, second = ([plan.problem(asking, place) for place in (0, 1)] for asking in plan.askings)
    assert first == second
    assert first[0] != first[1]


def test_numbers_that_cannot_be_asked_so_give_way_to_others(tmp_path: Path) -> None:
    text = (
        f'per = "student"\nseed = 7\n[[question]]\nproblem = "{GATES}"\npoints = 4\nform = "find-the-error"\n'
    )
    students = roster(tmp_path, [(f"s{number:03}", "") for number in range(24)])
    file = written(tmp_path, text)
    assert run("exam", file, "--roster", students, "--to", "md", "--out", tmp_path).exit_code == 0
    content = json.loads((tmp_path / "midterm/manifest.json").read_text("utf-8"))
    rows, moved = [], 0
    for sheet in content["sheets"]:
        line, value = sheet["answers"]
        moved += "variant" in line
        drawn = draw_variant(
            load_problem(GATES), line.get("variant", sheet["variant"]), seed=content["questions"][0]["seed"]
        )
        assert value["value"] == solve_problem(drawn)["quantities"][value["of"]]
        rows.append(f"{sheet['student']},{line['value']},{value['value']:.4g}")
    assert 1 <= moved <= 8
    (tmp_path / "answers.csv").write_text("\n".join(["id,1:line,1:value", *rows]), "utf-8")
    result = run(
        "mark",
        file,
        tmp_path / "answers.csv",
        "--roster",
        students,
        "--to",
        "md",
        "--out",
        tmp_path,
        "--json",
    )
    assert [student["points"] for student in json.loads(result.stdout)["students"]] == [4.0] * 24


def test_a_problem_that_has_no_line_for_a_mistake_is_refused(tmp_path: Path) -> None:
    bowl = (PROBLEMS / "bowl-adam.toml").as_posix()
    text = f'variants = 2\n[[question]]\nproblem = "{bowl}"\nform = "find-the-error"\n'
    result = run("exam", written(tmp_path, text), "--out", tmp_path)
    assert result.exit_code == 2
    assert "no mistake can be planted" in result.stderr


@pytest.mark.slow
def test_other_processes_make_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"s{number:03}", f"Student {number:03}") for number in range(1, 11)]
    text = 'title = "Gates"\nper = "student"\nroster = "students.csv"\n' + "".join(
        f'[[question]]\nproblem = "{GATES}"\npoints = 1\nform = "{form}"\n'
        for form in ("open", "choice", "blanks")
    )
    monkeypatch.setattr("solver.course.exam.RUN", 4)
    file, students = written(tmp_path, text), roster(tmp_path, rows)
    made = []
    for cores in (1, 3):
        monkeypatch.setattr("solver.course.execute.available_cores", lambda cores=cores: cores)
        out = tmp_path / str(cores)
        result = run("exam", file, "--roster", students, "--to", "pdf,tex,md", "--out", out)
        assert result.exit_code == 0, result.output
        made.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()})
    assert len([path for path in made[0] if path.suffix == ".pdf"]) == 22
    assert made[0] == made[1]


def test_no_file_knows_what_day_it_is(made: Path) -> None:
    for path in made.rglob("*.pdf"):
        with pikepdf.open(path) as opened:
            assert not {"/CreationDate", "/ModDate"} & set(opened.docinfo.keys()), path
            assert opened.Root.get("/Metadata") is None
    today = dt.datetime.now(dt.UTC).date()
    for path in [*made.rglob("*.tex"), *made.rglob("*.md"), *made.rglob("*.json"), *made.rglob("*.svg")]:
        text = path.read_text("utf-8")
        assert not [day for day in (today.isoformat(), shown_date(today)) if day in text]


def test_a_student_s_variant_is_a_number_for_solve(tmp_path: Path) -> None:
    exam = load_exam(written(tmp_path, STUDENTS), roster(tmp_path, [("s001", ""), ("s002", "")]))
    plan = plan_exam(exam)
    assert [seat.variant for seat in plan.seats] == [student_variant("s001"), student_variant("s002")]
    again = draw_variant(load_problem(PATHS), student_variant("s001"), seed=7)
    assert plan.problem(plan.askings[0], 0).network.layers[0].weights == again.network.layers[0].weights  # type: ignore[union-attr]
    result = run("solve", PATHS, "--seed", 7, "--variant", student_variant("s001"))
    assert json.loads(result.stdout)["quantities"]["W1"] == again.network.layers[0].weights.values.tolist()  # type: ignore[union-attr]


def test_variants_are_dealt_out_by_id(tmp_path: Path) -> None:
    rows = [(f"s{number:03}", "") for number in range(40)]
    exam = load_exam(written(tmp_path, EXAM), roster(tmp_path, rows))
    seats = {seat.name: seat.variant for seat in plan_exam(exam).seats}
    assert set(seats.values()) == {1, 2, 3}
    fewer = load_exam(written(tmp_path, EXAM), roster(tmp_path, rows[::-3]))
    assert {seat.name: seat.variant for seat in plan_exam(fewer).seats}.items() <= seats.items()


def test_a_secret_changes_the_draws_and_is_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[[question]]".join(TWO[:2]).replace("seed = 7", 'seed = 7\nsecret = "env:EXAM_SECRET"')
    file, students = written(tmp_path, text), roster(tmp_path, [("s001", "Student 001")])
    assert run("exam", file, "--roster", students, "--out", tmp_path / "out").exit_code == 2
    seeds = []
    for secret in ("one", "two"):
        monkeypatch.setenv("EXAM_SECRET", f"open sesame {secret}")
        assert (
            run("exam", file, "--roster", students, "--to", "tex", "--out", tmp_path / secret).exit_code == 0
        )
        content = "".join(
            path.read_text("utf-8") for path in (tmp_path / secret).rglob("*") if path.is_file()
        )
        assert "sesame" not in content
        seeds.append(json.loads((tmp_path / secret / "midterm/manifest.json").read_text())["seed"])
    assert len({7, *seeds}) == 3


def test_the_shipped_exam_is_planned() -> None:
    plan = plan_exam(load_exam(PROBLEMS / "exams" / "midterm.toml"))
    assert len(plan.seats) == 6
    assert {asking.question.form for asking in plan.askings} == {"open", "choice", "blanks", "find-the-error"}


# --- codes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["midterm/1/1", "a-rather-long-exam-name/id-0123456789ab/12", "MIDTERM/7/1", "ö/1/1"]
)
def test_rectangles_are_the_code(text: str) -> None:
    rows = code_rows(text)
    size = len(rows)
    drawn = np.zeros((size, size), dtype=int)
    for found in re.findall(r"(\d+) (\d+) (\d+) (\d+) re\b", code_tex(text)):
        x, y, width, height = map(int, found)
        drawn[size - y - height : size - y, x : x + width] += 1
    assert drawn.tolist() == [[int(module) for module in row] for row in rows]
    (code,) = zxingcpp.read_barcodes(
        np.kron(np.pad(1 - drawn, 4, constant_values=1), np.ones((4, 4))).astype(np.uint8) * 255
    )
    assert code.text == text
    assert f"{SIDE:g}mm" in code_tex(text)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60))
def test_a_code_put_together_of_its_characters_is_the_code_made_at_once(text: str) -> None:
    matrix = segno.make(text, error="m", mask=3, micro=False, boost_error=False).matrix
    assert code_rows(text) == tuple("".join(map(str, map(int, row))) for row in matrix)
