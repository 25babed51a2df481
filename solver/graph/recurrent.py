"""From a recurrent network's file to its graph: one node per array and time step, the parameters shared by all steps.

The parameters are leaves that every step reads; so their gradients are sums over time steps by the rule by which any
gradient is a sum over readers, and no rule about time is needed.

Names, beside the contract's: the pre-activation and the activation of a gate are `a_f` and `h_f` (its bare letter would
collide: an LSTM's o is not the read-out `o`, a GRU's z not its pre-activation `z`), the state of an LSTM's cell is `s`
(the contract's `c` is the read-out's bias), what a GRU's reset gate leaves of the state is `rh`; the state before the
first step is `h0` and, in an LSTM, `s0`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from solver.formula.parser import parse
from solver.functions import ACTIVATIONS
from solver.graph.assembly import Assembly, activation_operation, filled, finished, total_loss
from solver.graph.dense import Affine, Elementwise
from solver.graph.model import Model
from solver.graph.node import Operation
from solver.graph.pointwise import Pointwise
from solver.quantities import Quantity
from solver.spec.array import Array
from solver.spec.fields import Number
from solver.spec.recurrent import GATES, Recurrent, RecurrentProblem

CELL_STATE = Pointwise(parse("f*s + i*g"), ("f", "s", "i", "g"))
"""s_t = f s_{t−1} + i g: what the forget gate keeps, and what the input gate lets in."""

LSTM_OUTPUT = Pointwise(parse("o*tanh(s)"), ("o", "s"))
"""h_t = o tanh(s_t)."""

RESET = Pointwise(parse("r*h"), ("r", "h"))
"""r h_{t−1}: the reset gate acts before W_n does (Cho et al. 2014)."""

MIXTURES = {
    "z-keeps": Pointwise(parse("(1 - z)*n + z*h"), ("z", "n", "h")),
    "z-replaces": Pointwise(parse("(1 - z)*h + z*n"), ("z", "n", "h")),
}
"""h_t of a GRU: the update gate keeps the old state (Cho et al. 2014), or replaces it (Chung et al. 2014)."""

_SQUASHED = {"g": "tanh", "n": "tanh"}
"""Gates that are tanh; the others are sigmoids."""


@dataclass
class _Cell:
    """A cell while it is unrolled: the parameters of its gates, and the state that it hands on."""

    parts: Assembly
    table: Recurrent
    units: int
    weights: dict[str | None, tuple[list[Quantity], list[Quantity], list[Quantity]]] = field(
        default_factory=dict
    )

    def parameters(
        self,
        gate: str | None,
        inputs: Array | None,
        hidden: Array | None,
        biases: Array | None,
        bias: Number | None,
    ) -> None:
        """Add U, W and b of a gate; None is the one gate of an Elman cell, which has no letter."""
        assert inputs is not None
        assert hidden is not None
        self.weights[gate] = (
            [self.parts.leaf(Quantity("U", gate=gate), "parameter", inputs.shape, inputs)],
            [self.parts.leaf(Quantity("W", gate=gate), "parameter", hidden.shape, hidden)],
            self.parts.biases(Quantity("b", gate=gate), self.units, biases, bias),
        )

    def gate(
        self, name: str | None, time: int, x: Quantity, h: Quantity, activation: Operation | None = None
    ) -> Quantity:
        """Add a = U x + W h + b and its activation at one time step."""
        inputs, hidden, biases = self.weights[name]
        operation = activation or Elementwise(ACTIVATIONS[_SQUASHED.get(name or "", "sigmoid")])
        before = self.add(
            Quantity("a", gate=name, time=time),
            Affine(self.table.from_to, terms=2),
            x,
            *inputs,
            h,
            *hidden,
            *biases,
        )
        return self.add(Quantity("h", gate=name, time=time), operation, before)

    def add(self, quantity: Quantity, operation: Operation, *parents: Quantity) -> Quantity:
        """Add an array of all units."""
        return self.parts.node(quantity, operation, parents, (self.units,))

    def initial(self, base: str, numbers: Array | None) -> Quantity:
        """Add the state before the first step, 0 where the file gives none."""
        start = numbers if numbers is not None else filled(0, self.units)
        return self.parts.leaf(Quantity(base, time=0), "input", (self.units,), start, per_sample=True)


State = tuple[Quantity, ...]
"""What one time step hands to the next: h, and in an LSTM s."""


def _elman(cell: _Cell, time: int, x: Quantity, state: State) -> State:
    """h_t = f(U x_t + W h_{t−1} + b)."""
    return (cell.gate(None, time, x, state[0], activation_operation(cell.table.activation)),)


def _lstm(cell: _Cell, time: int, x: Quantity, state: State) -> State:
    """f, i, o, g from x_t and h_{t−1}; s_t = f s_{t−1} + i g; h_t = o tanh(s_t)."""
    before, memory = state
    f, i, o, g = (cell.gate(name, time, x, before) for name in GATES["lstm"])
    memory = cell.add(Quantity("s", time=time), CELL_STATE, f, memory, i, g)
    return cell.add(Quantity("h", time=time), LSTM_OUTPUT, o, memory), memory


def _gru(cell: _Cell, time: int, x: Quantity, state: State) -> State:
    """z, r from x_t and h_{t−1}; n from x_t and r h_{t−1}; h_t is a mixture of n and h_{t−1}."""
    (before,) = state
    z, r = (cell.gate(name, time, x, before) for name in ("z", "r"))
    n = cell.gate("n", time, x, cell.add(Quantity("rh", time=time), RESET, r, before))
    return (cell.add(Quantity("h", time=time), MIXTURES[cell.table.convention], z, n, before),)


CELLS: Mapping[str, Callable[[_Cell, int, Quantity, State], State]] = {
    "elman": _elman,
    "lstm": _lstm,
    "gru": _gru,
}
"""One time step of each cell."""


def recurrent_model(problem: RecurrentProblem) -> Model:
    """Return the graph of a recurrent network through time, and its numbers."""
    table = problem.recurrent
    units, steps = table.units, range(1, table.steps_in_time + 1)
    assert units is not None
    parts = Assembly()
    inputs = [_row(parts, "input", Quantity("x", time=time), table.inputs, time) for time in steps]
    cell = _Cell(parts, table, units)
    state: State = (cell.initial("h", table.initial),)
    if table.cell == "lstm":
        state += (cell.initial("s", table.initial_cell),)
    if table.cell == "elman":
        cell.parameters(None, table.input_weights, table.hidden_weights, table.biases, table.bias)
    for name in GATES[table.cell]:
        gate = table.gates[name]
        cell.parameters(name, gate.input_weights, gate.hidden_weights, gate.biases, gate.bias)
    hidden: list[Quantity] = []
    for time, x in zip(steps, inputs, strict=True):
        state = CELLS[table.cell](cell, time, x, state)
        hidden.append(state[0])
    blocks = _read_out(parts, table, hidden)
    total_loss(parts, table.loss, blocks, samples=1, l2=table.l2)
    return finished(parts, table, words="recurrent")


def _read_out(parts: Assembly, table: Recurrent, hidden: list[Quantity]) -> list[tuple[Quantity, Quantity]]:
    """Add o_t = g(V h_t + c) and the targets at every step, or at the last alone; return them in pairs."""
    length = len(hidden)
    read = [(time, None) for time in range(1, length + 1)] if table.every_step else [(length, 1)]
    outputs = [hidden[time - 1] for time, _ in read]
    if table.output is not None:
        width = table.outputs
        assert width is not None
        weights = parts.leaf(Quantity("V"), "parameter", table.output.weights.shape, table.output.weights)
        biases = parts.biases(Quantity("c"), width, table.output.biases, table.output.bias)
        operation = activation_operation(table.output.activation)
        for place, (time, row) in enumerate(read):
            z = parts.node(
                Quantity("z", time=time, row=row),
                Affine(table.from_to),
                [outputs[place], weights, *biases],
                (width,),
            )
            outputs[place] = parts.node(Quantity("o", time=time, row=row), operation, [z], (width,))
    targets = [
        _row(parts, "target", Quantity("t", time=time, row=row), table.targets, row or time)
        for time, row in read
    ]
    return list(zip(outputs, targets, strict=True))


def _row(parts: Assembly, kind: str, quantity: Quantity, rows: Array, number: int) -> Quantity:
    """Add one row of the file's numbers as a leaf of its own."""
    return parts.leaf(quantity, kind, rows.shape[1:], Array(rows.exact[number - 1]), per_sample=True)
