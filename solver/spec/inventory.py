"""Which quantities a problem has, and in what shape: the names that a file may ask for, claim, fix or draw.

Shapes are those of the contract's JSON: parameters as written in the file, the sample (or the time step) as first axis
of everything computed, the sample axis only where the inputs are rows. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solver.spec.array import Array
from solver.spec.fields import Number
from solver.spec.vocabulary import optimizer_states, optimizers

if TYPE_CHECKING:
    from solver.spec.attention import Attention
    from solver.spec.convolution import Convolution
    from solver.spec.dense import Layer
    from solver.spec.expression import Expression
    from solver.spec.network import Network
    from solver.spec.problem import Problem
    from solver.spec.recurrent import Recurrent

Shape = tuple[int, ...]


@dataclass
class Inventory:
    """The quantities of one problem, without gradients, updates and optimizer state.

    Attributes:
        scalar: What is differentiated: "L", or the output of an expression.
        shapes: Of every quantity, in the order of computation; what is unknown because of a fault is left out.
        given: Those whose numbers stand in the file.
        parameters: Those that an update changes.
        constants: Those without a gradient.
        complete: Whether the file says enough to know them all.
    """

    scalar: str = "L"
    shapes: dict[str, Shape] = field(default_factory=dict)
    given: dict[str, Array | Number] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    constants: set[str] = field(default_factory=set)
    complete: bool = True

    def add(self, name: str, value: Array | Number, *, parameter: bool = False) -> None:
        """Add a quantity that the file gives."""
        self.given[name] = value
        self.shapes[name] = value.shape if isinstance(value, Array) else ()
        if parameter:
            self.parameters.append(name)

    def gradient(self, name: str) -> str:
        """Return the name of a quantity's gradient."""
        return f"d{self.scalar}/d{name}"

    @property
    def differentiable(self) -> dict[str, Shape]:
        """The quantities that have a gradient."""
        return {
            name: shape
            for name, shape in self.shapes.items()
            if name not in self.constants and name != self.scalar
        }


def known_quantities(problem: Problem, *, any_rule: bool = False) -> dict[str, Shape]:
    """Return every quantity of a problem by its name in the contract, with its shape.

    Args:
        problem: A problem of any kind.
        any_rule: Take it as updated by any optimizer, where a fault hides which one it is.

    Returns:
        Values first, then gradients, updated values and optimizer state; a scalar's shape is ().
    """
    inventory = inventory_of(problem)
    known = dict(inventory.shapes)
    known |= {inventory.gradient(name): shape for name, shape in inventory.differentiable.items()}
    rule = problem.body.update_rule
    rules = optimizers() if any_rule else (rule.name,) if rule is not None else ()
    if inventory.parameters and (rules or problem.symbolic):
        updated = [*inventory.parameters, inventory.scalar]
        known |= {f"{name}'": inventory.shapes[name] for name in updated if name in inventory.shapes}
        # What the update leaves alone has no state.
        trained = [name for name in inventory.parameters if name not in getattr(problem.body, "fixed", ())]
        known |= {
            f"{state}_{name}": inventory.shapes[name]
            for rule_name in rules
            for state in optimizer_states(rule_name)
            for name in trained
        }
    return known


def inventory_of(problem: Problem) -> Inventory:
    """Return the quantities of a problem of any kind."""
    match problem.kind:
        case "network":
            return _network(problem.network)
        case "expression":
            return _expression(problem.expression)
        case "recurrent":
            return _recurrent(problem.recurrent)
        case "convolution":
            return _convolution(problem.convolution)
        case "attention":
            return _attention(problem.attention)


def bias_name(layer: int) -> str:
    """Return the name of a layer's biases, the layer counted from 1."""
    return f"b{layer}"


def _network(network: Network) -> Inventory:
    found = Inventory(constants={"t"})
    lead = (network.samples,) if network.sample_axis else ()
    if isinstance(network.inputs, Array):
        found.add("x", network.inputs)
    else:
        found.shapes["x"] = (network.input_units,)
    width = _layers(found, network.layers, lead, network.from_to)
    if isinstance(network.targets, Array):
        found.add("t", network.targets)
    elif network.symbolic and width is not None:
        found.shapes["t"] = (width,)
    found.shapes["L"] = ()
    return found


def _layers(found: Inventory, layers: tuple[Layer, ...], lead: Shape, from_to: bool) -> int | None:
    """Add the quantities of dense layers; return the number of outputs, None where the file does not tell it."""
    width = found.shapes["x"][-1] if "x" in found.shapes else None
    for number, layer in enumerate(layers, 1):
        units = layer.unit_count(from_to)
        if units is None:
            found.complete = False
            continue
        if layer.weights is not None:
            found.add(f"W{number}", layer.weights, parameter=True)
        elif width is not None:
            found.shapes[f"W{number}"] = (width, units) if from_to else (units, width)
            found.parameters.append(f"W{number}")
        for name, value in (
            ("b", layer.bias if layer.biases is None else layer.biases),
            ("gamma", layer.gamma),
            ("beta", layer.beta),
        ):
            if value is True or (value is None and name != "b" and layer.normalize is not None):
                found.shapes[f"{name}{number}"] = (units,)
                found.parameters.append(f"{name}{number}")
            elif value is not None and value is not True:
                found.add(f"{name}{number}", value, parameter=True)
        stages = {"a": (*lead, units)}
        if layer.normalize is not None:
            moment = lead if layer.normalize == "layer" else (units,)
            stages |= {"mean": moment, "var": moment, "n": (*lead, units), "s": (*lead, units)}
        if layer.dropout is not None:
            stages["u"] = (*lead, units)
        stages["h"] = (*lead, units)
        found.shapes |= {f"{name}{number}": shape for name, shape in stages.items()}
        width = units
    return width


def _expression(expression: Expression) -> Inventory:
    found = Inventory(scalar=expression.output)
    for name, value in expression.inputs.items():
        found.add(name, value, parameter=name in expression.parameters)
    found.shapes |= dict.fromkeys(expression.nodes, ())
    return found


def _recurrent(recurrent: Recurrent) -> Inventory:
    from solver.spec.recurrent import GATES

    found = Inventory(constants={"t"})
    found.add("x", recurrent.inputs)
    units, time = recurrent.units, recurrent.steps_in_time
    weights = (recurrent.input_weights, recurrent.hidden_weights) if recurrent.cell == "elman" else ()
    found.complete = None not in weights and set(recurrent.gates) >= set(GATES[recurrent.cell])
    state = ("h0", "s0") if recurrent.cell == "lstm" else ("h0",)
    for name, value in zip(state, (recurrent.initial, recurrent.initial_cell), strict=False):
        if value is not None:
            found.add(name, value)
        elif units is not None:
            found.shapes[name] = (units,)
    if recurrent.cell == "elman":
        biases = recurrent.bias if recurrent.biases is None else recurrent.biases
        _add_parameters(found, {"U": recurrent.input_weights, "W": recurrent.hidden_weights, "b": biases})
    for name in GATES[recurrent.cell]:
        gate = recurrent.gates.get(name)
        if gate is not None:
            biases = gate.bias if gate.biases is None else gate.biases
            parameters = {"U": gate.input_weights, "W": gate.hidden_weights, "b": biases}
            _add_parameters(found, {f"{letter}_{name}": value for letter, value in parameters.items()})
    if units is not None:
        computed = ["a"] if recurrent.cell == "elman" else []
        computed += [f"{letter}_{name}" for name in GATES[recurrent.cell] for letter in ("a", "h")]
        computed += [*{"lstm": ["s"], "gru": ["rh"]}.get(recurrent.cell, []), "h"]
        found.shapes |= dict.fromkeys(computed, (time, units))
    if recurrent.output is not None and recurrent.outputs is not None:
        read_out = recurrent.output
        _add_parameters(
            found, {"V": read_out.weights, "c": read_out.bias if read_out.biases is None else read_out.biases}
        )
        found.shapes |= dict.fromkeys(("z", "o"), (time if recurrent.every_step else 1, recurrent.outputs))
    found.add("t", recurrent.targets)
    found.shapes["L"] = ()
    return found


def _add_parameters(found: Inventory, values: Mapping[str, Array | Number | None]) -> None:
    for name, value in values.items():
        if value is not None:
            found.add(name, value, parameter=True)


def _convolution(convolution: Convolution) -> Inventory:
    found = Inventory(constants={"t"})
    found.add("x", convolution.inputs)
    biases = convolution.bias if convolution.biases is None else convolution.biases
    _add_parameters(found, {"K": convolution.kernels, "b": biases})
    found.shapes |= dict.fromkeys(("Z", "A"), convolution.convolved_shape())
    if convolution.pool is not None:
        found.shapes["P"] = convolution.pooled_shape()
    _layers(found, convolution.layers, (), convolution.from_to)
    found.add("t", convolution.targets)
    if not convolution.layers:  # a flat list of targets may stand for maps
        found.shapes["t"] = convolution.pooled_shape()
    found.shapes["L"] = ()
    return found


def _attention(attention: Attention) -> Inventory:
    found = Inventory(constants={"t"})
    found.add("x", attention.inputs)
    tokens = attention.inputs.shape[0]
    weights = {"Wq": attention.query_weights, "Wk": attention.key_weights, "Wv": attention.value_weights}
    _add_parameters(found, weights)
    for letter, value in zip("QKV", weights.values(), strict=True):
        found.shapes[letter] = (tokens, attention.width(value))
    found.shapes |= dict.fromkeys(("S", "P"), (tokens, tokens))
    found.shapes["O"] = found.shapes["V"]
    found.add("t", attention.targets)
    found.shapes["L"] = ()
    return found
