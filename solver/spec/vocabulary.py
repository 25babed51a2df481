"""The names that stand for something computed elsewhere: activations, losses, optimizers, from the tables of each.

Read when the first one is met: the tables belong to `solver.functions`, where adding a function is adding one record, and
an exam or a roster loads without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

Topic = Literal["softmax", "sigmoid-as-softmax", "samples", "shapes", "row-vectors"]

PRESETS = ("default", "iitm", "padhai", "matrix", "neuron", "phi", "z-a", "a-h", "net-out", "n-a")
"""Conventions of letters that a notation can start from."""


@cache
def activations() -> tuple[str, ...]:
    """Return the names of the activations."""
    from solver.functions import ACTIVATIONS

    return tuple(ACTIVATIONS)


@cache
def activation_options(name: str) -> tuple[str, ...]:
    """Return the names of the parameters that an activation takes: ("alpha",) for elu."""
    from solver.functions import ACTIVATIONS

    return tuple(option for option, _ in ACTIVATIONS[name].options)


@cache
def losses() -> tuple[str, ...]:
    """Return the names of the losses."""
    from solver.functions import LOSSES

    return tuple(LOSSES)


@cache
def loss_options(name: str) -> tuple[str, ...]:
    """Return the names of the parameters that a loss takes: ("delta",) for huber."""
    from solver.functions import LOSSES

    return tuple(option for option, _ in LOSSES[name].options)


@cache
def optimizers() -> tuple[str, ...]:
    """Return the names of the optimizers."""
    from solver.functions import OPTIMIZERS

    return tuple(OPTIMIZERS)


@cache
def optimizer_options(name: str) -> tuple[str, ...]:
    """Return the names of the parameters that an optimizer takes, beside its rate and weight decay."""
    from solver.functions import OPTIMIZERS

    return tuple(option for option, _ in OPTIMIZERS[name].options)


@cache
def optimizer_aliases(name: str) -> Mapping[str, str]:
    """Return other usual names of an optimizer's parameters, and for each the name in the table."""
    from solver.functions import OPTIMIZERS

    return dict(OPTIMIZERS[name].aliases)


@cache
def optimizer_forms(name: str) -> tuple[str, ...]:
    """Return the variants of an optimizer's rule, the default first; () where there is one rule."""
    from solver.functions import OPTIMIZERS

    return OPTIMIZERS[name].forms


@cache
def optimizer_states(name: str) -> tuple[str, ...]:
    """Return the prefixes of an optimizer's state: ("m", "v", "mhat", "vhat") for adam.

    The velocity of momentum answers to both of its usual names, m and v.
    """
    from solver.functions import OPTIMIZERS

    steps = dict.fromkeys(step.name for step in OPTIMIZERS[name].steps)
    states = tuple(step for step in steps if step not in ("g", "w"))
    return (*states, "v") if states == ("m",) else states
