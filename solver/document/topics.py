"""Sections beyond the problem itself: what generalises. Each works for any dense network; `[work] topics` chooses.

Adding a topic is one function and one row in `TOPICS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from solver.calculus import derive_delta, derive_sigmoid_as_softmax, derive_softmax
from solver.calculus.shapes import Layout, ShapeSum, dense_shapes
from solver.document.derivations import derivation_blocks
from solver.document.forward import sampled
from solver.document.given import layers
from solver.document.nodes import Block, EquationLine, Phrase, Section, Step, Table
from solver.document.rules import letter
from solver.document.telling import Telling
from solver.document.words import equation, paragraph, phrase
from solver.functions import ACTIVATIONS, LOSSES
from solver.graph.dense import Affine
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name


def topics(telling: Telling) -> list[Section]:
    """Return the sections that the work asks for, in its order."""
    return [TOPICS[name](telling) for name in telling.work.topics]


def softmax(telling: Telling) -> Section:
    """Return softmax over k classes with cross-entropy: the Jacobian by cases, then the combined delta."""
    typeset = class_typesetter(telling)
    loss = LOSSES["cross_entropy"]
    jacobian = derivation_blocks(derive_softmax(), typeset)
    delta = derivation_blocks(derive_delta(ACTIVATIONS["softmax"], loss), typeset)
    words = paragraph(
        "With several classes the output layer has one unit per class, and softmax turns the pre-activations into "
        "probabilities. Each output depends on all pre-activations, so there are two cases."
    )
    after = paragraph(
        "The targets of one sample sum to 1, since exactly one class is right. With the cross-entropy the result is the "
        "same difference of output and target as for one sigmoid unit."
    )
    return Section(phrase("Several classes: softmax with cross-entropy"), (words, *jacobian, after, *delta))


def sigmoid_as_softmax(telling: Telling) -> Section:
    """Return the sigmoid as softmax over two classes."""
    blocks = derivation_blocks(derive_sigmoid_as_softmax(), class_typesetter(telling))
    words = paragraph(
        "For two classes only the difference of the two pre-activations matters, and softmax becomes the sigmoid:"
    )
    return Section(phrase("The sigmoid is softmax over two classes"), (words, *blocks))


def class_typesetter(telling: Telling) -> Typesetter:
    """Return a printer in the letters of the output layer; indices run over classes."""
    return Typesetter(
        telling.letters,
        function_name,
        telling.letters.notation.product,
        lambda name: class_letter(telling, name),
    )


def class_letter(telling: Telling, name: str) -> m.Math:
    """Return the letter of a name in a derivation over classes; what is no quantity is an index."""
    return letter(telling, name)


def samples(telling: Telling) -> Section:
    """Return the gradients over n samples: the mean of those of each sample, as a sum and as one matrix product."""
    letters, notation = telling.letters, telling.letters.notation
    node = layers(telling)[-1]
    operation = node.operation
    assert isinstance(operation, Affine)
    n, s = m.Symbol("n"), m.Symbol("s")
    weight, delta = letters(node.parents[1]), vector(telling, "delta")
    entering = vector(telling, "x" if len(layers(telling)) == 1 else "h")
    each = m.row(
        sampled(delta, s), m.Space(0.17), m.Script(m.Fenced(sampled(entering, s)), sup=m.Symbol("⊤"))
    )
    mean = m.row(
        m.Fraction(m.Digits("1"), n), m.BigOperator("Σ", each, m.row(s, m.Operator("="), m.Digits("1")), n)
    )
    joined = m.row(
        m.Fraction(m.Digits("1"), n),
        big(telling, "delta"),
        m.Space(0.17),
        m.Script(big_entering(telling), sup=m.Symbol("⊤")),
    )
    gradient = letters(node.parents[1].gradient())
    lines = [EquationLine(gradient, (Step("=", mean), Step("=", joined)))]
    if len(node.parents) > 2:
        total = m.BigOperator("Σ", sampled(delta, s), m.row(s, m.Operator("="), m.Digits("1")), n)
        lines.append(
            EquationLine(
                letters(node.parents[2].gradient()), (Step("=", m.row(m.Fraction(m.Digits("1"), n), total)),)
            )
        )
    rate = notation.letter("rate")
    update = m.row(weight, m.Operator("−"), rate, m.Space(0.17), gradient)
    left, sign = (weight, "←") if notation.arrow else (m.Prime(weight), "=")
    lines.append(EquationLine(left, (Step(sign, update),)))
    words = paragraph(
        "For ", n, " samples the loss is the mean of their losses, so its gradient is the mean of their gradients. Put "
        "the samples side by side as the columns of ", big_entering(telling), " and their deltas as the columns of ",
        big(telling, "delta"), ": then the sum is one matrix product.",
    )  # fmt: skip
    return Section(phrase("Several samples"), (words, equation(*lines)))


def vector(telling: Telling, base: str) -> m.Symbol:
    """Return the values of a base, of one sample and whichever layer."""
    return m.Symbol(telling.letters.notation.letters.get(base, base), "bold")


def big(telling: Telling, base: str) -> m.Math:
    """Return the matrix of all samples' values of a base."""
    name = vector(telling, base).name
    return m.Symbol("Δ" if name == "δ" else name.upper(), "bold")


def big_entering(telling: Telling) -> m.Math:
    """Return the matrix of what enters the last layer."""
    return big(telling, "x" if len(layers(telling)) == 1 else "h")


def shapes(telling: Telling) -> Section:
    """Return a table of every equation with the shape of each term, samples as columns."""
    words = paragraph(
        "A check that costs nothing: in a product the inner dimensions agree and disappear. With ", m.Symbol("n"),
        " samples as columns:",
    )  # fmt: skip
    layout = Layout.ROWS if telling.rows else Layout.COLUMNS
    return Section(phrase("The shape of every term"), (words, shape_table(telling, layout)))


def row_vectors(telling: Telling) -> Section:
    """Return the two conventions W x and x W beside each other."""
    entering, weights = (telling.letters(quantity) for quantity in layers(telling)[0].parents[:2])
    before = m.row(weights, m.Space(0.17), entering)
    behind = m.row(entering, m.Space(0.17), weights)
    words = paragraph(
        "Some texts write a layer as ", before, ", with samples as columns, others as ", behind, ", with samples as "
        "rows. Both are right; one is the transpose of the other, and so are their weight matrices. Mixing them up is "
        "the commonest reason why shapes do not fit.",
    )  # fmt: skip
    blocks: list[Block] = [words]
    for layout, lead in ((Layout.COLUMNS, "Samples as columns"), (Layout.ROWS, "Samples as rows")):
        blocks.append(paragraph(f"{lead}:"))
        first = dense_shapes(*dimensions(telling), layout, biases=has_biases(telling))[0]
        blocks.append(equation(*shape_lines(telling, first)))
    return Section(phrase(before, " or ", behind, "?"), tuple(blocks))


def dimensions(telling: Telling) -> tuple[tuple[str | int, ...], str]:
    """Return the widths (letters for one layer of a symbolic problem) and the number of samples."""
    chain = layers(telling)
    if not telling.numeric and len(chain) == 1:
        return ("d", "k"), "n"
    return (chain[0].parent_shapes[0][0], *(node.shape[0] for node in chain)), "n"


def has_biases(telling: Telling) -> bool:
    """Return whether any layer has a bias."""
    return any(len(node.parents) > 2 for node in layers(telling))


def shape_table(telling: Telling, layout: Layout) -> Table:
    """Return equation and shapes, one row each."""
    rows: list[tuple[Phrase, ...]] = []
    for item in dense_shapes(*dimensions(telling), layout, biases=has_biases(telling)):
        symbols, dims = shape_lines(telling, item)
        rows.append((phrase(joined(symbols)), phrase(joined(dims))))
    return Table((phrase("Equation"), phrase("Shapes")), tuple(rows), "ll")


def joined(line: EquationLine) -> m.Math:
    """Return an equation line as one formula."""
    parts: list[m.Math] = [line.left] if line.left is not None else []
    for step in line.steps:
        parts += [m.Operator(step.relation), step.body]
    return m.row(*parts)


def shape_lines(telling: Telling, item: ShapeSum) -> tuple[EquationLine, EquationLine]:
    """Return the equation in letters, and the same with the shape in each term's place."""
    typeset = class_typesetter(telling)
    symbols: list[m.Math] = []
    dims: list[m.Math] = []
    times = m.Operator(telling.letters.notation.hadamard) if item.elementwise else m.Space(0.17)
    for place, term in enumerate(item.terms):
        if place:
            symbols.append(m.Operator("+"))
            dims.append(m.Operator("+"))
        for number, factor in enumerate(term):
            if number:
                symbols.append(times)
                dims.append(m.Space(0.17))
            symbols.append(typeset(factor.matrix))
            dims.append(m.Fenced(dimension(str(factor.shape))))
    body = m.row(*symbols)
    if item.summed:
        body = m.BigOperator("Σ", body, m.Words("samples"))
    left = typeset(item.result.matrix)
    shown = dimension(str(item.result.shape))
    return EquationLine(left, (Step("=", body),)), EquationLine(shown, (Step("=", m.row(*dims)),))


def dimension(text: str) -> m.Math:
    """Return "k × d" as mathematics."""
    rows, columns = text.split(" × ")
    return m.row(side(rows), m.Operator("×"), side(columns))


def side(text: str) -> m.Math:
    """Return one dimension: a number or a letter."""
    return m.Digits(text) if text.isdigit() else m.Symbol(text)


TOPICS: Mapping[str, Callable[[Telling], Section]] = {
    "softmax": softmax,
    "sigmoid-as-softmax": sigmoid_as_softmax,
    "samples": samples,
    "shapes": shapes,
    "row-vectors": row_vectors,
}
"""Names of `[work] topics` and the section that each adds."""

__all__ = ["TOPICS", "topics"]
