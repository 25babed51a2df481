"""Arrays of a recurrent network in a line: in letters and in numbers, vectors as columns, one-element arrays as numbers.

One way of writing serves all sizes. With several units a product is a matrix product or, element by element, ∘; with one
unit the same product is one of plain numbers, and no bracket or transpose is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from solver import formula as f
from solver.document.forward import transposed
from solver.document.nodes import EquationLine, Step
from solver.document.telling import LARGEST, Telling, is_shortened
from solver.graph.dense import Affine, SoftmaxLayer
from solver.graph.loss import TotalLoss
from solver.graph.node import Leaf, Node
from solver.notation import math as m
from solver.notation.atoms import node as node_of
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.notation.time_letters import TimeLetters
from solver.quantities import Key, Quantity
from solver.trace.chain import combined_delta, partial_formula
from solver.trace.through_time import Inflow, inflows, is_head

if TYPE_CHECKING:
    from solver.spec.recurrent import Recurrent


@dataclass(frozen=True)
class Face:
    """How arrays look in one stage of a line.

    Attributes:
        telling: The document's context.
        stage: "letters" or "numbers".
    """

    telling: Telling
    stage: Literal["letters", "numbers"]

    @property
    def letters(self) -> TimeLetters:
        """The letters of the document."""
        return time_letters(self.telling)

    def __call__(self, quantity: Quantity) -> m.Math:
        """Return an array: its symbol, or its shown numbers."""
        if self.stage == "letters":
            return self.letters(quantity)
        return shown(self.telling, quantity)

    def turned(self, quantity: Quantity) -> m.Math:
        """Return the transpose of an array; a column of numbers is written as a row."""
        if self.letters.single(quantity.value):
            return self(quantity)
        return flipped(self(quantity)) if self.stage == "numbers" else transposed(self(quantity))

    def formula(self, node: f.Formula) -> m.Math:
        """Return a formula over elements as one over whole arrays."""
        whole = f.transform(
            node, lambda part: f.Ref(_whole(part.quantity)) if isinstance(part, f.Ref) else None
        )
        typeset = Typesetter(self._key, function_name, self.letters.notation.product)
        return typeset(whole)

    def _key(self, key: Key) -> m.Math:
        assert isinstance(key, Quantity)
        return self(key)

    def product(self, parts: Sequence[m.Math], sign: str = "") -> m.Math:
        """Return factors side by side, with a sign between them or, next to numbers, a dot."""
        items: list[m.Math] = []
        for part in parts:
            body = m.Fenced(part) if _is_negative(part) and (items or len(parts) > 1) else part
            if items:
                dot = sign or (
                    self.letters.notation.product if _is_number(items[-1]) or _is_number(body) else ""
                )
                items.append(m.Operator(dot) if dot else m.Space(0.17))
            items.append(body)
        return m.row(*items)

    def total(self, terms: Iterable[m.Math]) -> m.Math:
        """Return terms with plus signs; a negative number gives its sign to the line."""
        items: list[m.Math] = []
        for term in terms:
            if items and isinstance(term := node_of(term), m.Digits) and term.text.startswith("-"):
                items += [m.Operator("−"), m.Digits(term.text.removeprefix("-"), term.exponent, term.answer)]
            else:
                items += [m.Operator("+"), term] if items else [term]
        return m.row(*items)


def time_letters(telling: Telling) -> TimeLetters:
    """Return the letters of a recurrent document."""
    assert isinstance(telling.letters, TimeLetters)
    return telling.letters


def table_of(telling: Telling) -> Recurrent:
    """Return the problem's own table."""
    return cast("Recurrent", telling.problem.body)


def _whole(key: Key) -> Key:
    return key.whole if isinstance(key, Quantity) else key


def first(telling: Telling, quantity: Quantity) -> Quantity:
    """Return the first element of an array."""
    node = telling.graph.node(quantity.value)
    place = 1 if node.per_sample else None
    return quantity.at(*(1 for _ in node.shape)).of_sample(place)


def shown(telling: Telling, quantity: Quantity) -> m.Math:
    """Return the shown numbers of an array; a long column is written as the transpose of a row, to spare the page."""
    body = telling.column(quantity)
    node = telling.graph.node(quantity.value)
    if is_shortened(node.shape) and len(node.shape) == 1 and not telling.rows:
        return transposed(flipped(body))
    return body


def is_large(telling: Telling, node: Node) -> bool:
    """Return whether an array, or one that it is made of, is too large to be shown whole: no numbers are put in then."""
    return any(is_shortened(shape) for shape in (node.shape, *node.parent_shapes))


def flipped(body: m.Math) -> m.Math:
    """Return the transpose of a matrix, written out where it is a row or a column."""
    if isinstance(body, m.Matrix) and (len(body.rows) == 1 or all(len(row) == 1 for row in body.rows)):
        turned = {m.Operator("⋮"): m.Operator("⋯"), m.Operator("⋯"): m.Operator("⋮")}
        rows = zip(*body.rows, strict=True)
        return m.Matrix(
            tuple(tuple(turned.get(cell, cell) for cell in row) for row in rows), body.left, body.right
        )
    if isinstance(body, m.Script) and isinstance(body.base, m.Matrix):  # already the transpose of a row
        return body.base
    return transposed(body)


def _is_number(part: m.Math) -> bool:
    match node_of(part):
        case m.Digits() | m.Fenced(m.Digits()):
            return True
        case _:
            return False


def _is_negative(part: m.Math) -> bool:
    return isinstance(part := node_of(part), m.Digits) and part.text.startswith("-")


# --- forward ---------------------------------------------------------------------------------------------


def affine(face: Face, node: Node) -> m.Math:
    """Return U x + W h + b, or x U + h W + b for rows."""
    operation = node.operation
    assert isinstance(operation, Affine)
    terms = []
    for place in range(0, 2 * operation.terms, 2):
        x, weights = face(node.parents[place]), face(node.parents[place + 1])
        terms.append(face.product((x, weights) if operation.from_to else (weights, x)))
    terms += [face(bias) for bias in node.parents[2 * operation.terms :]]
    return face.total(terms)


def computed(telling: Telling, node: Node, left: Quantity | None = None) -> EquationLine:
    """Return the line of a computed array: its symbol, how it is made in letters and in numbers, its numbers."""
    letters, numbers = Face(telling, "letters"), Face(telling, "numbers")
    assert not isinstance(node.operation, Leaf)
    quantity = node.quantity if left is None else left
    if isinstance(node.operation, Affine):
        steps = [Step("=", affine(letters, node)), Step("=", affine(numbers, node))]
    elif isinstance(node.operation, SoftmaxLayer):
        steps = [Step("=", m.row(m.Symbol("softmax"), m.Fenced(letters(node.parents[0]))))]
    else:
        formula = telling.graph.made_by(first(telling, node.quantity))
        steps = [Step("=", elementwise(letters, formula)), Step("=", elementwise(numbers, formula))]
    if is_large(telling, node):
        steps = steps[:1]
    relation = follows(telling, node.quantity) if len(steps) > 1 else "="
    return EquationLine(telling.letters(quantity), (*steps, Step(relation, shown(telling, node.quantity))))


def elementwise(face: Face, formula: f.Formula) -> m.Math:
    """Return a formula over elements as one over arrays, ∘ between the factors of its products."""
    match formula:
        case f.Sum(terms):
            items: list[m.Math] = []
            for term in terms:
                inner = term.operand if isinstance(term, f.Negative) else term
                sign = "−" if isinstance(term, f.Negative) else "+" if items else ""
                items += [m.Operator(sign)] if sign else []
                items.append(_term(face, inner))
            return m.row(*items)
        case f.Negative(operand):
            return m.row(m.Operator("−"), _term(face, operand))
        case f.Product(factors):
            return hadamard(face, factors)
        case _:
            return face.formula(formula)


def _term(face: Face, term: f.Formula) -> m.Math:
    if isinstance(term, f.Sum | f.Negative):
        return m.Fenced(elementwise(face, term))
    return elementwise(face, term)


def hadamard(face: Face, factors: Sequence[f.Formula]) -> m.Math:
    """Return factors multiplied element by element; a plain number stands before them without a sign."""
    refs = [key for factor in factors for key in f.references(factor) if isinstance(key, Quantity)]
    if all(face.letters.single(key.value) for key in refs):
        return face.formula(f.Product(tuple(factors)))
    numbers = [face.formula(factor) for factor in factors if isinstance(factor, f.Number)]
    arrays = [_term(face, factor) for factor in factors if not isinstance(factor, f.Number)]
    return m.row(*numbers, face.product(arrays, face.letters.notation.hadamard))


def follows(
    telling: Telling, quantity: Quantity, formula: Callable[[Quantity], f.Formula] | None = None
) -> str:
    """Return "=" where the shown numbers give every shown number of an array, else "≈"."""
    node = telling.graph.node(quantity.value)
    if any(length > LARGEST for length in node.shape):
        return "="
    made = formula or telling.graph.made_by
    sample = 1 if node.per_sample else None
    elements = telling.graph.elements(quantity.value)
    shown = (quantity.at(*element.index).of_sample(sample) for element in elements)
    return telling.follows((element, made(element)) for element in shown)


# --- backward --------------------------------------------------------------------------------------------


def handed(face: Face, quantity: Quantity, inflow: Inflow) -> m.Math:
    """Return what one reader hands back to an array that is no parameter: Wᵀ δ, or δ ∘ slope."""
    graph = face.telling.graph
    if is_head(graph, quantity):
        return _difference(face, quantity)
    nodes = [*inflow.between, inflow.reader]
    below = [quantity, *(node.quantity for node in inflow.between)]
    factors: list[f.Formula] = []
    weights: tuple[Quantity, bool] | None = None
    for node, parent in zip(reversed(nodes), reversed(below), strict=True):
        if isinstance(node.operation, Affine):
            place = node.parents.index(parent)
            weights = node.parents[place + 1], node.operation.from_to
        elif isinstance(node.operation, SoftmaxLayer):
            return _through_softmax(face, node)
        else:
            by = first(face.telling, parent)
            local = partial_formula(graph, first(face.telling, node.quantity), by)
            factors += local.factors if isinstance(local, f.Product) else [local]
    gradient = None if inflow.reader is graph.root else graph.gradient(inflow.reader.quantity)
    if weights is not None:
        assert gradient is not None
        matrix, from_to = weights
        turned, delta = face.turned(matrix), face(gradient)
        return face.product((delta, turned) if from_to else (turned, delta))
    kept = [factor for factor in factors if factor != f.formula(1)]
    if gradient is not None:
        kept.insert(0, f.Ref(gradient))
    return hadamard(face, kept) if len(kept) != 1 else face.formula(kept[0])


def _difference(face: Face, logits: Quantity) -> m.Math:
    """Return ŷ − y, the gradient below an output activation and its loss in one piece."""
    graph = face.telling.graph
    formula = combined_delta(graph, first(face.telling, logits))
    loss = graph.root.operation
    assert formula is not None
    assert isinstance(loss, TotalLoss)
    above = loss.output_above(graph.root, logits)
    assert above is not None
    if loss.pair is not None and loss.pair.condition and not loss.unit_targets:
        output, target = (face(array) for array in above)
        every = m.BigOperator("Σ", m.Script(face.letters(above[1]), sub=m.Symbol("k")), m.Symbol("k"))
        return m.row(m.Fenced(every), output, m.Operator("−"), target)
    return elementwise(face, formula)


def _through_softmax(face: Face, node: Node) -> m.Math:
    """Return (diag(y) − y yᵀ) ∂L/∂y."""
    output = face(node.quantity)
    jacobian = m.row(
        m.Symbol("diag"),
        m.Fenced(output),
        m.Operator("−"),
        face.product((output, face.turned(node.quantity))),
    )
    return face.product((m.Fenced(jacobian), face(face.telling.graph.gradient(node.quantity))))


def backward_body(face: Face, quantity: Quantity) -> m.Math:
    """Return ∂L/∂(array) as the sum of what its readers hand back."""
    return face.total(handed(face, quantity, inflow) for inflow in inflows(face.telling.graph, quantity))
