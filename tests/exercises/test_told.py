"""A solution told once and filled in is, for every variant, the one that would have been told of it alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from solver.document import nodes as n
from solver.document.filling import filled, late_blocks
from solver.document.kinds import block
from solver.document.late import LateRelation, LateTelling
from solver.document.numbers import Variants
from solver.document.words import phrase
from solver.exercises.question import asked_anew, pose, together
from solver.exercises.told import Told, tell
from solver.formula import Product, Ref, Variable
from solver.notation import math as m
from solver.notation.cases import TooEarlyError
from solver.notation.walk import walk
from solver.quantities import Quantity
from solver.spec import Problem, load_problem
from solver.spec.exam import Question
from solver.trace.cohort import Families
from solver.variants import draw_variants
from solver.writers.latex import latex_blocks, latex_templates

PROBLEMS = Path(__file__).parents[2] / "problems"
DRAWN = [
    file.stem
    for file in sorted(PROBLEMS.glob("*.toml"))
    if (problem := load_problem(file)).variants is not None and not problem.symbolic
]
TOLD_ONCE = {"four-three-two", "iitm-three-layer", "padhai-multiple-paths"}
"""Networks of the lecture notes: their exams are quick because of this."""

OPEN = Question(problem="p.toml", form="open", points=10)


def variants(name: str, count: int) -> list[Problem]:
    return draw_variants(load_problem(PROBLEMS / f"{name}.toml"), range(1, count + 1))


def told(problems: Sequence[Problem], form: str = "open") -> list[Told]:
    asked = [asked_anew(problem, OPEN) for problem in problems]
    return [
        tell(problem, member, form)
        for problem, member in zip(asked, together(problems, OPEN, Families()), strict=True)
    ]


def latex(blocks: Sequence[n.Block]) -> list[str]:
    """Return blocks as words of LaTeX: where its lines are broken does not matter."""
    return latex_blocks(blocks, latex_templates()).split()


def itself(node: n.Block) -> n.Block:
    """Return a block whose filled parts are the blocks that they are."""
    match block(node):
        case n.Section(title, blocks, level):
            return n.Section(title, tuple(map(itself, blocks)), level)
        case n.Note(lead, blocks, kind):
            return n.Note(lead, tuple(map(itself, blocks)), kind)
        case n.Together(blocks):
            return n.Together(tuple(map(itself, blocks)))
        case n.Listing(items, ordered):
            return n.Listing(tuple(tuple(map(itself, item)) for item in items), ordered)
        case same:
            return same


@pytest.mark.parametrize("name", DRAWN)
def test_filled_blocks_are_those_of_the_variant_alone_in_every_writer(name: str) -> None:
    problems = variants(name, 3)
    for problem, some in zip(problems, told(problems), strict=True):
        (alone,) = told([problem], "blanks")  # a form that looks into the lines is told of each variant alone
        assert alone.variants is None
        for filled_in, plain in ((some.statement, alone.statement), (some.solution, alone.solution)):
            assert tuple(map(itself, filled_in)) == plain
            if some.variants is not None:
                assert latex(filled_in) == latex(plain)


def test_the_networks_of_the_notes_are_told_once() -> None:
    assert {name for name in DRAWN if told(variants(name, 1))[0].variants is not None} >= TOLD_ONCE


@pytest.mark.parametrize("name", sorted(TOLD_ONCE))
def test_a_question_does_not_depend_on_who_is_asked_with_it(name: str) -> None:
    problems = variants(name, 4)
    members = together(problems, OPEN, Families())
    for problem, member in zip(problems, members, strict=True):
        some, alone = pose(problem, OPEN, member=member), pose(problem, OPEN)
        assert some.answers == alone.answers
        assert latex(some.sheet) == latex(alone.sheet)
        assert latex(some.key) == latex(alone.key)


# --- what cannot be known yet ----------------------------------------------------------------------------


def late(name: str = "padhai-multiple-paths") -> LateTelling:
    (some,) = told(variants(name, 1))
    return LateTelling.of(some.telling)


def test_a_late_document_holds_no_number_of_the_variant_that_it_was_told_with() -> None:
    (some,) = told(variants("padhai-multiple-paths", 1))
    given = {str(q) for q in some.telling.graph.inputs}
    assert given
    late_telling = LateTelling.of(some.telling)
    assert not late_telling.model.given
    with pytest.raises(TooEarlyError):
        late_telling.stage.number(Quantity("x").at(1))


def test_whoever_looks_into_a_number_or_a_relation_too_early_is_refused() -> None:
    telling = late()
    x = Quantity("x").at(1)
    with pytest.raises(TooEarlyError):
        list(walk(telling.value(x)))
    relation = telling.relation(Ref(x), x)
    assert isinstance(relation, LateRelation)
    with pytest.raises(TooEarlyError):
        assert relation == "="
    with pytest.raises(TooEarlyError):
        telling.equal(x, x)


def test_a_heading_with_a_number_is_refused() -> None:
    section = n.Section(phrase("Of ", late().value(Quantity("x").at(1))), ())
    with pytest.raises(TooEarlyError):
        late_blocks([section])


def test_a_line_that_reads_like_its_value_has_no_stage_for_the_numbers() -> None:
    (some,) = told(variants("padhai-multiple-paths", 1))
    key = Quantity("step")
    for formula in (Product((Variable("rate"),)), Variable("rate")):
        line = LateTelling.of(some.telling).defining({key: formula}).line(key, formula)
        ((block_,),) = filled(late_blocks([n.Equation(((line,),))]), Variants([some.telling]))
        alone = some.telling.defining({key: formula}).line(key, formula)
        assert itself(block_) == n.Equation(((alone,),))
        assert latex([block_]) == latex([n.Equation(((alone,),))])


def test_more_numbers_than_placeholders_are_put_in_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solver.notation.slots._MOST", 2)
    (some,) = told(variants("padhai-multiple-paths", 1))
    telling = late()
    x = [Ref(Quantity("x").at(k)) for k in (1, 2, 3)]
    line = n.EquationLine(m.Symbol("s"), (n.Step("=", telling.numbers(Product(tuple(x)))),))
    ((block_,),) = filled(late_blocks([n.Equation(((line,),))]), Variants([some.telling]))
    assert isinstance(block_, n.Equation)
