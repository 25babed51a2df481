"""A sheet shows no result: not in its words, formulas and drawings, not in its source, its metadata or a file's name."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings

from solver.document import nodes as n
from solver.document.explain import explain
from solver.document.rewriting import Rewriter
from solver.document.views import results, view_of, without_values
from solver.engines.compile import compile_latex
from solver.engines.source import LatexSource
from solver.exercises.worked import results_in
from solver.figures.scene import Label, Scene
from solver.graph import build
from solver.notation import math as m
from solver.notation.walk import walk
from solver.spec import Problem, load_problem, loads_problem
from solver.spec.inventory import inventory_of
from solver.writers.formats import WRITERS, write
from solver.writers.latex import write_latex
from tests.oracle import to_toml
from tests.oracle.strategies import networks
from tests.pdftext.text import page_texts

PROBLEMS = sorted((Path(__file__).parents[2] / "problems").glob("*.toml"))
NUMERIC = [path for path in PROBLEMS if not load_problem(path).symbolic]


def numbers_of(document: n.Document) -> Iterator[m.Digits]:
    """Yield every number of a document, those of its drawings included."""
    found: list[m.Digits] = []

    def note(math: m.Math) -> None:
        found.extend(part for part in walk(math) if isinstance(part, m.Digits))

    def scene(drawing: Scene) -> Scene:
        for shape in drawing.shapes:
            body = shape.body if isinstance(shape, Label) else getattr(shape, "label", None)
            if body is not None:
                note(body)
        return drawing

    Rewriter(note, scene).blocks(document.blocks)  # type: ignore[arg-type]
    yield from found


FEWEST = 3
"""Digits of a result that is looked for: a shorter one stands in many places by chance."""


def secrets_of(problem: Problem, document: n.Document) -> set[str]:
    """Return how the results of a solution are printed, without those that are given, or too short to be unique."""
    secret = results(build(problem).graph)
    shown = results_in(document.blocks, secret)
    given = {abs(Decimal(str(number))) for number in _given(problem)}
    texts = {digits.text.lstrip("-") for digits in shown.values()}
    long = {text for text in texts if len(text.replace(".", "").lstrip("0")) >= FEWEST}
    return {text for text in long if Decimal(text) not in given}


def _given(problem: Problem) -> Iterator[object]:
    for value in inventory_of(problem).given.values():
        exact = getattr(value, "exact", None)
        yield from exact.ravel() if exact is not None else [value]


def told_in(text: str, secrets: Collection[str]) -> set[str]:
    """Return which numbers stand in a text as whole numbers: 0.25 is not in 10.25, nor in 0.251."""
    return set(re.findall(r"(?<![\d.])\d+(?:\.\d+)?(?![\d]|\.\d)", text)) & set(secrets)


def assert_tells_nothing(problem: Problem) -> None:
    solution = explain(problem, checked=False)
    sheet = view_of(solution, problem, "sheet")
    secret = results(build(problem).graph)
    assert [digits for digits in numbers_of(sheet) if secret(digits)] == []
    texts = secrets_of(problem, solution)
    for name in WRITERS:
        for path, content in write(sheet, name, stem="sheet").items():
            told = told_in(without_coordinates(content.decode()), texts) | told_in(path, texts)
            assert told == set(), f"{path} tells {told}"


def without_coordinates(text: str) -> str:
    """Return a file without where things are drawn: 10.5 in a coordinate or in a style tells nobody a result."""
    text = re.sub(r"<style.*?</style>", " ", text, flags=re.DOTALL)
    text = re.sub(r"<(?!title|desc)[^>]*>", " ", text)
    text = re.sub(r"\\figput\{[^}]*\}\{[-\d.]+\}\{[-\d.]+\}", " ", text)
    text = re.sub(r"\([-\d.]+,\s*[-\d.]+\)", " ", text)
    return re.sub(r"[-\d.]+\s*(?:pt|cm|mm|em|ex)\b", " ", text)


@pytest.mark.parametrize("path", NUMERIC, ids=lambda path: path.stem)
def test_sheets_of_shipped_problems_tell_nothing(path: Path) -> None:
    assert_tells_nothing(load_problem(path))


def test_there_are_secrets_that_could_be_told() -> None:
    problems = [load_problem(path) for path in NUMERIC]
    assert sum(bool(secrets_of(problem, explain(problem, checked=False))) for problem in problems) >= 3


@settings(max_examples=8)
@given(networks())
def test_sheets_of_random_networks_tell_nothing(table: dict[str, object]) -> None:
    assert_tells_nothing(loads_problem(to_toml(table)))


def test_a_result_that_is_told_is_found() -> None:
    problem = load_problem(next(path for path in NUMERIC if path.stem == "padhai-multiple-paths"))
    solution = explain(problem, checked=False)
    texts = secrets_of(problem, solution)
    for name in WRITERS:
        content = write(solution, name, stem="solution")
        (page,) = [content[path].decode() for path in content if path.startswith("solution.")]
        assert told_in(without_coordinates(page), texts) == texts, name


def test_the_pages_of_a_sheet_tell_nothing() -> None:
    problem = load_problem(next(path for path in NUMERIC if path.stem == "padhai-multiple-paths"))
    solution = explain(problem, checked=False)
    latex = write_latex(view_of(solution, problem, "sheet"))
    pdf = compile_latex(LatexSource(latex.preamble, latex.body)).pdf
    page = "\n".join(page_texts(pdf)).replace("−", "-")
    texts = secrets_of(problem, solution)
    assert told_in(page, texts) == set()
    assert told_in(page, {"0.8"}) == {"0.8"}  # numbers can be read at all: this one is given
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        words = " ".join(map(str, opened.docinfo.values()))
        assert not list(opened.attachments)
    assert told_in(words, texts) == set()


def test_a_sheet_of_a_symbolic_problem_asks_and_answers_nothing() -> None:
    problem = load_problem(next(path for path in PROBLEMS if path.stem == "single-neuron"))
    solution = explain(problem)
    sheet = view_of(solution, problem, "sheet")
    assert len(sheet.blocks) < len(solution.blocks)
    assert "Derive" in write(sheet, "md", stem="sheet")["sheet.md"].decode()


def test_a_sheet_asks_for_the_derivative_that_its_key_has() -> None:
    for path in NUMERIC:
        problem = load_problem(path)
        sheet = view_of(explain(problem, checked=False), problem, "sheet")
        shortened = "its own pre-activation alone" in " ".join(
            write(sheet, "md", stem="s")["s.md"].decode().split()
        )
        assert shortened == (build(problem).reference is not None)


def test_a_drawing_keeps_the_names_beside_its_values() -> None:
    value = m.Digits("0.3", None, "W1[1,1]")
    named = m.row(m.Symbol("w"), m.Operator("="), value)
    scene = Scene(1, 1, (Label((0, 0), value), Label((0, 0), named), Label((0, 0), m.Symbol("x"))))
    kept = without_values(scene, lambda digits: True).shapes
    assert [shape.body for shape in kept] == [m.Symbol("w"), m.Symbol("x")]  # type: ignore[union-attr]


def test_the_views_of_a_document() -> None:
    problem = load_problem(NUMERIC[0])
    document = explain(problem, checked=False)
    assert view_of(document, problem, "solution") is document
    assert view_of(document, problem, "key").blocks == document.blocks
    with pytest.raises(ValueError, match="no such view"):
        view_of(document, problem, "errata")


def test_a_sheet_for_no_gradient_asks_for_the_loss() -> None:
    problem = loads_problem(
        "[network]\ninputs = [1]\ntargets = [1]\n[[network.layer]]\nweights = [[0.5]]\n[work]\ngradients = []\n"
    )
    sheet = view_of(explain(problem), problem, "sheet")
    text = write(sheet, "md", stem="sheet")["sheet.md"].decode()
    assert "Compute $L$." in text
    assert "L = \\boxed{" in text
