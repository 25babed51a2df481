"""Every derivation that the tables promise, and expressions as a teacher may write them, under golden file names."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from solver.calculus import (
    Derivation,
    derive,
    derive_activation,
    derive_delta,
    derive_loss,
    derive_sigmoid_as_softmax,
    extended,
)
from solver.formula import Ref, Variable
from solver.formula.parser import parse
from solver.functions import ACTIVATIONS, LOSSES
from solver.quantities import Quantity

HALF = Fraction(1, 2)
Y, W, B, X = map(Variable, "ywbx")
Entry = Callable[[], Derivation]


def activations() -> dict[str, Entry]:
    found: dict[str, Entry] = {
        name: (lambda record=record: derive_activation(record, y=Y)) for name, record in ACTIVATIONS.items()
    }
    found["elu with alpha 1/2"] = lambda: derive_activation(ACTIVATIONS["elu"].with_options(alpha=HALF), y=Y)
    found["sigmoid of x, without a name for the output"] = lambda: derive_activation(
        ACTIVATIONS["sigmoid"], z=X
    )
    found["sigmoid in quantities"] = lambda: derive_activation(
        ACTIVATIONS["sigmoid"],
        z=Ref(Quantity("a", layer=1, index=(2,))),
        y=Ref(Quantity("h", layer=1, index=(2,))),
    )
    found["softmax over two classes"] = derive_sigmoid_as_softmax
    return found


def losses() -> dict[str, Entry]:
    found: dict[str, Entry] = {
        name: (lambda record=record: derive_loss(record)) for name, record in LOSSES.items()
    }
    found["half the squared error"] = lambda: derive_loss(LOSSES["squared_error"], factor=HALF)
    found["huber with delta 3/2"] = lambda: derive_loss(LOSSES["huber"].with_options(delta=Fraction(3, 2)))
    return found


def deltas() -> dict[str, Entry]:
    pairs = [
        ("sigmoid", "binary_cross_entropy"),
        ("softmax", "cross_entropy"),
        ("softmax", "squared_error"),
        ("softmax", "binary_cross_entropy"),
        ("sigmoid", "squared_error"),
        ("linear", "squared_error"),
        ("tanh", "absolute_error"),
        ("relu", "squared_error"),
        ("sigmoid", "cross_entropy"),
    ]
    found: dict[str, Entry] = {
        f"{a} with {loss}": (lambda a=a, loss=loss: derive_delta(ACTIVATIONS[a], LOSSES[loss]))
        for a, loss in pairs
    }

    def logistic(factor: Fraction = Fraction(1)) -> Derivation:
        return derive_delta(ACTIVATIONS["sigmoid"], LOSSES["binary_cross_entropy"], factor)

    neuron = parse("w*x + b")
    found["sigmoid with half the squared error"] = lambda: derive_delta(
        ACTIVATIONS["sigmoid"], LOSSES["squared_error"], HALF
    )
    found["sigmoid with half the binary cross-entropy"] = lambda: logistic(HALF)
    found["softmax with half the cross-entropy"] = lambda: derive_delta(
        ACTIVATIONS["softmax"], LOSSES["cross_entropy"], HALF
    )
    found["one neuron, weight"] = lambda: extended(logistic(), neuron, W)
    found["one neuron, bias, in short"] = lambda: extended(logistic(), neuron, B, full=False)
    found["one neuron, weight, in short"] = lambda: extended(logistic(), neuron, W, full=False)
    return found


EXPRESSIONS = (
    "5*y", "x", "3*x^2", "x^2 + 3*x + 2", "x^3 - 2*x + 5/x", "(x - t)^2", "(q + x)*z",
    "W_1*x + W_2*h_2 + W_3*h_3", "(x - t)^2 + (y - t)^2 - exp(-x^2) + b", "x*exp(-x^2)",
    "1/(1 + exp(-x))", "1/(1 + exp(-(w*x + b)))", "(x + 1)^2/(x - 1)", "x^x", "2^(3*x)", "x^y",
    "sqrt(x^2 + 1)", "sin(exp(x^2))", "log(sin(x)^2 + cos(x)^2)", "exp(x)/x", "(2*x + 1)^3*(x^2 + 1)",
    "1/(x^2 + 1)^2", "sin(x)*cos(x)*exp(x)", "x/(1 + exp(-x))", "tanh(3*x)*y", "tanh(x)",
    "sigmoid(2*x + y)", "max(x*y, x + y)", "max(0, 1 - x*y)", "max(x, y, 1)", "min(x, 2)", "abs(sin(x))",
    "abs(abs(x) - 1)", "log(x/(1 - x))", "(x - t)^2/2 + 0.1*x^2", "exp(x)/(exp(x) + exp(y) + exp(z))",
    "(x^2 + y^2)/(x*y)", "x*(x*(x*(x + 1) + 1) + 1) + 1", "log(sqrt(x))", "sigmoid(x)*(1 - sigmoid(x))",
    "-y*log(sigmoid(x))", "-(y*log(x) + (1 - y)*log(1 - x))", "x*x*x", "x*log(x)", "1/sqrt(x)",
    "sin(2*x)*cos(3*x)", "exp(-(x - y)^2/(2*s^2))",
    "-x - x + 16.5*w_1", "-max(x, 0, 1.7) - y - x^2", "x^(1/3)", "1/(2*x)", "0.5/x", "(y/262)*x + x^(y/262)",
)  # fmt: skip


def expressions() -> dict[str, Entry]:
    return {text: (lambda text=text: derive(parse(text), X)) for text in EXPRESSIONS}


CATALOGUE: dict[str, dict[str, Entry]] = {
    "activations": activations(),
    "losses": losses(),
    "deltas": deltas(),
    "expressions": expressions(),
}
EVERY = [(group, name) for group, entries in CATALOGUE.items() for name in entries]
