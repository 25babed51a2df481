"""Recurrent networks and gated cells to draw in the tests."""

from __future__ import annotations

import random

from solver.figures.cells import GruPicture, LstmPicture
from solver.figures.unrolled import State, TimeStep, UnrolledPicture
from solver.figures.wiring import Gate
from solver.notation.math import Digits, Script, Symbol
from solver.quantities import Quantity


def state(letter: str, time: int, value: str | None = None) -> State:
    """Return the state of a letter at a time step, addressed as a whole array."""
    name = Script(Symbol(letter), Digits(str(time)))
    return State(Quantity(letter, time=time), name, Digits(value) if value is not None else None)


def unrolled(steps: int, *, losses: bool = False, last_only: bool = False, seed: int = 0) -> UnrolledPicture:
    """Return an Elman network over some steps, read out at each or only at the last."""
    drawn = random.Random(seed)

    def value() -> str:
        return f"{drawn.uniform(-1, 1):.4f}"

    columns = tuple(
        TimeStep(
            state("h", t, value()),
            state("x", t, value()),
            state("o", t, value()) if t == steps or not last_only else None,
            state("L", t, value()) if losses else None,
        )
        for t in range(1, steps + 1)
    )
    total = State(Quantity("L"), Symbol("L"), Digits("0.2345"))
    return UnrolledPicture(columns, state("h", 0, "0"), total, Symbol("U"), Symbol("W"), Symbol("V"))


def gate(letter: str, function: str, value: str | None = "0.7311") -> Gate:
    return Gate(state(letter, 1, value), Symbol(function))


def lstm(value: str | None = "-0.7311") -> LstmPicture:
    return LstmPicture(
        state("x", 1, value),
        state("h", 0, value),
        state("c", 0, value),
        gate("f", "σ", value),
        gate("i", "σ", value),
        gate("g", "tanh", value),
        gate("o", "σ", value),
        state("c", 1, value),
        state("h", 1, value),
        Symbol("tanh"),
    )


def gru(value: str | None = "-0.7311", *, z_keeps: bool = True) -> GruPicture:
    return GruPicture(
        state("x", 1, value),
        state("h", 0, value),
        gate("z", "σ", value),
        gate("r", "σ", value),
        gate("n", "tanh", value),
        state("h", 1, value),
        z_keeps,
    )
