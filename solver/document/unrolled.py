"""The figures of a recurrent network: unrolled through time, with paths lit; and one step of a gated cell."""

from __future__ import annotations

from dataclasses import replace

from solver.document.drawing import tone_of
from solver.document.guide import Guide
from solver.document.nodes import Figure, Phrase
from solver.document.routes import penalised, penalty_words
from solver.document.telling import Telling
from solver.document.time_arrays import table_of, time_letters
from solver.document.words import count, listed, phrase
from solver.figures.cells import GruPicture, LstmPicture, gru_scene, lstm_scene
from solver.figures.picture import Highlight, LitPath
from solver.figures.unrolled import State, TimeStep, UnrolledFigure, UnrolledPicture, unrolled_figure
from solver.figures.wiring import Gate
from solver.graph.dense import Affine
from solver.graph.node import Graph
from solver.notation import math as m
from solver.quantities import Quantity
from solver.trace.chain import Chain


def overview(telling: Telling) -> tuple[Figure, UnrolledFigure]:
    """Return the network unrolled through time with its names, and what the drawing leaves out."""
    drawn = unrolled_figure(_picture(telling, shown=False))
    length = max(node.quantity.time or 0 for node in telling.graph.nodes)
    return Figure(
        drawn.scene, f"The network unrolled through {count(length, 'time step')}.", _elision(drawn)
    ), drawn


def lit(telling: Telling, chain: Chain) -> Figure:
    """Return the drawing with the paths of one chain lit, values beside the lit nodes."""
    paths = []
    for number, product in enumerate(chain.products, start=1):
        tone = "highlighted" if len(chain.products) == 1 else tone_of(number)
        paths.append(LitPath(_stops(telling, product.path.elements), tone))
    drawn = unrolled_figure(_picture(telling, shown=True), Highlight(tuple(paths)))
    many = count(len(chain.products), "path")
    alt = f"The network through time with {many} from {chain.target.value} to the loss lit."
    return Figure(drawn.scene, alt, _elision(drawn))


def _stops(telling: Telling, elements: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
    """Return the nodes that a path visits, from what the parameter is multiplied with to the loss."""
    graph = telling.graph
    start, entered = elements[0], graph.node(elements[1])
    stops = [element.whole for element in elements[1:]]
    if isinstance(entered.operation, Affine):
        place = entered.parents.index(start.whole)
        if place % 2 and place < 2 * entered.operation.terms:
            stops.insert(0, entered.parents[place - 1])
    if stops[-1] != graph.root.quantity:
        stops.append(graph.root.quantity)
    return tuple(stops)


def _elision(drawn: UnrolledFigure) -> Phrase:
    if drawn.elided is None:
        return ()
    first, last = drawn.elided
    return phrase(f"Steps {first} to {last} are not drawn.")


def _picture(telling: Telling, *, shown: bool) -> UnrolledPicture:
    graph = telling.graph
    by_time: dict[int, dict[str, list[Quantity]]] = {}
    for node in graph.nodes:
        quantity = node.quantity
        if quantity.time is not None:
            by_time.setdefault(quantity.time, {}).setdefault(quantity.base, []).append(quantity)

    def state(quantity: Quantity, also: tuple[Quantity, ...] = ()) -> State:
        value = telling.column(quantity) if shown and time_letters(telling).single(quantity) else None
        return State(quantity, telling.letters(quantity), value, also)

    steps = []
    for time in sorted(by_time):
        if time == 0:
            continue
        arrays = by_time[time]
        hidden = Quantity("h", time=time)
        inside = tuple(
            quantity
            for base in ("a", "h", "s", "rh")
            for quantity in arrays.get(base, [])
            if quantity != hidden
        )
        outputs = arrays.get("o", [])
        output = state(outputs[0], tuple(arrays.get("z", []))) if outputs else None
        scored = hidden in graph.root.parents
        steps.append(TimeStep(state(hidden, inside), state(arrays["x"][0]), output, scored=scored))
    initial = Quantity("h", time=0)
    memory = tuple(q for q in by_time[0].get("s", []))
    weights = [
        telling.letters(Quantity(base)) if Quantity(base) in graph.by_quantity else None
        for base in ("U", "W", "V")
    ]
    loss = graph.root.quantity
    return UnrolledPicture(tuple(steps), state(initial, memory), State(loss, telling.letters(loss)), *weights)


# --- one step of a gated cell ----------------------------------------------------------------------------


def cell(telling: Telling) -> Figure | None:
    """Return one step of a gated cell, None for an Elman cell, whose step is one equation."""
    graph = telling.graph
    gates = {node.quantity.gate for node in graph.nodes if node.quantity.gate is not None}
    if not gates:
        return None
    t = time_letters(telling).step
    clock = {0: m.row(t, m.Operator("−"), m.Digits("1")), 1: t}
    letters = replace(time_letters(telling), clock=clock)

    def state(base: str, time: int, gate: str | None = None) -> State:
        quantity = Quantity(base, gate=gate, time=time)
        return State(quantity, letters(quantity))

    def gate(name: str, sign: str) -> Gate:
        return Gate(state("h", 1, name), m.Symbol(sign))

    x, before, after = state("x", 1), state("h", 0), state("h", 1)
    times = m.Operator("×" if letters.single(after.quantity) else letters.notation.hadamard)
    if "f" in gates:
        picture = LstmPicture(
            x, before, state("s", 0), gate("f", "σ"), gate("i", "σ"), gate("g", "tanh"), gate("o", "σ"),
            state("s", 1), after, m.Symbol("tanh"), times,
        )  # fmt: skip
        return Figure(
            lstm_scene(picture), "One step of an LSTM cell: its gates and the two states that it hands on."
        )
    keeps = table_of(telling).convention == "z-keeps"
    gru = GruPicture(x, before, gate("z", "σ"), gate("r", "σ"), gate("n", "tanh"), after, keeps, times)
    return Figure(gru_scene(gru), "One step of a GRU cell: its gates and the state that it hands on.")


# --- words for a path ------------------------------------------------------------------------------------


def route(telling: Telling, chain: Chain) -> Phrase:
    """Return where a parameter is used, and how many paths lead to the loss from each of these steps."""
    groups = steps_of(chain)
    where = _use(telling, chain)
    if penalised(chain):
        return phrase(where, " ", penalty_words(telling))
    number = len(chain.products)
    if number == 1:
        return phrase(where, " One path leads from there to the loss.")
    parts = [f"{count(many, 'path').removesuffix(' path')} from step {time}" for time, many in groups]
    if len(groups) == 1:
        return phrase(where, f" From there {count(number, 'path')} lead to the loss; each adds one product.")
    verb = "leads" if groups[0][1] == 1 else "lead"
    head = f" {count(groups[0][1], 'path').capitalize()} {verb} to the loss from step {groups[0][0]}, "
    return phrase(where, head, listed(parts[1:]), "; each adds one product.")


def _use(telling: Telling, chain: Chain) -> Phrase:
    """Return the words on what a parameter does: in every step, or in one."""
    graph, parameter = telling.graph, telling.letters(chain.target.value)
    groups = steps_of(chain)
    through = [product for product in chain.products if product not in penalised(chain)]
    element = through[-1].path.elements[1]
    node = graph.node(element)
    operation = node.operation
    time = element.time
    assert time is not None
    letters = time_letters(telling)
    every = len(groups) > 1
    if every:
        t = time_letters(telling).step
        letters = replace(letters, clock={time: t, time - 1: m.row(t, m.Operator("−"), m.Digits("1"))})
    when = " in every step" if every else f" in step {time}"
    place = node.parents.index(chain.target.value.whole)
    entered = letters(_named(graph, element))
    if isinstance(operation, Affine) and place % 2 and place < 2 * operation.terms:
        from_ = operation.ends(chain.target.value.index)[1]
        source = letters(operation.entering(node, 1, from_, place // 2))
        return phrase("The weight ", parameter, f" leads{when} from ", source, " to ", entered, ".")
    return phrase("The bias ", parameter, " enters ", entered, f"{when}.")


def _named(graph: Graph, element: Quantity) -> Quantity:
    """Return what is written for an element: a linear read-out for its pre-activation."""
    if element.base != "z":
        return element
    after = next(node for node, _ in graph.consumers[element.whole] if node.quantity.base == "o")
    return after.quantity.at(*element.index).of_sample(element.sample)


def steps_of(chain: Chain) -> list[tuple[int, int]]:
    """Return (time step, number of paths that begin there) in the order of the paths."""
    found: dict[int, int] = {}
    for product in chain.products:
        if product not in penalised(chain):
            time = product.path.elements[1].time or 0
            found[time] = found.get(time, 0) + 1
    return list(found.items())


def parts(chain: Chain) -> tuple[tuple[str, int], ...]:
    """Return the groups of paths that begin in the same step, none where all do; that of a penalty comes last."""
    groups = [(f"step {time}", many) for time, many in steps_of(chain)]
    groups += [("penalty", 1) for _ in penalised(chain)]
    return tuple(groups) if len(groups) > 1 else ()


GUIDE = Guide(route, lit, parts)
"""What is said and drawn of the paths through time."""
