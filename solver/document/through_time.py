"""The backward pass through time in matrix form: from the last step to the first, then the parameters.

The recursion is stated once for any step, then followed with numbers. Of a long sequence the last two steps and the first
two are told; every parameter is shared by all steps, so its gradient is a sum over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from solver.document.nodes import Block, Equation, EquationLine, Phrase, Section, Step
from solver.document.telling import Telling, written
from solver.document.time_arrays import Face, backward_body, first, follows, is_large, shown, time_letters
from solver.document.words import equation, listed, paragraph, phrase
from solver.graph.dense import Affine
from solver.graph.loss import TotalLoss
from solver.graph.node import Graph, Node
from solver.notation import math as m
from solver.notation.time_letters import TimeLetters
from solver.quantities import Quantity
from solver.trace.asked import Asked
from solver.trace.paths import LIMIT
from solver.trace.through_time import Inflow, gradient_formula, inflows, is_told

MOST_STEPS = 4
"""Time steps that are all told; of more the first two and the last two."""

MOST_TERMS = 4
"""Terms of a sum over time that are all written; of more the first two and the last two."""


def told_steps(length: int) -> list[int]:
    """Return the time steps that a document tells: all of few, else the first two and the last two."""
    if length <= MOST_STEPS:
        return list(range(1, length + 1))
    return [1, 2, length - 1, length]


def length_of(graph: Graph) -> int:
    """Return the number of time steps."""
    return max(node.quantity.time or 0 for node in graph.nodes)


def backward_through_time(telling: Telling, asked: Asked) -> Section:
    """Return the section of the backward pass in matrix form."""
    graph = telling.graph
    blocks: list[Block] = []
    if asked.refused:
        many = str(asked.paths) if asked.paths <= LIMIT else f"more than {LIMIT}"
        blocks.append(
            paragraph(
                f"Through time the gradients asked for run along {many} paths, too many to be followed one by one: "
                "they are given in matrix form."
            )
        )
    blocks += [paragraph(*definition(telling)), recursion(telling)]
    length = length_of(graph)
    steps = told_steps(length)
    for place, time in enumerate(reversed(steps)):
        if place and steps[-place] - time > 1:
            blocks.append(paragraph(f"Steps {steps[-place] - 1} to {time + 1} run alike."))
        blocks.append(Section(phrase(f"Step {time}"), (step_lines(telling, time),), 2))
    blocks.append(parameters(telling, asked))
    return Section(phrase("Backward pass"), tuple(blocks))


def definition(telling: Telling) -> list[str | m.Math | Phrase]:
    """Return what δ is, and in which order the steps are met."""
    letters = time_letters(telling)
    graph = telling.graph
    general = _at(telling, {2: letters.step})
    affine = [
        node
        for node in graph.nodes
        if _is_preactivation(node) and node.quantity.time == min(2, length_of(graph))
    ]
    if length_of(graph) == 1:
        general = _at(telling, {1: letters.step})
    plain = replace(general, deltas=False)
    deltas = [general(node.quantity.gradient()) for node in affine]
    example = affine[0].quantity
    shown = m.Fraction(
        m.row(m.Operator("∂"), letters(graph.root.quantity)),
        m.row(m.Operator("∂"), plain(example)),
        small=True,
    )
    rest: list[str | Phrase] = [", and likewise ", listed(deltas[1:])] if len(deltas) > 1 else []
    words: list[str | m.Math | Phrase] = [
        "Write ", m.row(deltas[0], m.Operator("="), shown), " for the gradient with respect to a pre-activation",
        *rest, ".",
    ]  # fmt: skip
    if not all(letters.single(node.quantity) for node in affine):
        words += [
            " Squares and products with ",
            m.Operator(letters.notation.hadamard),
            " are taken element by element.",
        ]
    order = (
        " What a step hands on reaches the loss through all later steps, so the last step comes first."
        if length_of(graph) > 1
        else ""
    )
    return [*words, f"{order} In any step"]


def _is_preactivation(node: Node) -> bool:
    return isinstance(node.operation, Affine) and node.quantity.base == "a"


def _at(telling: Telling, clock: dict[int, m.Math]) -> TimeLetters:
    return replace(time_letters(telling), clock=clock)


def recursion(telling: Telling) -> Equation:
    """Return the recursion in letters, for any step: the state from the step after it, then the pre-activations."""
    length = length_of(telling.graph)
    time = max(1, length - 1)
    t = time_letters(telling).step
    clock = {
        time - 1: m.row(t, m.Operator("−"), m.Digits("1")),
        time: t,
        time + 1: m.row(t, m.Operator("+"), m.Digits("1")),
    }
    general = replace(telling, letters=_at(telling, clock))
    face = Face(general, "letters")
    lines: list[EquationLine] = []
    for quantity in told_arrays(telling.graph, time):
        if time_letters(telling).single(quantity):
            body = general.symbols(gradient_formula(telling.graph, first(telling, quantity)))
        else:
            body = backward_body(face, quantity)
        lines.append(EquationLine(general.letters(quantity.gradient()), (Step("=", body),)))
    return equation(*lines)


def told_arrays(graph: Graph, time: int) -> list[Quantity]:
    """Return the arrays of one step whose gradients are lines, in the order in which they are found."""
    return [
        node.quantity
        for node in reversed(graph.nodes)
        if node.quantity.time == time and node.quantity.base not in ("x", "t") and is_told(graph, node)
    ]


def step_lines(telling: Telling, time: int) -> Equation:
    """Return the gradients of one step in numbers."""
    return equation(*(gradient_line(telling, quantity) for quantity in told_arrays(telling.graph, time)))


def gradient_line(telling: Telling, quantity: Quantity) -> EquationLine:
    """Return the line of one gradient: letters, numbers, value."""
    gradient = quantity.gradient()
    if time_letters(telling).single(quantity):
        element = first(telling, quantity)
        return telling.line(element.gradient(), gradient_formula(telling.graph, element))
    letters, numbers = (backward_body(Face(telling, stage), quantity) for stage in ("letters", "numbers"))
    readers = [
        node for inflow in inflows(telling.graph, quantity) for node in (*inflow.between, inflow.reader)
    ]
    if any(is_large(telling, node) for node in (telling.graph.node(quantity), *readers)):
        return EquationLine(
            telling.letters(gradient), (Step("=", letters), Step("=", shown(telling, gradient)))
        )
    relation = follows(telling, gradient, lambda element: gradient_formula(telling.graph, element.value))
    steps = (Step("=", letters), Step("=", numbers), Step(relation, shown(telling, gradient)))
    return EquationLine(telling.letters(gradient), steps)


# --- parameters ------------------------------------------------------------------------------------------


def parameters(telling: Telling, asked: Asked) -> Section:
    """Return the gradients asked for, each the sum of its shares over the time steps."""
    graph = telling.graph
    shared = [quantity for quantity in asked.parameters if quantity.time is None]
    others = [
        quantity
        for quantity in asked.parameters
        if quantity.time is not None and quantity.base in ("x", "h", "s")
    ]
    words = "The parameters are the same in every step, so each step adds a share to their gradients:"
    if length_of(graph) == 1:
        words = "The gradients of the parameters follow:"
    blocks: list[Block] = [paragraph(*added(telling, words))] if shared else []
    for _, group in groupby(shared, key=lambda quantity: quantity.gate):
        blocks.append(equation(*(summed_over_time(telling, quantity) for quantity in group)))
    extra = [quantity for quantity in others if quantity.base == "x" or quantity.time == 0]
    if extra:
        blocks.append(equation(*(gradient_line(telling, quantity) for quantity in extra)))
    return Section(phrase("The parameters" if shared else "The inputs"), tuple(blocks), 2)


def added(telling: Telling, words: str) -> list[str | m.Math]:
    """Return the words before the gradients of the parameters, and what a penalty adds to them."""
    operation = telling.graph.root.operation
    assert isinstance(operation, TotalLoss)
    if operation.penalty is None:
        return [words]
    return [
        words.removesuffix(":"),
        "; the penalty adds ",
        written(operation.penalty.strength),
        " times the weights:",
    ]


def summed_over_time(telling: Telling, parameter: Quantity) -> EquationLine:
    """Return ∂L/∂W = Σ_t δ_t h_{t−1}ᵀ: with a sum sign, with the numbers of every step, and the value."""
    gradient = parameter.gradient()
    shares = [Share.of(telling, parameter, inflow) for inflow in inflows(telling.graph, parameter)]
    letters, numbers = Face(telling, "letters"), Face(telling, "numbers")
    steps = [Step("=", _with_sum_sign(telling, shares))]
    node = telling.graph.node(parameter)
    if not any(share.over_units for share in shares) and not is_large(telling, node):
        terms = [share.written(numbers) for share in shares]
        if len(terms) > MOST_TERMS:
            terms = [*terms[:2], m.Operator("⋯"), *terms[-2:]]
        elif len(terms) > 1 and letters.letters.single(parameter):
            steps.append(Step("=", letters.total(share.written(letters) for share in shares)))
        steps.append(Step("=", numbers.total(terms)))
        if len(shares) == 1 and shares[0].alone:
            steps.pop()
    relation = follows(telling, gradient, lambda element: gradient_formula(telling.graph, element.value))
    steps.append(Step(relation, shown(telling, gradient)))
    return EquationLine(telling.letters(gradient), tuple(steps))


@dataclass(frozen=True)
class Share:
    """What one time step adds to the gradient of a parameter.

    Attributes:
        gradient: ∂L/∂ of what the step computes with the parameter; the parameter itself where its penalty is meant.
        entering: What is multiplied with the weights in that step; None for a bias.
        from_to: Whether the author writes x W.
        over_units: Whether one bias serves all units, so that δ is summed over them.
        factor: Strength of the penalty, 0 for a share of a time step.
    """

    gradient: Quantity
    entering: Quantity | None
    from_to: bool = False
    over_units: bool = False
    factor: Fraction = Fraction(0)

    @classmethod
    def of(cls, telling: Telling, parameter: Quantity, inflow: Inflow) -> Share:
        """Return what one reader adds."""
        graph = telling.graph
        node = inflow.between[0] if inflow.between else inflow.reader
        operation = node.operation
        if isinstance(operation, TotalLoss):
            assert operation.penalty is not None
            return cls(parameter, None, factor=operation.penalty.strength)
        assert isinstance(operation, Affine)
        place = node.parents.index(parameter)
        gradient = graph.gradient(inflow.reader.quantity)
        if place == 2 * operation.terms:
            return cls(gradient, None, over_units=graph.node(parameter).shape == () and node.shape != (1,))
        return cls(gradient, node.parents[place - 1], operation.from_to)

    @property
    def alone(self) -> bool:
        """Whether this is the gradient itself, multiplied with nothing."""
        return self.entering is None and not self.factor and not self.over_units

    @property
    def time(self) -> int | None:
        """The time step."""
        return self.gradient.time

    def written(self, face: Face) -> m.Math:
        """Return δ hᵀ, or δ for a bias."""
        if self.factor:
            return face.product((written(self.factor), face(self.gradient)))
        if self.over_units:
            return m.BigOperator("Σ", face(self.gradient), m.Words("units"))
        if self.entering is None:
            return face(self.gradient)
        delta, entering = face(self.gradient), face.turned(self.entering)
        return face.product((entering, delta) if self.from_to else (delta, entering))


def _with_sum_sign(telling: Telling, shares: Sequence[Share]) -> m.Math:
    """Return Σ_t δ_t h_{t−1}ᵀ in letters, or the single share."""
    over_time = [share for share in shares if share.time is not None]
    rest = [share.written(Face(telling, "letters")) for share in shares if share.time is None]
    if len(over_time) == 1:
        return Face(telling, "letters").total([over_time[0].written(Face(telling, "letters")), *rest])
    example = over_time[-1]
    assert example.time is not None
    t = time_letters(telling).step
    clock = {example.time: t, example.time - 1: m.row(t, m.Operator("−"), m.Digits("1"))}
    general = replace(telling, letters=replace(time_letters(telling), clock=clock))
    face = Face(general, "letters")
    first_time, last_time = (m.Digits(str(share.time)) for share in (over_time[0], over_time[-1]))
    total = m.BigOperator("Σ", example.written(face), m.row(t, m.Operator("="), first_time), last_time)
    return face.total([total, *rest])
