"""The forward pass of a recurrent network: the equations of any step, then step by step with numbers, then the loss."""

from __future__ import annotations

from dataclasses import replace

from solver import formula as f
from solver.document.forward import TALLEST_LAYER, WIDEST_SUM
from solver.document.loss import penalty_symbols
from solver.document.nodes import Block, Equation, EquationLine, Section, Step
from solver.document.telling import Telling
from solver.document.through_time import length_of, told_steps
from solver.document.time_arrays import Face, affine, computed, elementwise, first, table_of, time_letters
from solver.document.words import equation, paragraph, phrase
from solver.graph.dense import Affine, SoftmaxLayer
from solver.graph.loss import TotalLoss
from solver.graph.node import Graph, Leaf, Node
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.notation.time_letters import TimeLetters
from solver.quantities import Key, Quantity
from solver.trace.chain import is_identity

MOST_LOSS_TERMS = 6
"""Terms of the loss that are written out with numbers."""


def made_in(graph: Graph, time: int) -> list[Node]:
    """Return what is computed in one step, in order; a read-out that only renames its pre-activation stands for both."""
    return [
        node
        for node in graph.nodes
        if node.quantity.time == time
        and not isinstance(node.operation, Leaf)
        and not (node.quantity.base == "o" and is_identity(node))
    ]


def symbol_of(graph: Graph, node: Node) -> Quantity:
    """Return the quantity on the left of a node's line: of a linear read-out the output itself."""
    if node.quantity.base == "z":
        after = next(reader for reader, _ in graph.consumers[node.quantity] if reader is not graph.root)
        if is_identity(after):
            return after.quantity
    return node.quantity


def any_step(telling: Telling) -> TimeLetters:
    """Return the letters in which the last step reads as any step."""
    length = length_of(telling.graph)
    t = time_letters(telling).step
    clock = {length: t, length - 1: m.row(t, m.Operator("−"), m.Digits("1"))}
    return replace(time_letters(telling), clock=clock)


def equations(telling: Telling, *, read_out: bool) -> Equation:
    """Return the equations of one step for any t, a pre-activation beside its gate.

    Args:
        telling: The document's context.
        read_out: Those of the read-out rather than those of the cell; after the last step alone, these are for no t.
    """
    graph = telling.graph
    every = table_of(telling).every_step
    general = replace(telling, letters=any_step(telling)) if every or not read_out else telling
    face = Face(general, "letters")
    nodes = [
        node for node in made_in(graph, length_of(graph)) if (node.quantity.base in ("z", "o")) == read_out
    ]
    lines: list[EquationLine] = []
    for node in nodes:
        if isinstance(node.operation, Affine):
            body = affine(face, node)
        elif isinstance(node.operation, SoftmaxLayer):
            body = m.row(m.Symbol("softmax"), m.Fenced(face(node.parents[0])))
        else:
            body = elementwise(face, graph.made_by(first(telling, node.quantity)))
        lines.append(EquationLine(face(symbol_of(graph, node)), (Step("=", body),)))
    return Equation(_paired(nodes, lines))


def _paired(nodes: list[Node], lines: list[EquationLine]) -> tuple[tuple[EquationLine, ...], ...]:
    """Put the activation of a gate beside its pre-activation."""
    rows: list[tuple[EquationLine, ...]] = []
    place = 0
    while place < len(nodes):
        pair = place + 1 < len(nodes) and nodes[place].quantity in nodes[place + 1].parents
        if pair and isinstance(nodes[place].operation, Affine) and len(nodes[place + 1].parents) == 1:
            rows.append((lines[place], lines[place + 1]))
            place += 2
        else:
            rows.append((lines[place],))
            place += 1
    return tuple(rows)


def forward(telling: Telling) -> Section:
    """Return the section of the forward pass."""
    blocks: list[Block] = []
    length = length_of(telling.graph)
    steps = told_steps(length)
    for place, time in enumerate(steps):
        if place and time - steps[place - 1] > 1:
            blocks.append(paragraph(f"Steps {steps[place - 1] + 1} to {time - 1} run alike."))
        title = phrase(f"Step {time}")
        lines = step(telling, time)
        blocks += [Section(title, (lines,), 2)] if length > 1 else [lines]
    blocks += loss(telling)
    return Section(phrase("Forward pass"), tuple(blocks))


def step(telling: Telling, time: int) -> Equation:
    """Return one time step with numbers."""
    graph = telling.graph
    lines: list[EquationLine] = []
    for node in made_in(graph, time):
        left = symbol_of(graph, node)
        if by_elements(telling, node):
            lines += [
                telling.line(
                    element,
                    graph.made_by(element),
                    left=telling.letters(left.at(*element.index).of_sample(1)),
                )
                for element in graph.elements(node.quantity, 1)
            ]
        else:
            lines.append(computed(telling, node, left))
    return equation(*lines)


def by_elements(telling: Telling, node: Node) -> bool:
    """Return whether the units of an array are told one by one, rather than in one line of matrices."""
    if telling.work.form == "matrix" and not time_letters(telling).single(node.quantity):
        return False
    widths = [shape[0] for shape in node.parent_shapes if len(shape) == 1]
    return max(widths, default=1) <= WIDEST_SUM and node.shape[0] <= TALLEST_LAYER


# --- the loss --------------------------------------------------------------------------------------------


def loss_symbols(telling: Telling) -> m.Math:
    """Return the loss in letters: one term, or a sum over time steps and outputs."""
    root = telling.graph.root
    operation = root.operation
    assert isinstance(operation, TotalLoss)
    blocks, outputs = operation.blocks, root.parent_shapes[0][0]
    body = f.substitute(operation.loss.formula, y=f.Variable("y"), t=f.Variable("t"))
    negative = isinstance(body, f.Negative)
    inner = body.operand if isinstance(body, f.Negative) else body
    letters = any_step(telling) if blocks > 1 else time_letters(telling)
    place = (blocks - 1) * operation.width

    def variable(name: str) -> m.Math:
        shown = letters(root.parents[place + (0 if name == "y" else 1)].at(1))
        return _indexed_by(shown, m.Symbol("k")) if outputs > 1 else shown

    typeset = Typesetter(telling.letters, function_name, telling.letters.notation.product, variable)
    term = m.Fenced(typeset(inner)) if isinstance(inner, f.Sum) else typeset(inner)
    signs: list[m.Math] = [m.Operator("−")] if negative == (operation.scale > 0) else []
    amount = abs(operation.scale)
    if amount != 1:
        signs.append(telling.symbols(f.formula(amount)))
    total: m.Math = term
    if outputs > 1:
        total = m.BigOperator("Σ", total, _from_one(m.Symbol("k")), m.Digits(str(outputs)))
    if blocks > 1:
        total = m.BigOperator("Σ", total, _from_one(time_letters(telling).step), m.Digits(str(blocks)))
    items = [*signs, total]
    if operation.penalty is not None:
        items += [m.Operator("+"), penalty_symbols(telling)]
    return m.row(*items)


def _from_one(index: m.Math) -> m.Math:
    return m.row(index, m.Operator("="), m.Digits("1"))


def _indexed_by(element: m.Math, index: m.Math) -> m.Math:
    """Return the symbol of a first element with a letter in place of its index: ŷ_{t,1} becomes ŷ_{t,k}."""
    if isinstance(element, m.Script) and isinstance(element.sub, m.Row):
        return m.Script(element.base, m.row(*element.sub.items[:-1], index), element.sup)
    return element


def loss(telling: Telling) -> list[Block]:
    """Return the loss with its numbers, term by term where there are few."""
    root = telling.graph.root
    operation = root.operation
    assert isinstance(operation, TotalLoss)
    quantity: Key = root.quantity
    lead = paragraph("The loss is")
    if operation.blocks * root.parent_shapes[0][0] <= MOST_LOSS_TERMS and operation.penalty is None:
        return [lead, equation(telling.line(quantity, operation.element(root, root.quantity)))]
    steps = (Step("=", loss_symbols(telling)), Step("=", telling.value(quantity)))
    return [lead, equation(EquationLine(telling.letters(quantity), steps))]
