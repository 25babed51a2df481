"""What is to be found: the quantities that a problem or a question asks for, in words and as boxes to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from solver.document.nodes import AnswerSpace, Block, Equation, EquationLine, Phrase, Step
from solver.document.telling import LARGEST, Telling
from solver.document.update import method
from solver.document.words import count, listed, paragraph, phrase
from solver.graph.node import Graph
from solver.notation import math as m
from solver.quantities import Along, Key, Partial, Quantity, Role
from solver.spec.digits import digits_of
from solver.trace.asked import asked, named

BOX = 4.0
"""Width of a box for an answer, in em."""

NARROW_BOX = 3.0
"""The same in a matrix of many columns."""

MOST_BOXES = 64
"""Elements of one array that get a box each."""

SPACE = 8.0
"""Room for the work where nothing says how much, in centimetres."""

_PREFIXES = {role.value: role for role in Role if role not in (Role.VALUE, Role.GRADIENT, Role.UPDATED)}


def quantities_of(graph: Graph, name: str) -> list[Quantity]:
    """Return the elements that a name of the contract means: "dL/dW1[3,1]", "h2", "W1'", "m_W1".

    Raises:
        LookupError: The graph has nothing of this name.
    """
    head, bracket, rest = name.partition("[")
    role, plain = Role.VALUE, head.strip()
    if "/d" in plain:
        role, plain = Role.GRADIENT, plain.split("/d", 1)[1]
    elif plain.endswith("'"):
        role, plain = Role.UPDATED, plain[:-1]
    else:
        prefix, _, stem = plain.partition("_")
        if prefix in _PREFIXES and any(node.quantity.array_name == stem for node in graph.nodes):
            role, plain = _PREFIXES[prefix], stem
    found = [
        element for quantity in named(graph, plain + bracket + rest) for element in _elements(graph, quantity)
    ]
    of = graph.root.quantity.base
    return [
        element.gradient(of) if role is Role.GRADIENT else replace(element, role=role) for element in found
    ]


def _elements(graph: Graph, quantity: Quantity) -> Iterator[Quantity]:
    """Yield the elements of an array, or the element itself."""
    node = graph.node(quantity)
    if quantity.index or (not node.shape and not node.per_sample):
        yield quantity if quantity.sample is not None or not node.per_sample else quantity.of_sample(1)
        return
    samples = range(1, graph.samples + 1) if node.per_sample else (None,)
    for sample in samples:
        yield from graph.elements(quantity, sample)


def contract_name(graph: Graph, element: Quantity) -> str:
    """Return the contract's name of an element; a single sample that the author did not write as a row has no index."""
    return str(element if graph.sample_axis else element.of_sample(None))


def key_name(graph: Graph, key: Key) -> str:
    """Return the name of any key: a local derivative is written with the names of both its quantities."""
    match key:
        case Quantity():
            return contract_name(graph, key)
        case Partial(of, by):
            return f"d{contract_name(graph, of)}/d{contract_name(graph, by)}"
        case Along(target, path):
            return f"{contract_name(graph, target)} along path {path}"
        case _:
            return str(key)


def gradients_asked(telling: Telling) -> list[Quantity]:
    """Return the gradients that the work asks for, element by element."""
    graph = telling.graph
    what = asked(telling.problem, telling.model)
    of = graph.root.quantity.base
    if what.elements:
        return [element.gradient(of) for element in what.elements]
    return [element.gradient(of) for array in what.parameters for element in _elements(graph, array)]


def results_asked(telling: Telling) -> list[Quantity]:
    """Return the gradients that the work asks for; where it asks for none, the value that everything leads to."""
    return gradients_asked(telling) or [telling.graph.root.quantity]


def tasks(telling: Telling) -> list[Block]:
    """Return what a sheet asks for where no exam says more: the gradients, and the update where the work has one."""
    gradients = gradients_asked(telling)
    how = shortened(telling) if gradients else ()
    blocks: list[Block] = [paragraph(*wording(telling, gradients), *how)]
    if not telling.numeric:
        return [*blocks, AnswerSpace(2 * SPACE)]
    blocks += [paragraph(*precision(telling)), *boxes(telling, results_asked(telling))]
    training = telling.model.training
    trained = [q for q in gradients if q.value.whole in telling.graph.trainable]
    if training is not None and telling.work.update and trained:
        blocks += [
            paragraph("Then update by ", method(telling), ":"),
            *boxes(telling, [q.value.updated() for q in trained]),
        ]
    return [*blocks, AnswerSpace(SPACE)]


def wording(telling: Telling, gradients: Sequence[Quantity]) -> Phrase:
    """Return the sentence that asks for gradients; without any, for the value that everything leads to."""
    verb = verb_of(telling)
    arrays = list(dict.fromkeys(quantity.whole for quantity in gradients))
    loss = telling.letters(telling.graph.root.quantity)
    if not gradients:
        return phrase(f"{verb} ", loss, ".")
    if len(gradients) <= 3:
        parameters = [phrase(telling.letters(quantity.value)) for quantity in gradients]
    else:
        parameters = [phrase(telling.letters(quantity.value)) for quantity in arrays]
    what = "derivative" if len(gradients) == 1 else "derivatives"
    return phrase(f"{verb} the {what} of ", loss, " with respect to ", listed(parameters), ".")


def shortened(telling: Telling) -> Phrase:
    """Return what a sheet has to add where the work leaves out cross terms: else it asks for another number."""
    if telling.model.reference is None:
        return ()
    return phrase(" Differentiate each output of the softmax with respect to its own pre-activation alone.")


def verb_of(telling: Telling) -> str:
    """Return what is to be done: numbers are computed, letters are derived."""
    return "Compute" if telling.numeric else "Derive"


def precision(telling: Telling) -> Phrase:
    """Return the sentence that says how many digits an answer has."""
    digits = digits_of(telling.problem)
    amount = (
        count(digits.decimals, "decimal place")
        if digits.decimals is not None
        else count(digits.significant, "significant digit")
    )
    return phrase(
        f"Give every value to {amount}. You may carry full precision or round each result; both are right."
    )


def boxes(telling: Telling, quantities: Sequence[Quantity]) -> list[Block]:
    """Return a box for each quantity: whole arrays as a matrix of boxes, single elements as lines."""
    groups: dict[Quantity, list[Quantity]] = {}
    for quantity in quantities:
        groups.setdefault(quantity.whole, []).append(quantity)
    lines: list[EquationLine] = []
    for whole, elements in groups.items():
        lines += _lines(telling, whole, elements)
    pairs = [tuple(lines[place : place + 2]) for place in range(0, len(lines), 2)]
    return [Equation(tuple(pairs))] if pairs else []


def _lines(telling: Telling, whole: Quantity, elements: list[Quantity]) -> list[EquationLine]:
    graph = telling.graph
    node = graph.node(whole.value)
    size = sum(1 for _ in _elements(graph, whole.value))
    columns = node.shape[-1] if node.shape else 1
    whole_array = 1 < size == len(elements) <= MOST_BOXES and len(node.shape) <= 2
    if whole_array and all(axis <= LARGEST for axis in node.shape):
        width = BOX if columns <= 4 else NARROW_BOX
        body = telling.array(whole, lambda key: m.Blank(width, str(key)))
        return [EquationLine(telling.letters(whole), (Step("=", body),))]
    if len(elements) > MOST_BOXES:
        return [EquationLine(telling.letters(whole), (Step("=", m.Blank(2 * BOX)),))]
    return [
        EquationLine(telling.letters(element), (Step("=", m.Blank(BOX, str(element))),))
        for element in elements
    ]
