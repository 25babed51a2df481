"""The formula sheet of an exam: the functions that its problems use and their derivatives, the chain rule, the update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from solver import formula as f
from solver.document.nodes import Block, EquationLine, Section, Step
from solver.document.words import equation, paragraph, phrase
from solver.functions import OPTIMIZERS, Activation, Softmax
from solver.graph import build
from solver.graph.dense import Elementwise, SoftmaxLayer, TotalLoss
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name

if TYPE_CHECKING:
    from solver.spec import Problem

_LETTERS = {
    "rate": "η",
    "g": "g",
    "beta": "β",
    "beta1": "β",
    "beta2": "β",
    "epsilon": "ε",
    "decay": "λ",
    "step": "k",
}


def formula_sheet(problems: Sequence[Problem]) -> tuple[Block, ...]:
    """Return a section with the formulas of all functions that some problems use."""
    activations: dict[str, Activation] = {}
    losses: dict[str, f.Formula] = {}
    slopes: dict[str, f.Formula] = {}
    rules: set[str] = set()
    for problem in problems:
        model = build(problem)
        for node in model.graph.nodes:
            match node.operation:
                case Elementwise(activation) if activation.name not in ("linear", "phi"):
                    activations.setdefault(activation.name, activation)
                case SoftmaxLayer(softmax):
                    activations.setdefault("softmax", softmax)
                case TotalLoss(loss):
                    losses.setdefault(loss.name, loss.formula)
                    slopes.setdefault(loss.name, loss.slope)
                case _:
                    pass
        if model.training is not None:
            rules.add(model.training.optimizer.name)
    lines = [line for record in activations.values() for line in _activation(record)]
    blocks: list[Block] = [
        paragraph("The chain rule, over all paths from a quantity to the loss:"),
        equation(_chain()),
    ]
    if lines:
        blocks += [paragraph("Activations and their derivatives:"), equation(*lines)]
    if losses:
        told = [line for name, loss in losses.items() for line in _loss(loss, slopes[name])]
        blocks += [
            paragraph("Losses of one output and their derivatives, before factors and means:"),
            equation(*told),
        ]
    steps = [line for name in sorted(rules) for line in _update(name)]
    if steps:
        blocks += [paragraph("Updates, with the gradient ", m.Symbol("g"), ":"), equation(*steps)]
    return (Section(phrase("Formulas"), tuple(blocks), 2),)


def _typeset(formula: f.Formula) -> m.Math:
    return Typesetter(_nothing, function_name, "·", _letter)(formula)


def _nothing(key: object) -> m.Math:
    raise LookupError(key)


def _letter(name: str) -> m.Math:
    known = m.Symbol(_LETTERS.get(name, name))
    if name in ("beta1", "beta2"):
        return m.Script(known, sub=m.Digits(name[-1]))
    if name in ("mhat", "vhat"):
        return m.Accent(m.Symbol(name[0]), "hat")
    return known


def _partial(of: m.Math, by: m.Math) -> m.Math:
    d = m.Operator("∂")
    return m.Fraction(m.row(d, of), m.row(d, by))


def _chain() -> EquationLine:
    loss, last, first = m.Symbol("L"), m.Symbol("u"), m.Symbol("w")
    total = m.BigOperator("Σ", m.row(_partial(loss, last), m.Space(0.17), _partial(last, first)), last)
    return EquationLine(_partial(loss, first), (Step("=", total),))


def _activation(record: Activation) -> list[EquationLine]:
    name = record.symbol if not isinstance(record, Softmax) else "softmax"
    z, y = m.Symbol("z"), m.Symbol("y")
    if isinstance(record, Softmax):
        k, j = m.Symbol("k"), m.Symbol("j")
        power = m.Script(m.Symbol("e"), sup=m.Script(z, sub=k))
        below = m.BigOperator("Σ", m.Script(m.Symbol("e"), sup=m.Script(z, sub=j)), j)
        y_k, y_j = m.Script(y, sub=k), m.Script(y, sub=j)
        one = m.Fenced(m.row(m.Digits("1"), m.Operator("−"), y_k))
        other = m.Fenced(m.row(j, m.Operator("≠"), k))
        return [
            EquationLine(y_k, (Step("=", m.Fraction(power, below)),)),
            EquationLine(_partial(y_k, m.Script(z, sub=k)), (Step("=", m.row(y_k, one)),)),
            EquationLine(
                _partial(y_k, m.Script(z, sub=j)),
                (Step("=", m.row(m.Operator("−"), y_k, m.Space(0.17), y_j, m.Space(1), other)),),
            ),
        ]
    call = m.row(m.Symbol(name), m.Fenced(z))
    return [
        EquationLine(m.row(y, m.Operator("="), call), (Step("=", _typeset(record.formula)),)),
        EquationLine(_partial(y, z), (Step("=", _typeset(record.slope)),)),
    ]


def _loss(formula: f.Formula, slope: f.Formula) -> list[EquationLine]:
    ell, y = m.Symbol("ℓ"), m.Symbol("y")
    return [
        EquationLine(ell, (Step("=", _typeset(formula)),)),
        EquationLine(_partial(ell, y), (Step("=", _typeset(slope)),)),
    ]


def _update(name: str) -> list[EquationLine]:
    return [
        EquationLine(_letter(step.name), (Step("←", _typeset(step.formula)),))
        for step in OPTIMIZERS[name].steps
    ]
