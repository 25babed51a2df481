"""The backward pass in matrix form: deltas from the output to the input, then outer products.

δ_L = ∂L/∂y ∘ φ′(a_L),  δ_l = (W_{l+1}ᵀ δ_{l+1}) ∘ φ′(a_l),  ∂L/∂W_l = δ_l h_{l−1}ᵀ,  ∂L/∂b_l = δ_l.
Source: Goodfellow, Bengio, Courville (2016), Deep Learning, algorithm 6.4.
"""

from __future__ import annotations

from fractions import Fraction

from solver import formula as f
from solver.document import normalisation
from solver.document.forward import entering, transposed
from solver.document.given import layers
from solver.document.layer import layer_of
from solver.document.nodes import Block, EquationLine, Section, Step
from solver.document.telling import Telling, written
from solver.document.words import equation, paragraph, phrase, small
from solver.graph.dense import Affine, Elementwise, SoftmaxLayer, TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.convention import derivative
from solver.quantities import Key, Part, Quantity
from solver.trace.asked import Asked
from solver.trace.chain import combined_delta, partial_formula
from solver.trace.paths import LIMIT


def backward_matrix(telling: Telling, asked: Asked) -> Section:
    """Return the section of the backward pass in matrix form."""
    blocks: list[Block] = [*refused(asked)]
    wanted = set(asked.parameters)
    chain = layers(telling)
    if not telling.numeric and len(chain) == 1:
        blocks += chain_of_vectors(telling, chain[0], wanted)
    blocks.append(paragraph(*definition(telling)))
    asked_for = [wanted & set(layer_of(telling.graph, node).parameters) for node in chain]
    lowest = min((place for place, own in enumerate(asked_for) if own), default=0)
    blocks += layer_sections(telling, wanted, lowest)
    return Section(phrase("Backward pass"), tuple(blocks))


def refused(asked: Asked) -> list[Block]:
    """Return the sentence that there are too many paths, where they were asked for."""
    if not asked.refused:
        return []
    limit = m.Digits(str(LIMIT))
    words = ("The gradients asked for run along more than ", limit, " paths: they are given in matrix form.")
    return [paragraph(*words)]


def layer_sections(
    telling: Telling, wanted: set[Quantity], lowest: int, alone: str = "The delta and the gradients"
) -> list[Section]:
    """Return the deltas and gradients of the dense layers, from the last down to number `lowest`, counted from 0."""
    chain = layers(telling)
    found: list[Section] = []
    for place in range(len(chain) - 1, lowest - 1, -1):
        node = chain[place]
        title = phrase(f"Layer {place + 1}") if len(chain) > 1 else phrase(alone)
        inside = delta(telling, node, chain[place + 1] if place + 1 < len(chain) else None, wanted)
        inside += gradients(telling, node, wanted, top=place == len(chain) - 1)
        found.append(Section(title, tuple(inside), 2))
    return found


def chain_of_vectors(telling: Telling, node: Node, wanted: set[Quantity]) -> list[Block]:
    """Return ∂L/∂W = ∂L/∂h · ∂h/∂a · ∂a/∂W of a single layer, whose three factors the derivations above have found."""
    letters = telling.letters
    after = layer_of(telling.graph, node).activation
    a, h, loss = letters(node.quantity), letters(after.quantity), letters(telling.graph.root.quantity)
    lines: list[EquationLine] = []
    for parameter in node.parents[1:]:
        if parameter in wanted:
            factors = (derivative(loss, h), derivative(h, a), derivative(a, letters(parameter)))
            body = m.row(factors[0], m.Space(0.17), factors[1], m.Space(0.17), factors[2])
            lines.append(EquationLine(letters(parameter.gradient()), (Step("=", body),)))
    words = paragraph("The loss depends on the parameters through the activation and the pre-activation:")
    return [words, equation(*lines)] if lines else []


def short_gradient(telling: Telling, parameter: Quantity) -> m.Math | None:
    """Return (y − t) xᵀ for a parameter of the last layer, where loss and activation combine to y − t."""
    node = layers(telling)[-1]
    if parameter not in node.parents[1:]:
        return None
    short = short_delta(telling, node)
    if short is None:
        return None
    return outer(telling, node, m.Fenced(short)) if parameter == node.parents[1] else m.Fenced(short)


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


def definition(telling: Telling) -> list[str | m.Math]:
    """Return the sentence that introduces δ."""
    letters = telling.letters
    node = layers(telling)[-1]
    number = node.quantity.layer or 1
    gradient = m.Fraction(
        m.row(m.Operator("∂"), letters(telling.graph.root.quantity)),
        m.row(m.Operator("∂"), letters(node.quantity)),
        small=True,
    )
    return [
        "Write ", m.row(letters.delta(number), m.Operator("="), gradient),
        " for the gradient with respect to the pre-activations of a layer; ", m.Operator(letters.notation.hadamard),
        " multiplies element by element.",
    ]  # fmt: skip


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
        value = telling.column(output.quantity.gradient())
        steps += [Step("=", handed_back_numbers(telling, above)), Step("=", value)]
    incoming = telling.letters(output.quantity.gradient())
    words = paragraph("The delta above, sent back through the weights, is")
    return [words, equation(EquationLine(incoming, tuple(steps)))]


def loss_gradient(telling: Telling, output: Node) -> list[Block]:
    """Return the gradient of the network's outputs."""
    steps = [Step("=", loss_slope_symbols(telling, output))]
    if telling.numeric:
        steps.append(Step("=", telling.column(output.quantity.gradient())))
    incoming = telling.letters(output.quantity.gradient())
    words = paragraph("The loss as a function of the outputs has the gradient")
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
        steps += [
            Step("=", hadamard_numbers(telling, before, after)),
            Step("=", delta_values(telling, before)),
        ]
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
    steps += [Step("=", hadamard_numbers(telling, before, after)), Step("=", delta_values(telling, before))]
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
            steps += [Step("=", scaled_symbols(loss.scale, numbers)), Step("=", delta_values(telling, node))]
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
    steps += [Step("=", hadamard_numbers(telling, node, after)), Step("=", delta_values(telling, node))]
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


def scaled_symbols(scale: Fraction, body: m.Math) -> m.Math:
    """Return scale · (body), without a factor of one."""
    if scale == 1:
        return body
    factor: m.Math = m.Digits(str(scale.numerator))
    if scale.denominator != 1:
        factor = m.Fraction(factor, m.Digits(str(scale.denominator)))
    return m.row(factor, m.Space(0.17), m.Fenced(body))


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
    if any(isinstance(n, f.Quotient | f.Cases | f.Call) for n in f.walk(formula)):
        name = m.Prime(m.Symbol("ℓ"))
        arguments = m.row(
            telling.letters(after.quantity), m.Operator(","), telling.letters(graph.root.parents[1])
        )
        return m.row(name, m.Fenced(arguments))
    return telling.symbols(whole)


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
    product = formula.factors if isinstance(formula, f.Product) else None
    output = output or letters(after.quantity)
    if product == (f.Variable("y"), f.Sum((f.formula(1), f.Negative(f.Variable("y"))))):
        return m.row(
            output,
            m.Operator(letters.notation.hadamard),
            m.Fenced(m.row(m.Digits("1"), m.Operator("−"), output)),
        )
    name = m.Prime(m.Symbol(_symbol(operation)))
    return m.row(name, m.Fenced(before or letters(after.parents[0])))


def _symbol(operation: object) -> str:
    return operation.activation.symbol if isinstance(operation, Elementwise) else "softmax"


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


def hadamard_numbers(telling: Telling, node: Node, after: Node) -> m.Math:
    """Return ∂L/∂h ∘ φ′(a) with the vectors put in."""
    incoming = telling.column(after.quantity.gradient())
    slopes = telling.array(node.quantity, lambda key: telling.value(Part("slope", _placed(telling, key))))
    return m.row(incoming, m.Operator(telling.letters.notation.hadamard), slopes)


def _placed(telling: Telling, key: Quantity) -> Quantity:
    return key if key.sample is not None else key.of_sample(1)


def gradients(telling: Telling, node: Node, wanted: set[Quantity], *, top: bool) -> list[Block]:
    """Return ∂L/∂W and ∂L/∂b of one layer; for symbolic outputs also with the short form of δ put in."""
    lines: list[EquationLine] = []
    d = telling.letters.delta(node.quantity.layer or 1)
    short = short_delta(telling, node) if top and not telling.numeric else None
    if node.parents[1] in wanted:
        line = _gradient_line(telling, node.parents[1], outer(telling, node, d), outer_numbers(telling, node))
        if short is not None:
            line = EquationLine(
                line.left, (*line.steps, Step("=", m.Boxed(outer(telling, node, m.Fenced(short)))))
            )
        lines.append(line)
    if len(node.parents) > 2 and node.parents[2] in wanted:
        line = _gradient_line(telling, node.parents[2], *bias_gradient(telling, node, d))
        if short is not None:
            line = EquationLine(line.left, (*line.steps, Step("=", m.Boxed(short))))
        lines.append(line)
    return [equation(*lines)] if lines else []


def outer(telling: Telling, node: Node, d: m.Math) -> m.Math:
    """Return δ hᵀ in letters, turned round for rows."""
    operation = node.operation
    assert isinstance(operation, Affine)
    x = entering(telling, telling.graph.by_quantity[node.parents[0]])
    if operation.from_to:
        return m.row(transposed(x), m.Space(0.17), d)
    if telling.graph.sample_axis:
        return m.row(transposed(d), m.Space(0.17), x)
    return m.row(d, m.Space(0.17), transposed(x))


def short_delta(telling: Telling, node: Node) -> m.Math | None:
    """Return y − t at the output, where loss and activation combine to it."""
    graph = telling.graph
    loss = graph.root.operation
    assert isinstance(loss, TotalLoss)
    if combined_delta(graph, node.quantity.at(1).of_sample(1)) is None:
        return None
    output, target = (telling.letters(parent) for parent in graph.root.parents[:2])
    return scaled_symbols(loss.scale, m.row(output, m.Operator("−"), target))


def bias_gradient(telling: Telling, node: Node, d: m.Math) -> tuple[m.Math, m.Math | None]:
    """Return ∂L/∂b in letters: δ, summed over samples, and over units where the layer shares one bias."""
    if telling.graph.sample_axis and telling.graph.samples > 1:
        return m.row(m.BigOperator("Σ", m.Script(d, sup=m.Fenced(m.Symbol("s"))), m.Symbol("s"))), None
    if not node.parent_shapes[2]:
        return m.BigOperator("Σ", m.Script(d, sub=m.Symbol("i")), m.Symbol("i")), None
    return d, None


def outer_numbers(telling: Telling, node: Node) -> m.Math:
    """Return the outer product with its vectors."""
    operation = node.operation
    assert isinstance(operation, Affine)
    if not telling.numeric:
        return m.Row(())
    d, x = delta_values(telling, node), telling.flat(node.parents[0])
    if operation.from_to:
        return m.row(transposed(x), d)
    if telling.graph.sample_axis:
        return m.row(transposed(d), x)
    return m.row(d, flat(x))


def flat(body: m.Math) -> m.Math:
    """Return a column as a row: the transpose, written out."""
    if isinstance(body, m.Matrix) and all(len(cells) == 1 for cells in body.rows):
        across: dict[m.Math, m.Math] = {m.Operator("⋮"): m.Operator("⋯")}
        return m.Matrix(
            (tuple(across.get(cells[0], cells[0]) for cells in body.rows),), body.left, body.right
        )
    return transposed(body)


def penalised(
    telling: Telling, parameter: Quantity, symbols: m.Math, numbers: m.Math | None
) -> tuple[m.Math, m.Math | None]:
    """Return a gradient in letters and in numbers, with λ W added where the loss has a penalty on this parameter.

    Args:
        telling: The document's context.
        parameter: An array, or one channel of it.
        symbols: The gradient of the data's part, in letters.
        numbers: The same in numbers; None where it is not shown so.
    """
    root = telling.graph.root
    penalty = root.operation.penalty if isinstance(root.operation, TotalLoss) else None
    if penalty is None or parameter.whole not in root.parents:
        return symbols, numbers
    strength = written(penalty.strength)
    symbols = m.row(symbols, m.Operator("+"), strength, m.Space(0.17), telling.letters(parameter))
    if numbers is not None:
        numbers = m.row(numbers, m.Operator("+"), strength, telling.column(parameter))
    return symbols, numbers


def _gradient_line(
    telling: Telling, parameter: Quantity, symbols: m.Math, numbers: m.Math | None
) -> EquationLine:
    gradient = parameter.gradient()
    symbols, numbers = penalised(telling, parameter, symbols, numbers)
    steps = [Step("=", symbols)]
    if telling.numeric:
        if numbers is not None:
            steps.append(Step("=", numbers))
        steps.append(Step("=", telling.column(gradient)))
    return EquationLine(telling.letters(gradient), tuple(steps))
