"""Random problems, and published solutions of them: right ones, and ones with a mistake and its consequences in them.

A solution is a list of claims on every quantity that is computed. It is printed as a person prints it, from float64 or by
hand; nothing of `solver.review` takes part in making it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from solver.arithmetic import Digits, Float64
from solver.exercises.mistakes import MISTAKES, Cell, Edit, Plant, Subject, all_elements, outcomes
from solver.formula import Formula
from solver.graph import Model, build
from solver.graph.node import Leaf
from solver.quantities import Key, Quantity, Role
from solver.review.figures import Figure, cell_of, order_of, with_finest
from solver.spec import loads_problem
from solver.trace.chain import chain_rule
from solver.trace.json_form import by_hand_values
from solver.trace.paths import count_paths
from solver.trace.solve import StepValues
from solver.trace.updates import update_formulas

Random = np.random.Generator


LARGER = """
[network]
inputs = [1, 0.5, -1, 2]
targets = [1, 0, 0]
loss = { name = "squared_error", factor = 0.5 }
learning_rate = 0.1
[[network.layer]]
weights = [
  [0.2, -0.1, 0.4, 0.1], [-0.3, 0.2, 0.1, -0.2], [0.1, 0.3, -0.2, 0.2], [0.5, -0.3, 0.2, 0.1], [0.3, 0.1, -0.2, 0.4],
]
biases = [0, 0.1, -0.1, 0.2, 0.05]
activation = "sigmoid"
[[network.layer]]
weights = [[0.3, -0.2, 0.1, 0.2, -0.5], [-0.4, 0.1, 0.2, 0.3, 0.1], [0.2, -0.1, 0.4, -0.2, 0.3]]
biases = [0.05, -0.05, 0.1]
activation = "softmax"
"""
"""A network with more than a hundred figures."""


def random_network(rng: Random) -> str:
    """Return the TOML text of a dense network with one to three layers."""
    inputs, depth = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    samples = int(rng.choice([1, 1, 1, 2, 3]))
    widths = [int(rng.integers(2, 5)) for _ in range(depth)]
    loss, last = _ending(rng)
    from_to = bool(rng.random() < 0.3)
    x = rng.choice(np.arange(-20, 21) / 10, size=(samples, inputs))
    lines = ["[network]", f"inputs = {_nested(x if samples > 1 else x[0])}"]
    targets = _targets(rng, loss, samples, widths[-1])
    lines.append(f"targets = {_nested(targets if samples > 1 else targets[0])}")
    factor = ", factor = 0.5" if loss == "squared_error" and rng.random() < 0.5 else ""
    mean = ', outputs = "mean"' if rng.random() < 0.3 else ""
    lines.append(f'loss = {{ name = "{loss}"{factor}{mean} }}')
    lines.append(f"learning_rate = {rng.choice([0.5, 0.1, 0.05, 0.2])}")
    if from_to:
        lines.append('weight_order = "from-to"')
    biases = [int(rng.integers(0, 3)) for _ in range(depth)]
    fixed = [f'"b{k + 1}"' for k in range(depth) if biases[k] and rng.random() < 0.2]
    if fixed:
        lines.append(f"fixed = [{', '.join(fixed)}]")
    width = inputs
    for number, units in enumerate(widths):
        shape = (width, units) if from_to else (units, width)
        weights = rng.choice([v / 10 for v in range(-10, 11) if v], size=shape)
        lines += ["[[network.layer]]", f"weights = {_nested(weights)}"]
        if biases[number] == 1:
            lines.append(f"biases = {_nested(rng.choice(np.arange(-5, 6) / 10, size=units))}")
        elif biases[number] == 2:
            lines.append(f"bias = {rng.choice([0.1, 0.35, -0.2])}")
        name = (
            last if number == depth - 1 else rng.choice(["sigmoid", "tanh", "relu", "leaky_relu", "softplus"])
        )
        lines.append(f'activation = "{name}"')
        width = units
    return "\n".join(lines) + "\n"


def _ending(rng: Random) -> tuple[str, str]:
    return [
        ("squared_error", "sigmoid"), ("squared_error", "softmax"), ("squared_error", "linear"),
        ("squared_error", "tanh"), ("binary_cross_entropy", "sigmoid"), ("cross_entropy", "softmax"),
    ][int(rng.integers(0, 6))]  # fmt: skip


def _targets(rng: Random, loss: str, samples: int, units: int) -> Any:
    if loss == "cross_entropy":
        return np.eye(units)[rng.integers(0, units, size=samples)]
    if loss == "binary_cross_entropy":
        return rng.integers(0, 2, size=(samples, units)).astype(float)
    return rng.choice([0, 1, 0.5, -0.5], size=(samples, units))


def _nested(array: Any) -> str:
    plain = np.asarray(array)
    if plain.ndim == 0:
        return f"{float(plain):g}"
    return "[" + ", ".join(_nested(row) for row in plain) + "]"


@dataclass(frozen=True)
class Printer:
    """How a solution is printed: so many significant digits, or decimals."""

    digits: int
    decimals: bool = False

    def __call__(self, value: float) -> Decimal:
        """Return a number as it is printed."""
        if self.decimals:
            return Decimal(f"{value:.{self.digits}f}")
        if value == 0:
            return Decimal(0)
        return Decimal(f"{value:.{self.digits - 1}e}")


@dataclass(frozen=True)
class Solution:
    """A published solution.

    Attributes:
        model: What it is a solution of.
        figures: What it prints, in order of work.
        true: The true values.
        plant: The mistake in it, as the table names it; "" for a right one.
        telling: What happened, in words.
    """

    model: Model
    figures: tuple[Figure, ...]
    true: tuple[float, ...]
    mistake: str = ""
    telling: str = ""

    def first_difference(self, right: Sequence[Figure]) -> int | None:
        """Return the number of the first figure that is printed otherwise than in a right solution."""
        for number, (one, other) in enumerate(zip(self.figures, right, strict=True)):
            if one.value != other.value:
                return number
        return None


def elements_of(model: Model) -> Iterator[tuple[Quantity, Cell]]:
    """Yield everything that a solution of one step prints, in order of work."""
    graph = model.graph
    keys = [n.quantity for n in graph.nodes if not isinstance(n.operation, Leaf)]
    keys += [graph.gradient(n.quantity) for n in graph.nodes
             if n.quantity not in (graph.root.quantity, *graph.targets, *graph.inputs)
             and n.operation != Leaf("constant")]  # fmt: skip
    if model.training is not None:
        keys += [parameter.updated() for parameter in graph.parameters] + [graph.root.quantity.updated()]
    found = [element for key in keys for element in all_elements(graph, key)]
    found.sort(key=lambda element: order_of(graph, element, 1))
    for element in found:
        yield element, cell_of(graph, element, 1)


def printed(
    model: Model, cells: Sequence[tuple[Quantity, Cell]], values: Sequence[Decimal]
) -> tuple[Figure, ...]:
    """Return figures of these values."""
    figures = [
        Figure(number, (), element, 1, cell, str(value), value, order_of(model.graph, element, 1))
        for number, ((element, cell), value) in enumerate(zip(cells, values, strict=True))
    ]
    return tuple(with_finest(figures))


def right_solution(model: Model, printer: Printer) -> Solution:
    """Return a solution with full precision carried and everything right."""
    cells = list(elements_of(model))
    values = outcomes(model, [()], [cell for _, cell in cells])[0][0]
    return Solution(model, printed(model, cells, [printer(v) for v in values]), tuple(map(float, values)))


def with_mistake(model: Model, printer: Printer, name: str, rng: Random) -> Solution | None:
    """Return a solution with one mistake of a sort, carried through; None where it cannot be made, or does not show."""
    cells = list(elements_of(model))
    right = right_solution(model, printer)
    record = MISTAKES[name]
    if record.plants is not None and (record.misprints is None or rng.random() < 0.7):
        return _planted(model, printer, right, cells, list(record.planted(Subject(model))), rng)
    for _ in range(20):
        found = _written(model, printer, right, cells, name, rng)
        if found is not None:
            return found
    return None


def _planted(
    model: Model, printer: Printer, right: Solution, cells: Sequence[tuple[Quantity, Cell]],
    plants: Sequence[Plant], rng: Random,
) -> Solution | None:  # fmt: skip
    # Whole arrays and single elements are equally likely, however many elements there are.
    wide = [plant for plant in plants if not plant.place.index]
    narrow = [plant for plant in plants if plant.place.index]
    for _ in range(20):
        pool = [group for group in (wide, narrow) if group]
        if not pool:
            return None
        group = pool[int(rng.integers(0, len(pool)))]
        plant = group[int(rng.integers(0, len(group)))]
        found = _carried(model, printer, right, cells, plant.edits, plant.mistake, str(plant.saying))
        if found is not None:
            return found
    return None


def _carried(
    model: Model, printer: Printer, right: Solution, cells: Sequence[tuple[Quantity, Cell]],
    edits: Sequence[Edit], mistake: str, telling: str,
) -> Solution | None:  # fmt: skip
    values, alive = outcomes(model, [edits], [cell for _, cell in cells])
    if not alive[0] or not np.isfinite(values).all() or np.abs(values).max() > 1e6:
        return None
    figures = printed(model, cells, [printer(v) for v in values[0]])
    solution = Solution(model, figures, right.true, mistake, telling)
    return solution if visible(solution, right) else None


def visible(solution: Solution, right: Solution) -> bool:
    """Return whether a mistake can be seen: its first printed figure is no rounding of the truth, even a careless one."""
    number = solution.first_difference(right.figures)
    if number is None:
        return False
    figure, true = solution.figures[number], solution.true[number]
    return abs(float(figure.value) - true) > 1.01 * figure.unit


def _written(
    model: Model,
    printer: Printer,
    right: Solution,
    cells: Sequence[tuple[Quantity, Cell]],
    name: str,
    rng: Random,
) -> Solution | None:
    """Change one printed figure; half of the time the rest of the solution goes on with it."""
    number = int(rng.integers(0, len(cells)))
    figure = right.figures[number]
    if name == "other-quantity":
        other = int(rng.integers(0, len(cells)))
        options = [right.figures[other].value]
        telling = f"the value of {cells[other][0]} was printed for {cells[number][0]}"
    else:
        options = [misprint.value for misprint in MISTAKES[name].misprinted(figure.value)]
        telling = f"{name} in {cells[number][0]}"
    if not options:
        return None
    value = options[int(rng.integers(0, len(options)))]
    if math.isclose(float(value), float(figure.value)) or not visible_change(
        figure, value, right.true[number]
    ):
        return None
    values = [other.value for other in right.figures]
    if rng.random() < 0.5:
        edit = substitution(cells[number], float(value))
        carried, alive = outcomes(model, [[edit]], [cell for _, cell in cells])
        if not alive[0] or not np.isfinite(carried).all() or np.abs(carried).max() > 1e6:
            return None
        values = [printer(v) for v in carried[0]]
        telling += ", carried on"
    values[number] = value
    return Solution(model, printed(model, cells, values), right.true, name, telling)


def visible_change(figure: Figure, value: Decimal, true: float) -> bool:
    """Return whether another figure in its place can be seen to be wrong."""
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(float(value) - true) > 1.01 * max(figure.unit, 10.0**exponent)


def with_every_figure_wrong(model: Model, printer: Printer, rng: Random) -> Solution:
    """Return a solution in which every figure is wrong, each by a mistake of its own; what cannot be is left out."""
    cells = list(elements_of(model))
    right = right_solution(model, printer)
    made = [plant for record in MISTAKES.values() for plant in record.planted(Subject(model))]
    values, alive = outcomes(model, [plant.edits for plant in made], [cell for _, cell in cells])
    wrong: list[tuple[tuple[Quantity, Cell], Decimal]] = []
    for place, figure in enumerate(right.figures):
        options: dict[str, list[Decimal]] = {}
        for name, record in MISTAKES.items():
            options[name] = [misprint.value for misprint in record.misprinted(figure.value)]
        for number in np.flatnonzero(alive):
            options[made[number].mistake].append(printer(values[number, place]))
        seen = {
            name: [value for value in found if visible_change(figure, value, right.true[place])]
            for name, found in options.items()
        }
        names = sorted(name for name, found in seen.items() if found)
        if names:
            chosen = seen[names[int(rng.integers(len(names)))]]
            wrong.append((cells[place], chosen[int(rng.integers(len(chosen)))]))
    figures = printed(model, [cell for cell, _ in wrong], [value for _, value in wrong])
    return Solution(model, figures, right.true, "all")


def substitution(cell: tuple[Quantity, Cell], value: float) -> Edit:
    """Return the edit that writes a number down at one element."""
    element, place = cell

    def change(sight: Any) -> Any:
        array = sight.array.copy()
        array.reshape(-1)[place.place] = value
        return array

    return Edit(element.whole, change)


def random_model(rng: Random) -> Model:
    """Return a random network as a graph."""
    return build(loads_problem(random_network(rng)))


def by_hand_solution(model: Model, digits: Digits, rng: Random, *, paths: bool) -> Solution | None:
    """Return a right solution in which every shown value went on rounded; None where it cannot be worked out.

    Args:
        model: The problem.
        digits: To how many digits.
        rng: Decides whether trailing zeros are printed.
        paths: Whether gradients are worked out path by path, or by deltas and outer products.
    """
    cells = list(elements_of(model))
    lines: dict[Key, Formula] = {}
    graph = model.graph
    try:
        if paths:
            elements = [element for parameter in graph.parameters for element in graph.elements(parameter)]
            if count_paths(graph, elements) > 400:
                return None
            lines |= chain_rule(graph, elements).definitions
            if model.training is not None:
                for element in elements:
                    if element.whole in graph.trainable:
                        lines |= update_formulas(model.training, element)
        step = by_hand_values(model, digits, lines)
    except ArithmeticError:
        return None
    true = outcomes(model, [()], [cell for _, cell in cells])[0][0]
    values = [_by_hand_value(step, element, cell) for element, cell in cells]
    padded = bool(rng.random() < 0.7)
    return Solution(
        model, printed(model, cells, [_written_by_hand(v, digits, padded) for v in values]), tuple(true)
    )


def _by_hand_value(step: StepValues, element: Quantity, cell: Cell) -> float:
    whole = element.whole
    match element.role:
        case Role.VALUE:
            array = step.values[whole]
        case Role.GRADIENT:
            array = step.gradients[whole.value]
        case _ if whole in step.updated:
            array = step.updated[whole]
        case _:
            assert step.loss_after is not None
            array = step.loss_after
    return float(Float64().array(array[0]).ravel()[cell.place])


def _written_by_hand(value: float, digits: Digits, padded: bool) -> Decimal:
    if digits.decimals is not None and (abs(value) >= 10.0**-digits.decimals or value == 0):
        exact = Decimal(f"{value:.{digits.decimals}f}")
    elif value == 0:
        return Decimal(0)
    else:
        exact = Decimal(f"{value:.{digits.significant - 1}e}")
        if digits.decimals is not None:
            exact = Decimal(f"{value:.{max(2, digits.decimals) - 1}e}")
    return exact if padded else exact.normalize()
