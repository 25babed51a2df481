"""Mistakes of the update, and intermediate results that were rounded before they were used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from solver.arithmetic import Digits
from solver.exercises.mistakes.building import plants_at, stepped
from solver.exercises.mistakes.edits import Change, Edit, RowChange, Sight
from solver.exercises.mistakes.record import Plant, Saying, Subject
from solver.exercises.mistakes.run import Floats
from solver.graph.dense import Elementwise, SoftmaxLayer
from solver.graph.model import Model
from solver.graph.node import Leaf
from solver.quantities import Quantity, Role

EVERYWHERE = 0.8
"""Weight of a mistake that is made in the update of every parameter, relative to one that is made in one array."""


def _updates(
    subject: Subject,
    mistake: str,
    template: str,
    change: Callable[[Sight, Floats], Floats],
    weight: float = 1.0,
    everywhere: str = "every update",
    at_one: float = 0.3,
) -> Iterator[Plant]:
    """Yield a change of the step w′ − w: for all parameters, for each array, for single elements."""
    model = subject.model
    if model.training is None:
        return
    edits = []
    for parameter in model.graph.trainable:
        key = parameter.updated()

        def changed(sight: Sight, parameter: Quantity = parameter) -> Floats:
            before = sight.value(parameter)
            return np.asarray(before + change(sight, sight.array - before))

        edits.append(Edit(key, changed))
    if len(edits) > 1:
        saying = Saying(template, {"place": everywhere})
        yield Plant(mistake, edits[0].key, saying, tuple(edits), EVERYWHERE * weight)
    for edit in edits:
        yield from plants_at(
            subject, mistake, template, edit.key, edit.change, weight=0.5 * weight, at_one=at_one
        )


def _rate(subject: Subject) -> float:
    training = subject.model.training
    return 1.0 if training is None else float(training.rate)


def rates_forgotten(subject: Subject) -> Iterator[Plant]:
    """w′ = w − g."""
    if _rate(subject):
        yield from _updates(
            subject, "rate-forgotten", "the learning rate was forgotten in {place}",
            lambda sight, step: step / _rate(subject),
        )  # fmt: skip


def rates_twice(subject: Subject) -> Iterator[Plant]:
    """w′ = w − η² g."""
    yield from _updates(
        subject, "rate-twice", "the learning rate was applied twice in {place}",
        lambda sight, step: step * _rate(subject),
    )  # fmt: skip


def rates_divided_by(subject: Subject) -> Iterator[Plant]:
    """w′ = w − g / η."""
    if _rate(subject):
        yield from _updates(
            subject, "divided", "the gradient was divided by the learning rate in {place}",
            lambda sight, step: step / _rate(subject) ** 2, 0.5,
        )  # fmt: skip


def updates_added(subject: Subject) -> Iterator[Plant]:
    """w′ = w + η g."""
    yield from _updates(
        subject, "update-sign", "the gradient was added instead of subtracted in {place}",
        lambda sight, step: -step,
    )  # fmt: skip


def updates_left_out(subject: Subject) -> Iterator[Plant]:
    """w′ = w."""
    yield from _updates(
        subject, "not-updated", "{place} was left at its old value", lambda sight, step: np.zeros_like(step),
        everywhere="every parameter", at_one=0.9,
    )  # fmt: skip


def fixed_updated(subject: Subject) -> Iterator[Plant]:
    """A parameter that the file keeps fixed is updated all the same."""
    model = subject.model
    if model.training is None:
        return
    for parameter in model.graph.parameters:
        if parameter not in model.graph.trainable and not model.training.optimizer.state:
            yield from plants_at(
                subject, "fixed-updated", "{fixed} is fixed, but was updated in {place}", parameter.updated(),
                _stepped(model, parameter), fixed=parameter,
            )  # fmt: skip


def _stepped(model: Model, parameter: Quantity) -> Change:
    return lambda sight: stepped(model, sight, parameter)


def _state(of: Quantity) -> Change:
    return lambda sight: sight.state(of)


def corrections_left_out(subject: Subject) -> Iterator[Plant]:
    """Adam without its bias correction: m̂ = m, v̂ = v, or one of them, everywhere or in one array."""
    training = subject.model.training
    names = {rule.name for rule in training.optimizer.steps} if training is not None else set()
    template = "the bias correction was left out of {place}"
    everywhere: list[tuple[str, list[Edit]]] = []
    for name, plain, role, source, place in (
        ("mhat", "m", Role.FIRST_CORRECTED, Role.FIRST_MOMENT, "every first moment"),
        ("vhat", "v", Role.SECOND_CORRECTED, Role.SECOND_MOMENT, "every second moment"),
    ):
        if name not in names or plain not in names:
            continue
        edits = [
            Edit(parameter.state(role), _state(parameter.state(source)))
            for parameter in subject.graph.trainable
        ]
        everywhere.append((place, edits))
        for edit in edits:
            yield from plants_at(subject, "term-left-out", template, edit.key, edit.change, weight=0.5)
    # Who forgets the correction knows neither of them.
    if len(everywhere) > 1:
        everywhere.append(("every moment", [edit for _, edits in everywhere for edit in edits]))
    for place, edits in everywhere:
        if len(edits) > 1:
            saying = Saying(template, {"place": place})
            yield Plant("term-left-out", edits[0].key, saying, tuple(edits), EVERYWHERE)


DIGITS = (1, 2, 3, 4)
"""Digits to which an intermediate result may have been rounded before it was used."""


def rounded_away(array: Floats, digits: int, *, decimals: bool) -> Floats:
    """Return an array rounded to significant digits, or to decimals; ties away from zero."""
    unit = last_places(array, digits, decimals=decimals)
    scaled = np.abs(array) / unit
    # A decimal tie is rarely one in binary: 0.285 is stored below it.
    return np.asarray(np.sign(array) * np.floor(scaled + 0.5 + 1e-9) * unit)


def last_places(array: Floats, digits: int, *, decimals: bool) -> Floats:
    """Return what one step of the last digit that is kept is worth."""
    if decimals:
        return np.full(array.shape, 10.0**-digits)
    with np.errstate(divide="ignore"):
        power = np.floor(np.log10(np.abs(array), where=array != 0, out=np.zeros(array.shape)))
    return np.asarray(10.0 ** (power + 1 - digits))


@dataclass(frozen=True)
class Rounding(RowChange):
    """The change of an array to so many significant digits, or decimals."""

    digits: int
    decimals: bool

    def of_rows(self, rows: Floats) -> Floats:
        """Return the rows, rounded."""
        return rounded_away(rows, self.digits, decimals=self.decimals)

    @property
    def kept(self) -> Digits:
        """The digits that are kept."""
        return Digits(decimals=self.digits) if self.decimals else Digits(significant=self.digits)

    def of(self, value: float) -> tuple[float, float]:
        """Return (a number rounded, what one step of its last digit is worth)."""
        array = np.array([value])
        rounded = rounded_away(array, self.digits, decimals=self.decimals)
        return float(rounded[0]), float(last_places(array, self.digits, decimals=self.decimals)[0])


def intermediates_rounded(subject: Subject) -> Iterator[Plant]:
    """One array, or all of a sort, rounded to fewer digits before anything else was computed from it."""
    graph = subject.graph
    activations = [n.quantity for n in graph.nodes if isinstance(n.operation, Elementwise | SoftmaxLayer)]
    inner = [n.quantity for n in graph.nodes if not isinstance(n.operation, Leaf)][:-1]
    deltas = [graph.gradient(quantity) for quantity in reversed(inner)]
    groups = [("every activation", activations), ("every value", inner), ("every gradient", deltas),
              ("every intermediate result", [*inner, *deltas])]  # fmt: skip
    for digits in DIGITS:
        for decimals in (False, True):
            kind = f"{digits} {'decimal' if decimals else 'digit'}{'' if digits == 1 else 's'}"
            for array in (*inner, *deltas):
                saying = Saying(
                    "{array} was rounded to {kind} before it was used", {"array": array, "kind": kind}
                )
                yield Plant("rounded", array, saying, (_rounding(array, digits, decimals),), 0.1)
            for what, arrays in groups:
                if len(arrays) > 1:
                    saying = Saying(f"{what} was rounded to {{kind}} before it was used", {"kind": kind})
                    edits = tuple(_rounding(array, digits, decimals) for array in arrays)
                    yield Plant("rounded", arrays[0], saying, edits, 0.2)


def _rounding(array: Quantity, digits: int, decimals: bool) -> Edit:
    return Edit(array, Rounding(digits, decimals), shown=False)
