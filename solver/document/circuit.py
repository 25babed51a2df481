"""The circuit of an expression: its operations as boxes, on every wire the value above and the gradient below.

A node that is one operation shows that operation's sign ("+", "×", "max", "+ 1"); one that is a whole formula shows it.
"""

from __future__ import annotations

from solver import formula as f
from solver.document.circuit_words import LEADS, SIDES
from solver.document.drawing import tone_of
from solver.document.nodes import Figure, Paragraph
from solver.document.telling import Telling, written
from solver.document.words import count
from solver.figures.circuit import CircuitPath, CircuitPicture, Component, circuit_scene, runs_downwards
from solver.figures.measure import box
from solver.graph.node import Leaf, Node
from solver.notation import math as m
from solver.notation.names import function_name
from solver.quantities import Quantity
from solver.trace.chain import Chain
from solver.trace.sweep import Sweep

WIDEST_BOX = 4.5
"""Width in centimetres up to which a box holds a whole formula; past it the box holds the name of the node."""

Operands = tuple[Quantity, ...]


def drawn(telling: Telling) -> Figure:
    """Return the circuit with names alone."""
    return Figure(circuit_scene(_picture(telling, None)), f"The circuit of {_words(telling)}.")


def computed(telling: Telling, sweep: Sweep) -> tuple[Paragraph, Figure]:
    """Return the circuit with value and gradient on the two sides of every wire, and what is said of it."""
    picture = _picture(telling, sweep)
    downwards = runs_downwards(picture)
    value, slope = SIDES[downwards]
    alt = f"The circuit of {_words(telling)}, for every wire the value {value} and the gradient {slope}."
    return LEADS[downwards], Figure(circuit_scene(picture), alt)


def lit(telling: Telling, chain: Chain) -> Figure:
    """Return the circuit with the paths of one chain lit."""
    paths = [
        CircuitPath(
            tuple(element.base for element in product.path.elements),
            "highlighted" if len(chain.products) == 1 else tone_of(number),
        )
        for number, product in enumerate(chain.products, start=1)
    ]
    number = count(len(chain.products), "path")
    alt = f"The circuit with {number} from {chain.target.value} to the output lit."
    return Figure(circuit_scene(_picture(telling, None, values=True), paths), alt)


def _words(telling: Telling) -> str:
    graph = telling.graph
    steps = sum(not isinstance(node.operation, Leaf) for node in graph.nodes)
    return f"{graph.root.quantity.base}, computed in {count(steps, 'step')}"


def _picture(telling: Telling, sweep: Sweep | None, *, values: bool = False) -> CircuitPicture:
    """Return what the drawing shows: names; with a sweep values, gradients and shares too."""
    shares: dict[str, list[tuple[str, m.Math]]] = {}
    for stop in sweep.stops if sweep is not None else ():
        if stop.forks:
            shares[stop.quantity.base] = [
                (inflow.reader.base, telling.value(inflow.key)) for inflow in stop.inflows
            ]
    components = []
    for node in telling.graph.nodes:
        quantity, given = node.quantity, isinstance(node.operation, Leaf)
        label, operands = (telling.letters(quantity), ()) if given else operation(telling, node)
        components.append(
            Component(
                quantity.base,
                label,
                tuple(operand.base for operand in operands),
                None if given else telling.letters(quantity),
                telling.value(quantity) if values or sweep is not None else None,
                telling.value(telling.graph.gradient(quantity)) if sweep is not None else None,
                tuple(shares.get(quantity.base, ())),
            )
        )
    return CircuitPicture(tuple(components))


def operation(telling: Telling, node: Node) -> tuple[m.Math, Operands]:
    """Return what the box of a computed node says, and its operands, one as often as the sign needs it."""
    formula = telling.graph.made_by(node.quantity)
    sign = _sign(formula)
    if sign is not None:
        operands = tuple(part.quantity for part in f.walk(formula) if isinstance(part, f.Ref))
        return sign, tuple(operand for operand in operands if isinstance(operand, Quantity))
    whole = telling.symbols(formula)
    label = whole if box(whole, "small")[0] <= WIDEST_BOX else telling.letters(node.quantity)
    return label, node.parents


def _sign(formula: f.Formula) -> m.Math | None:
    """Return the sign of a formula that is one operation on names and numbers, else None."""
    match formula:
        case f.Sum((first, second)):
            return _added(first, second)
        case f.Sum(terms) if all(isinstance(term, f.Ref) for term in terms):
            return m.Operator("+")
        case f.Product(factors) if all(isinstance(factor, f.Ref) for factor in factors):
            return m.Operator("×")
        case f.Product((f.Number() as number, f.Ref())) | f.Product((f.Ref(), f.Number() as number)):
            return m.row(m.Operator("×"), _written(number))
        case f.Quotient(f.Ref(), f.Ref()):
            return m.Operator("÷")
        case f.Quotient(f.Ref(), f.Number() as number):
            return m.row(m.Operator("÷"), _written(number))
        case f.Quotient(f.Number() as number, f.Ref()):
            return m.row(_written(number), m.Operator("÷"))
        case f.Negative(f.Ref()):
            return m.row(m.Operator("×"), m.Fenced(m.Digits("-1")))
        case f.Power(f.Ref(), f.Number() as number):
            return m.Script(m.Fenced(m.Space(0.5)), sup=_written(number))
        case f.Call(name, arguments) if all(isinstance(argument, f.Ref) for argument in arguments):
            return m.Symbol(function_name(name) or name)
        case _:
            return None


def _added(first: f.Formula, second: f.Formula) -> m.Math | None:
    match first, second:
        case f.Ref(), f.Ref():
            return m.Operator("+")
        case f.Ref(), f.Negative(f.Ref()):
            return m.Operator("−")
        case (f.Ref(), f.Number() as number) | (f.Number() as number, f.Ref()):
            return m.row(m.Operator("+"), _written(number))
        case f.Ref(), f.Negative(f.Number() as number):
            return m.row(m.Operator("−"), _written(number))
        case f.Number() as number, f.Negative(f.Ref()):
            return m.row(_written(number), m.Operator("−"))
        case _:
            return None


def _written(number: f.Number) -> m.Math:
    return written(number.value)
