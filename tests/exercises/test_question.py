"""Questions in all four forms: what a sheet holds back, what a key says, and answers that marking can go by."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from solver.arithmetic import Digits
from solver.document import nodes as n
from solver.document.asking import key_name, quantities_of
from solver.document.explain import explain
from solver.document.rewriting import Rewriter
from solver.document.words import paragraph
from solver.errors import InputError
from solver.exercises.answers import accepted
from solver.exercises.mistakes import MISTAKES
from solver.exercises.pencil import Pencil
from solver.exercises.points import added, shared_out
from solver.exercises.question import Posed, UnaskableError, pose
from solver.exercises.worked import lines_of
from solver.graph import build
from solver.notation import math as m
from solver.notation.walk import walk
from solver.solution import solve_problem
from solver.spec import Problem, load_problem
from solver.spec.exam import Question
from solver.variants import draw_variants
from solver.writers.latex import latex_blocks, latex_templates
from tests.document.calculator import value

PROBLEMS = Path(__file__).parents[2] / "problems"
PATHS = "padhai-multiple-paths"
MATRIX = "four-three-two"


@pytest.fixture(scope="module")
def variants() -> dict[str, list[Problem]]:
    return {
        name: draw_variants(load_problem(PROBLEMS / f"{name}.toml"), range(1, 7)) for name in (PATHS, MATRIX)
    }


def question(form: str, **fields: object) -> Question:
    return Question(problem="p.toml", form=form, points=10, **fields)  # type: ignore[arg-type]


def texts(blocks: tuple[n.Block, ...]) -> str:
    return latex_blocks(blocks, latex_templates())


def digits_in(blocks: tuple[n.Block, ...]) -> list[m.Digits]:
    bodies = [step.body for row in lines_of(blocks) for line in row for step in line.steps]
    return [part for body in bodies for part in walk(body) if isinstance(part, m.Digits)]


# --- open ------------------------------------------------------------------------------------------------


def test_an_open_question_asks_for_what_it_says(variants: dict[str, list[Problem]]) -> None:
    posed = pose(variants[PATHS][0], question("open", ask=("h1[2]", "L")))
    assert [answer.quantity for answer in posed.answers] == ["h1[2]", "L", "dL/dW1[3,1]"]
    assert sum(answer.points for answer in posed.answers) == 10
    solved = solve_problem(variants[PATHS][0])["quantities"]
    assert [answer.value for answer in posed.answers] == [
        solved["h1"][1],
        solved["L"],
        solved["dL/dW1"][2][0],
    ]
    sheet = texts(posed.sheet)
    for answer in posed.answers:
        assert isinstance(answer.shown, m.Digits)
        assert answer.shown.text.lstrip("-") not in sheet
        assert answer.shown.text.lstrip("-") in texts(posed.key)


def test_without_gradients_a_question_asks_for_the_rest_alone(variants: dict[str, list[Problem]]) -> None:
    posed = pose(variants[PATHS][0], question("open", gradients=(), ask=("L",)))
    assert [answer.quantity for answer in posed.answers] == ["L"]
    assert "Compute $L$." in texts(posed.sheet)


def test_a_whole_array_is_asked_for_element_by_element(variants: dict[str, list[Problem]]) -> None:
    posed = pose(variants[MATRIX][0], question("open", gradients=("W2",), ask=("W2'",)))
    names = [answer.quantity for answer in posed.answers]
    assert names[:2] == ["W2'[1,1]", "W2'[1,2]"]
    assert names[6:] == [f"dL/dW2[{i},{j}]" for i in (1, 2) for j in (1, 2, 3)]
    solved = solve_problem(variants[MATRIX][0])["quantities"]
    assert posed.answers[11].value == solved["dL/dW2"][1][2]
    assert posed.answers[0].value == solved["W2'"][0][0]


def test_a_symbolic_problem_can_only_be_asked_openly() -> None:
    problem = load_problem(PROBLEMS / "single-neuron.toml")
    posed = pose(problem, question("open"))
    assert posed.answers == ()
    assert "Derive" in texts(posed.sheet)
    with pytest.raises(InputError, match="symbolic"):
        pose(problem, question("choice"))


def test_a_shortened_derivative_is_said(variants: dict[str, list[Problem]]) -> None:
    assert "pre-activation alone" in texts(pose(variants[PATHS][0], question("open")).sheet)
    assert "pre-activation alone" not in texts(pose(variants[MATRIX][0], question("open")).sheet)


def test_a_question_about_an_update_says_how_it_is_made() -> None:
    problem = load_problem(PROBLEMS / "bowl-adam.toml")
    sheet = texts(pose(problem, question("open", ask=("w1'",))).sheet)
    assert "Adam with learning rate" in sheet
    assert "0.999" in sheet
    assert "Adam with learning rate" not in texts(pose(problem, question("open")).sheet)


# --- blanks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [PATHS, MATRIX])
def test_no_gap_is_filled_anywhere_in_the_sheet(variants: dict[str, list[Problem]], name: str) -> None:
    for problem in variants[name]:
        posed = pose(problem, question("blanks"))
        hidden = {answer.shown.text.lstrip("-") for answer in posed.answers}  # type: ignore[union-attr]
        shown = {part.text.lstrip("-") for part in digits_in(posed.sheet) if part.answer is not None}
        given = {
            str(abs(number)) for layer in problem.network.layers for number in layer.weights.exact.ravel()
        }  # type: ignore[union-attr]
        assert hidden & (shown - given) == set()


def test_given_lines_fade_out(variants: dict[str, list[Problem]]) -> None:
    problem = variants[PATHS][0]
    counts = [len(pose(problem, question("blanks"), fading=Fraction(k, 3)).answers) for k in (1, 2, 3)]
    assert counts == sorted(set(counts))
    gaps = [
        {answer.quantity for answer in pose(problem, question("blanks"), fading=Fraction(k, 3)).answers}
        for k in (1, 2, 3)
    ]
    assert gaps[0] < gaps[1] < gaps[2]
    assert "dL/dW1[3,1]" in gaps[0]
    assert "a1[1]" in gaps[2]


def test_gaps_hold_the_solution_s_own_numbers(variants: dict[str, list[Problem]]) -> None:
    problem = variants[PATHS][0]
    posed = pose(problem, question("blanks"), fading=Fraction(1))
    solved = solve_problem(problem)["quantities"]
    for answer in posed.answers:
        if answer.quantity.startswith(("a1[", "h1[", "h2[")):
            array, _, place = answer.quantity.rstrip("]").partition("[")
            assert answer.value == pytest.approx(solved[array][int(place) - 1], abs=1e-15)
        assert answer.low <= answer.value <= answer.high
    assert sum(answer.points for answer in posed.answers) == 10


def test_a_hidden_number_does_not_tell_its_sign(variants: dict[str, list[Problem]]) -> None:
    for problem in variants[PATHS]:
        for row in lines_of(pose(problem, question("blanks"), fading=Fraction(1)).sheet):
            for line in row:
                for step in line.steps:
                    items = step.body.items if isinstance(step.body, m.Row) else ()
                    for sign, body in pairwise(items):
                        before_box = isinstance(body, m.Script) and isinstance(body.base, m.Blank)
                        assert not (before_box and sign == m.Operator("−") and sign is items[0])


# --- choice ----------------------------------------------------------------------------------------------


def test_a_table_of_options_stays_with_the_words_that_name_its_answer(
    variants: dict[str, list[Problem]],
) -> None:
    posed = pose(variants[MATRIX][0], question("choice"))
    kept = [block for block in posed.key if isinstance(block, n.Together)]
    assert not [
        block for block in posed.key if isinstance(block, n.Paragraph) and "is option" in texts((block,))
    ]
    assert sum("is option" in texts(block.blocks[:1]) for block in kept) == len(posed.answers)


@pytest.mark.parametrize("name", [PATHS, MATRIX])
def test_options_are_distinct_sorted_and_named(variants: dict[str, list[Problem]], name: str) -> None:
    places = set()
    for number, problem in enumerate(variants[name]):
        posed = pose(problem, question("choice"), salt=(7, number))
        for answer in posed.answers:
            values = [option.shown.fraction for option in answer.options]
            assert len(values) == 5
            assert values == sorted(set(values))
            (right,) = [option for option in answer.options if option.right]
            places.add(right.letter)
            assert answer.low <= float(right.shown.fraction) <= answer.high
            for option in answer.options:
                if not option.right:
                    assert option.mistake in MISTAKES
                    assert not answer.low <= float(option.shown.fraction) <= answer.high
                    assert (option.shown.exponent is None) == (right.shown.exponent is None)
    assert len(places) > 2  # the place of the right one tells nothing


def test_options_are_drawn_anew_for_every_variant(variants: dict[str, list[Problem]]) -> None:
    problem = variants[MATRIX][0]
    once = pose(problem, question("choice"), salt=(7, 1)).answers
    assert once == pose(problem, question("choice"), salt=(7, 1)).answers
    assert once != pose(problem, question("choice"), salt=(7, 2)).answers


def test_the_key_names_the_mistake_of_each_option(variants: dict[str, list[Problem]]) -> None:
    posed = pose(variants[PATHS][0], question("choice", choices=4))
    (answer,) = posed.answers
    assert len(answer.options) == 4
    assert "right" in texts(posed.key)
    kept = [block for together in posed.key if isinstance(together, n.Together) for block in together.blocks]
    rows = [row for block in kept if isinstance(block, n.Table) for row in block.rows]
    assert (
        len([row for row in rows if row[0][0] in {n.Text(option.letter) for option in answer.options}]) == 4
    )


# --- find the error --------------------------------------------------------------------------------------


def wrong_lines(blocks: tuple[n.Block, ...], unit: float = 1e-4) -> list[str | None]:
    """Return the tags of the lines whose value is not what their own numbers give."""
    found = []
    for line in (line for row in lines_of(blocks) for line in row):
        if len(line.steps) < 2 or line.tag is None:
            continue
        computed, shown = value(line.steps[-2].body), value(line.steps[-1].body)
        if computed is None or shown is None:
            continue
        size = max(
            [abs(value(part)) for part in walk(line.steps[-2].body) if isinstance(part, m.Digits)], default=1
        )
        if abs(computed - shown) > 0.004 * max(abs(shown), abs(computed)) + unit + 2 * unit * size:
            found.append(line.tag)
    return found


def test_exactly_the_named_line_is_wrong(variants: dict[str, list[Problem]]) -> None:
    found = set()
    for number, problem in enumerate(variants[PATHS]):
        posed = pose(problem, question("find-the-error"), salt=(7, number))
        line = posed.answers[0]
        assert line.quantity == "line"
        assert line.extra["mistake"] in MISTAKES
        found.add(line.extra["mistake"])
        wrong = wrong_lines(posed.sheet)
        assert wrong in ([str(int(line.value))], [])
        if not wrong:  # a factor that stands for itself: ∂a/∂h = w has no numbers to put in
            (row,) = [row for row in lines_of(posed.sheet) if row[0].tag == str(int(line.value))]
            assert all(value(step.body) is None for step in row[0].steps[:-1])
    assert len(found) > 1


@pytest.mark.parametrize("name", [PATHS, MATRIX])
def test_a_planted_mistake_is_carried_to_the_result(variants: dict[str, list[Problem]], name: str) -> None:
    for number, problem in enumerate(variants[name]):
        asked = question("find-the-error", gradients=("W1[3,1]",))
        posed = pose(problem, asked, salt=(3, number))
        right = pose(problem, question("open", gradients=("W1[3,1]",)))
        (answer,) = right.answers
        assert isinstance(answer.shown, m.Digits)
        results = [part for part in digits_in(posed.sheet) if part.answer == "dL/dW1[3,1]"]
        assert results
        assert all(part.text != answer.shown.text for part in results)
        line = int(posed.answers[0].value)
        tags = [row[0].tag for row in lines_of(posed.sheet)]
        assert str(line) in tags
        assert f"Line {line}" in texts(posed.key)


def test_a_wrong_array_is_written_out_by_hand_and_a_wrong_number_in_a_box(
    variants: dict[str, list[Problem]],
) -> None:
    for name, words, boxes in (
        (PATHS, "what is its right value?", 2),
        (MATRIX, "how should that line read?", 1),
    ):
        posed = pose(variants[name][0], question("find-the-error"), salt=(7, 1))
        rows = [line for row in lines_of(posed.sheet) for line in row]
        blanks = [
            part
            for line in rows
            for step in line.steps
            for part in walk(step.body)
            if isinstance(part, m.Blank)
        ]
        assert (words in texts(posed.sheet), len(blanks), len(posed.answers)) == (True, boxes, boxes)


def looks_in(blocks: tuple[n.Block, ...]) -> list[tuple[tuple[str, int | None], str | None]]:
    """Return what every number looks like without its sign, and its name: lines, words, tables, drawings, indices too."""
    found: list[m.Digits] = []

    def see(math: m.Math) -> None:
        if isinstance(math, m.Digits):
            found.append(math)

    Rewriter(see).blocks(blocks)
    return [((digits.text.lstrip("-"), digits.exponent), digits.answer) for digits in found]


def right_numbers(posed: Posed) -> set[tuple[str, int | None]]:
    """Return what the key says the wrong line should end in, as far as the sheet says something else there."""
    key = list(posed.key)
    (right,) = looks_of_line(key[key.index(paragraph("The line should read:")) + 1])
    tag = str(int(posed.answers[0].value))
    (wrong,) = [
        looks
        for row in lines_of(posed.sheet)
        for line in row
        if line.tag == tag
        for looks in looks_of_line(n.Equation(((line,),)))
    ]
    return {look for name, look in right.items() if wrong[name] != look}


def looks_of_line(block: n.Block) -> list[dict[str, tuple[str, int | None]]]:
    return [
        {name: look for look, name in looks_in((n.Paragraph((n.InlineMath(line.steps[-1].body),)),)) if name}
        for row in lines_of((block,))
        for line in row
    ]


def held_back(path: Path, count: int, salts: int) -> tuple[int, int]:
    """Return how many questions with an error were asked about variants of a problem, and how many could not be.

    In each that was asked, what the line should read stands nowhere.
    """
    asked = refused = 0
    for number, problem in enumerate(draw_variants(load_problem(path), range(1, count + 1))):
        for salt in range(salts):
            try:
                posed = pose(problem, question("find-the-error"), salt=(salt, number))
            except UnaskableError:
                refused += 1
                continue
            asked += 1
            right = right_numbers(posed)
            assert right
            assert not right & {look for look, _ in looks_in(posed.sheet)}, (number, salt)
            if len(posed.answers) > 1:
                shown = posed.answers[1].shown
                assert isinstance(shown, m.Digits)
                assert (shown.text.lstrip("-"), shown.exponent) in right
    return asked, refused


@pytest.mark.parametrize("name", [PATHS, MATRIX, "max-gate", "edge-detector"])
def test_what_the_wrong_line_should_read_stands_nowhere(name: str) -> None:
    assert held_back(PROBLEMS / f"{name}.toml", 6, 1) == (6, 0)


def test_numbers_that_tell_every_right_one_are_not_asked_about() -> None:
    problem = load_problem(
        PROBLEMS / "two-gates.toml"
    )  # x + y = 1, so that f = z, and what is right stands anywhere
    assert problem.expression is not None
    inputs = {"x": 9, "y": -8, "z": Decimal("-3.5")}
    told = problem.model_copy(update={"expression": problem.expression.model_copy(update={"inputs": inputs})})
    with pytest.raises(UnaskableError, match="whose right number stands nowhere else"):
        pose(told, question("find-the-error"))
    assert pose(problem, question("find-the-error")).answers[1].extra["of"] == "q"


@pytest.mark.parametrize("form", ["open", "blanks", "choice", "find-the-error"])
def test_no_words_speak_of_values_that_a_drawing_does_not_show(form: str) -> None:
    posed = pose(load_problem(PROBLEMS / "neuron-circuit.toml"), question(form, gradients=("w0",)))
    assert "for every wire the value" in texts(explain(load_problem(PROBLEMS / "neuron-circuit.toml")).blocks)
    assert "for every wire the value" not in texts(posed.sheet) + texts(posed.key)


def test_a_forward_pass_that_no_gradient_reads_can_have_the_mistake() -> None:
    for salt in range(4):
        posed = pose(load_problem(PROBLEMS / "max-gate.toml"), question("find-the-error"), salt=(salt,))
        assert posed.answers[1].extra["of"] in ("p", "s")
        assert "f" in {name for _, name in looks_in(posed.sheet)}
    asked = pose(load_problem(PROBLEMS / "bowl-sgd.toml"), question("find-the-error", ask=("f",)))
    assert asked.answers[1].extra["of"] == "f"  # what is asked for can be wrong itself


def test_what_the_line_should_read_is_an_answer_of_its_own(variants: dict[str, list[Problem]]) -> None:
    for number, problem in enumerate(variants[PATHS]):
        posed = pose(problem, question("find-the-error"), salt=(7, number))
        line, right = posed.answers
        assert line.points + right.points == 10
        printed = {part.text for part in digits_in(posed.sheet) if part.answer is not None}
        row = next(row for row in lines_of(posed.sheet) if row[0].tag == str(int(line.value)))
        assert value(row[0].steps[-1].body) != value(right.shown)
        assert printed


# --- answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [Digits(4), Digits(2), Digits(decimals=3)])
def test_the_interval_holds_every_honest_way_to_round(digits: Digits) -> None:
    low, high = accepted([0.123456, 0.1237], digits)
    assert low < 0.123456 < 0.1237 < high
    assert Pencil(digits).settle(0.123456) >= low
    assert high - 0.1237 == pytest.approx(float(half(digits)), rel=1e-9)


def half(digits: Digits) -> Decimal:
    return Decimal(5).scaleb(-(digits.decimals or digits.significant) - 1)


def test_full_precision_and_by_hand_are_both_accepted(variants: dict[str, list[Problem]]) -> None:
    for name in (PATHS, MATRIX):
        for problem in variants[name]:
            numbers = problem.numbers.model_copy(update={"rounding": "by-hand"})
            hand = solve_problem(problem.model_copy(update={"numbers": numbers}))
            for answer in pose(problem, question("open")).answers:
                array, _, place = answer.quantity.rstrip("]").partition("[")
                for form in (hand["quantities"], hand["by_hand"]):
                    found = form[array]
                    for axis in place.split(","):
                        found = found[int(axis) - 1]
                    assert answer.low <= found <= answer.high


@pytest.mark.parametrize(
    ("points", "weights"),
    [("10", [1, 1, 1]), ("1", [1] * 7), ("0", [1, 2]), ("2.5", [3, 1]), ("1", [1] * 1000)],
)
def test_points_are_shared_out_to_the_last(points: str, weights: list[int]) -> None:
    shares = shared_out(Decimal(points), weights)
    assert sum(shares) == Decimal(points)
    assert min(shares) >= 0


def test_tenths_of_points_add_up_to_whole_ones() -> None:
    shares = [float(share) for share in shared_out(Decimal(10), [1] * 48)]
    assert sum(shares) != 10  # as float64 adds
    assert added(shares) == 10


def test_names_of_every_kind_of_answer() -> None:
    problem = load_problem(PROBLEMS / f"{PATHS}.toml")
    graph = build(problem).graph
    assert [key_name(graph, key) for key in quantities_of(graph, "h2")] == ["h2[1]", "h2[2]"]
    assert [key_name(graph, key) for key in quantities_of(graph, "W1'[2,3]")] == ["W1'[2,3]"]
    assert [key_name(graph, key) for key in quantities_of(graph, "L'")] == ["L'"]
    with pytest.raises(LookupError):
        quantities_of(graph, "W9")


DRAWING = sorted(path for path in PROBLEMS.glob("*.toml") if "[variants" in path.read_text("utf-8"))

IN_TABLES = (
    "bowl-adam",
    "bowl-momentum",
    "bowl-nesterov",
    "bowl-rmsprop",
    "bowl-sgd",
    "bowl-velocity",
    "weight-decay",
)
"""One step to the output, and then a training in tables: there is no line with a mistake from which another follows."""


@pytest.mark.slow
@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.stem)
def test_no_sheet_tells_what_its_wrong_line_should_read(path: Path) -> None:
    asked, refused = held_back(path, 6, 2)
    assert asked + refused == 12
    assert asked == 0 if path.stem in IN_TABLES else asked >= 10


@pytest.mark.slow
@pytest.mark.parametrize("path", DRAWING, ids=lambda path: path.stem)
def test_all_forms_of_every_shipped_problem_that_draws(path: Path) -> None:
    problem = load_problem(path)
    for number, variant in enumerate(draw_variants(problem, range(1, 4))):
        for form in ("open", "blanks", "choice", "find-the-error"):
            if form == "find-the-error" and path.stem in IN_TABLES:
                with pytest.raises(InputError, match="no mistake"):
                    pose(variant, question(form))
                continue
            posed = pose(variant, question(form), salt=(1, number))
            assert texts(posed.sheet)
            assert texts(posed.key)
            assert sum(answer.points for answer in posed.answers) == 10
            for answer in posed.answers:
                assert answer.low <= answer.value <= answer.high
            if form == "find-the-error":
                unit = 10.0 ** -(problem.numbers.decimals or 4)
                assert wrong_lines(posed.sheet, unit) in ([str(int(posed.answers[0].value))], [])
