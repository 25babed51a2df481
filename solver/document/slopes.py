"""Slopes of loss and activations over whole layers: in letters, as vectors, and as keys with their textbook formulas."""

from __future__ import annotations

from fractions import Fraction

from solver import formula as f
from solver.document import normalisation_backward as normalisation
from solver.document.given import layers
from solver.document.layer import layer_of
from solver.document.telling import Telling
from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.names import function_name
from solver.quantities import Key, Part, Quantity
from solver.trace.chain import partial_formula


def slope_parts(telling: Telling) -> dict[Key, f.Formula]:
    """Return the slopes φ′(a) of all layers, and those inside of them, as keys with their textbook formula."""
    definitions: dict[Key, f.Formula] = {}
    graph = telling.graph
    for node in layers(telling):
        made = layer_of(graph, node)
        definitions |= normalisation.parts(telling, made)
        after = made.activation
        if not isinstance(after.operation, Elementwise | SoftmaxLayer):
            continue
        if isinstance(after.operation, SoftmaxLayer) and not after.operation.diagonal:
            continue
        for sample in range(1, graph.samples + 1):
            for element in graph.elements(made.before.quantity, sample):
                output = after.quantity.at(*element.index).of_sample(sample)
                definitions[Part("slope", element)] = partial_formula(graph, output, element)
    return definitions


def slope_symbol(
    telling: Telling, after: Node, output: m.Math | None = None, before: m.Math | None = None
) -> m.Math | None:
    """Return φ′ of a layer in letters, elementwise: h ∘ (1 − h); None where it is 1.

    Args:
        telling: The document's context.
        after: The activation.
        output: Its letter, where that is not the array's own (one channel of a map).
        before: The letter of what it reads.
    """
    letters = telling.letters
    operation = after.operation
    if isinstance(operation, SoftmaxLayer):
        formula = f.Variable("y") * (f.formula(1) - f.Variable("y"))
    else:
        assert isinstance(operation, Elementwise)
        if operation.activation.name == "linear":
            return None
        formula = operation.activation.slope
    y, times = f.Variable("y"), m.Operator(letters.notation.hadamard)
    output = output or letters(after.quantity)
    if formula == f.Product((y, f.Sum((f.formula(1), f.Negative(y))))):
        return m.row(output, times, m.Fenced(m.row(m.Digits("1"), m.Operator("−"), output)))
    if formula == f.formula(1) - y**2:
        return m.Fenced(m.row(m.Digits("1"), m.Operator("−"), output, times, output))
    read = m.Fenced(before or letters(after.parents[0]))
    if isinstance(formula, f.Call) and formula.arguments == (f.Variable("z"),):
        return m.row(m.Symbol(function_name(formula.function) or formula.function), read)
    return m.row(m.Prime(m.Symbol(_symbol(operation))), read)


def _symbol(operation: object) -> str:
    return operation.activation.symbol if isinstance(operation, Elementwise) else "softmax"


def is_piecewise(formula: f.Formula) -> bool:
    """Return whether a formula of elements is none of whole arrays: it distinguishes cases, or calls a function."""
    return any(isinstance(node, f.Cases | f.Call) for node in f.walk(formula))


def loss_slope_symbols(telling: Telling, after: Node) -> m.Math:
    """Return ∂L/∂y in letters, for the whole vector where the formula allows it (y − t), else for one element."""
    graph = telling.graph
    output = after.quantity.at(1).of_sample(1)
    formula = partial_formula(graph, graph.root.quantity, output)
    whole = f.transform(
        formula,
        lambda n: (
            f.Ref(n.quantity.whole) if isinstance(n, f.Ref) and isinstance(n.quantity, Quantity) else None
        ),
    )
    if is_piecewise(formula):
        name = m.Prime(m.Symbol("ℓ"))
        arguments = m.row(
            telling.letters(after.quantity), m.Operator(","), telling.letters(graph.root.parents[1])
        )
        return m.row(name, m.Fenced(arguments))
    return telling.symbols(whole)


def scaled_symbols(scale: Fraction, body: m.Math) -> m.Math:
    """Return scale · (body), without a factor of one."""
    if scale == 1:
        return body
    factor: m.Math = m.Digits(str(scale.numerator))
    if scale.denominator != 1:
        factor = m.Fraction(factor, m.Digits(str(scale.denominator)))
    return m.row(factor, m.Space(0.17), m.Fenced(body))
