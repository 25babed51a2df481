"""δ of each layer: at the output from the loss, below from the delta above, with all that the gradient passes on its way.

δ_L = ∂L/∂y ∘ φ′(a_L),  δ_l = (W_{l+1}ᵀ δ_{l+1}) ∘ φ′(a_l).
"""

from __future__ import annotations

from solver import formula as f
from solver.document import normalisation_backward as normalisation
from solver.document.forward import transposed
from solver.document.layer import layer_of
from solver.document.nodes import Block, EquationLine, Step
from solver.document.slopes import is_piecewise, loss_slope_symbols, scaled_symbols, slope_symbol
from solver.document.telling import Telling
from solver.document.words import equation, paragraph, small
from solver.graph.dense import Affine, SoftmaxLayer, TotalLoss
from solver.graph.node import Graph, Node
from solver.notation import math as m
from solver.quantities import Part, Quantity
from solver.trace.chain import combined_delta, local_gradient, partial_formula


def delta(telling: Telling, node: Node, above: Node | None, wanted: set[Quantity]) -> list[Block]:
    """Return the delta of a layer, in letters and in numbers, with all that the gradient passes on its way there."""
    letters = telling.letters
    made = layer_of(telling.graph, node)
    before, after = made.before, made.activation
    left = letters.delta(node.quantity.layer or 1) if before is node else letters(before.quantity.gradient())
    incoming = letters(after.quantity.gradient())
    blocks: list[Block]
    if made.dropped is not None:
        arriving = sent_back(telling, made.dropped, above) if above else loss_gradient(telling, made.dropped)
        blocks = [
            *arriving,
            *normalisation.dropped_back(telling, made),
            *through_slope(telling, before, after, left),
        ]
    elif above is None:
        blocks = output_delta(telling, before, after, left, incoming)
    else:
        blocks = hidden_delta(telling, before, after, above, left)
    return blocks + normalisation.normalised_back(telling, made, wanted)


def sent_back(telling: Telling, output: Node, above: Node) -> list[Block]:
    """Return the gradient of a layer's output from the delta above."""
    steps = [Step("=", handed_back(telling, above))]
    if telling.numeric:
        steps += [Step("=", handed_back_numbers(telling, above)), handed(telling, output.quantity)]
    incoming = telling.letters(output.quantity.gradient())
    words = paragraph("The delta above, sent back through the weights, is")
    return [words, equation(EquationLine(incoming, tuple(steps)))]


def loss_gradient(telling: Telling, output: Node) -> list[Block]:
    """Return the gradient of the network's outputs; where a case distinction is behind it, that of the first in full."""
    words = paragraph("The loss as a function of the outputs has the gradient")
    first = output.quantity.at(*(1 for _ in output.shape)).of_sample(1)
    formula = partial_formula(telling.graph, telling.graph.root.quantity, first)
    if telling.numeric and is_piecewise(formula):
        whole = EquationLine(
            telling.letters(output.quantity.gradient()),
            (Step("=", telling.column(output.quantity.gradient())),),
        )
        return [words, equation(telling.line(first.gradient(), formula), whole)]
    steps = [Step("=", loss_slope_symbols(telling, output))]
    if telling.numeric:
        steps.append(Step("=", telling.column(output.quantity.gradient())))
    incoming = telling.letters(output.quantity.gradient())
    return [words, equation(EquationLine(incoming, tuple(steps)))]


def through_slope(telling: Telling, before: Node, after: Node, left: m.Math) -> list[Block]:
    """Return the gradient of what an activation reads from that of the activation, told before."""
    if isinstance(after.operation, SoftmaxLayer) and not after.operation.diagonal:
        return full_softmax_delta(telling, before, after, left)
    incoming, slope = telling.letters(after.quantity.gradient()), slope_symbol(telling, after)
    if slope is None:
        return same(left, incoming)
    steps = [Step("=", m.row(incoming, m.Operator(telling.letters.notation.hadamard), slope))]
    if telling.numeric:
        steps += hadamard_numbers(telling, before, after)
    return [paragraph("and with the slope of the activation"), equation(EquationLine(left, tuple(steps)))]


def same(left: m.Math, incoming: m.Math) -> list[Block]:
    """Return that an identity passes its gradient on as it is."""
    return [
        paragraph("The activation is the identity, so ", small(m.row(left, m.Operator("="), incoming)), ".")
    ]


def hidden_delta(telling: Telling, before: Node, after: Node, above: Node, left: m.Math) -> list[Block]:
    """Return the gradient of what a hidden activation reads."""
    if isinstance(after.operation, SoftmaxLayer) and not after.operation.diagonal:
        return [*sent_back(telling, after, above), *full_softmax_delta(telling, before, after, left)]
    slope = slope_symbol(telling, after)
    back = handed_back(telling, above)
    symbols = (
        back if slope is None else m.row(m.Fenced(back), m.Operator(telling.letters.notation.hadamard), slope)
    )
    steps = [Step("=", symbols)]
    if not telling.numeric:
        return [equation(EquationLine(left, tuple(steps)))]
    if slope is None:
        return [*sent_back(telling, after, above), *same(left, telling.letters(after.quantity.gradient()))]
    steps += hadamard_numbers(telling, before, after)
    words = paragraph("and with the slope of the activation")
    return [*sent_back(telling, after, above), words, equation(EquationLine(left, tuple(steps)))]


def output_delta(telling: Telling, node: Node, after: Node, left: m.Math, incoming: m.Math) -> list[Block]:
    """Return δ of the last layer."""
    letters, graph = telling.letters, telling.graph
    loss = graph.root.operation
    assert isinstance(loss, TotalLoss)
    combined = combined_delta(graph, node.quantity.at(1).of_sample(1))
    output, target = letters(after.quantity), letters(graph.root.parents[1])
    if combined is not None:
        body = scaled_symbols(loss.scale, m.row(output, m.Operator("−"), target))
        steps = [Step("=", body)]
        if telling.numeric:
            numbers = m.row(
                telling.column(after.quantity), m.Operator("−"), telling.column(graph.root.parents[1])
            )
            pairs = ((e.gradient(), combined_formula(graph, e)) for e in telling.elements(node.quantity))
            value = Step(telling.follows(pairs), delta_values(telling, node))
            steps += [Step("=", scaled_symbols(loss.scale, numbers)), value]
        name = "softmax" if isinstance(after.operation, SoftmaxLayer) else "sigmoid"
        words = paragraph(
            f"For the {name} with this loss the two derivatives combine to the difference of output and target:"
        )
        return [words, equation(EquationLine(left, tuple(steps)))]
    if isinstance(after.operation, SoftmaxLayer) and not after.operation.diagonal:
        blocks = loss_gradient(telling, after) if telling.numeric else []
        return [*blocks, *full_softmax_delta(telling, node, after, left)]
    slope = slope_symbol(telling, after)
    short = incoming if telling.numeric else loss_slope_symbols(telling, after)
    symbols = short if slope is None else m.row(short, m.Operator(letters.notation.hadamard), slope)
    steps = [Step("=", symbols)]
    if not telling.numeric:
        return [paragraph("At the output"), equation(EquationLine(left, tuple(steps)))]
    if slope is None:
        return [*loss_gradient(telling, after), *same(left, incoming)]
    steps += hadamard_numbers(telling, node, after)
    lead = paragraph("and with the slope of the output activation")
    return [*loss_gradient(telling, after), lead, equation(EquationLine(left, tuple(steps)))]


def full_softmax_delta(telling: Telling, node: Node, after: Node, left: m.Math) -> list[Block]:
    """Return δ below a softmax as its Jacobian times the gradient of the outputs."""
    letters = telling.letters
    output = letters(after.quantity)
    jacobian = m.row(
        m.Symbol("diag"), m.Fenced(output), m.Operator("−"), output, m.Space(0.17), transposed(output)
    )
    symbols = m.row(m.Fenced(jacobian), m.Space(0.17), letters(after.quantity.gradient()))
    steps = [Step("=", symbols)]
    if telling.numeric:
        steps.append(Step("=", delta_values(telling, node)))
    words = paragraph(
        "Each output of the softmax depends on every pre-activation, so its Jacobian is a full matrix:"
    )
    return [words, equation(EquationLine(left, tuple(steps)))]


def handed_back(telling: Telling, above: Node) -> m.Math:
    """Return Wᵀ δ of the layer above (δ Wᵀ, or Δ W, for rows)."""
    operation = above.operation
    assert isinstance(operation, Affine)
    weights = telling.letters(above.parents[1])
    d = telling.letters.delta(above.quantity.layer or 1)
    if operation.from_to:
        return m.row(d, m.Space(0.17), transposed(weights))
    if telling.graph.sample_axis:
        return m.row(d, m.Space(0.17), weights)
    return m.row(transposed(weights), m.Space(0.17), d)


def handed_back_numbers(telling: Telling, above: Node) -> m.Math:
    """Return the same product with its matrices."""
    operation = above.operation
    assert isinstance(operation, Affine)
    weights = telling.column(above.parents[1])
    d = delta_values(telling, above)
    if operation.from_to:
        return m.row(d, transposed(weights))
    if telling.graph.sample_axis:
        return m.row(d, weights)
    return m.row(transposed(weights), d)


def delta_values(telling: Telling, node: Node) -> m.Math:
    """Return the shown values of δ."""
    return telling.column(node.quantity.gradient())


def handed(telling: Telling, quantity: Quantity) -> Step:
    """Return the shown gradient of an array, held against what its readers show."""
    graph = telling.graph
    pairs = ((element.gradient(), local_gradient(graph, element)) for element in telling.elements(quantity))
    return Step(telling.follows(pairs), telling.column(quantity.gradient()))


def combined_formula(graph: Graph, element: Quantity) -> f.Formula:
    """Return scale · (y − t) for one pre-activation of the output."""
    formula = combined_delta(graph, element)
    assert formula is not None
    return formula


def hadamard_numbers(telling: Telling, node: Node, after: Node) -> list[Step]:
    """Return ∂L/∂h ∘ φ′(a) with the vectors put in, and what it makes."""
    incoming = telling.column(after.quantity.gradient())
    slopes = telling.array(node.quantity, lambda key: telling.value(_slope(key)))
    body = m.row(incoming, m.Operator(telling.letters.notation.hadamard), slopes)
    pairs = (
        (element.gradient(), f.Product((f.Ref(_output(after, element).gradient()), f.Ref(_slope(element)))))
        for element in telling.elements(node.quantity)
    )
    return [Step("=", body), Step(telling.follows(pairs), delta_values(telling, node))]


def _output(after: Node, element: Quantity) -> Quantity:
    return after.quantity.at(*element.index).of_sample(element.sample)


def _slope(element: Quantity) -> Part:
    """Return φ′ of one pre-activation; a network without a sample axis has one sample."""
    return Part("slope", element if element.sample is not None else element.of_sample(1))
