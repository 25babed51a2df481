"""The table of mistakes: one row each. What `check` recognises is what a distractor offers and what marking names.

`prior` says how often a mistake is made; it decides only between explanations that fit a figure equally well. The values
are orders of magnitude: signs, missing slopes and missing terms are what graders of this subject meet every day,
quotients for products are rare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from solver.exercises.mistakes import backward, forward, misprints, slopes, steps
from solver.exercises.mistakes.record import Mistake, Plant, Subject

Plants = Callable[[Subject], Iterator[Plant]]


def _each(*ways: Plants) -> Plants:
    """Return all ways of making a mistake as one."""

    def plants(subject: Subject) -> Iterator[Plant]:
        for way in ways:
            yield from way(subject)

    return plants


_RECORDS = (
    Mistake(
        "sign-flipped", "sign flipped", 1.0,
        _each(forward.forward_signs, backward.backward_signs), misprints.sign_dropped,
    ),
    Mistake("decimal-point", "decimal point slipped", 0.6, misprints=misprints.point_slipped),
    Mistake("digits-swapped", "digits swapped", 0.3, misprints=misprints.digits_swapped),
    Mistake("digit-mistyped", "digit mistyped", 0.15, misprints=misprints.digit_mistyped),
    Mistake(
        "term-left-out", "term or path left out", 1.0,
        _each(forward.forward_terms_left_out, backward.paths_left_out, steps.corrections_left_out),
    ),
    Mistake("bias-left-out", "bias left out", 0.6, forward.biases_left_out),
    Mistake("softmax-elementwise", "softmax as if elementwise", 1.0, slopes.softmax_elementwise),
    Mistake(
        "factor", "½ or 1/n forgotten or doubled", 0.6,
        _each(forward.forward_factors, backward.backward_factors),
    ),
    Mistake("derivative-forgotten", "activation derivative forgotten", 1.0, slopes.slopes_forgotten),
    Mistake(
        "preactivation-used", "pre-activation for activation", 0.6,
        _each(forward.activations_skipped, slopes.slopes_at_the_wrong_point,
              backward.preactivation_in_weight_gradients),
    ),
    Mistake(
        "weights-transposed", "weights transposed", 0.6,
        _each(forward.forward_transposed, backward.backward_transposed),
    ),
    Mistake("updated-weights", "already updated weights used", 0.5, backward.updated_weights),
    Mistake(
        "divided", "divided instead of multiplied", 0.2,
        _each(forward.values_divided, slopes.slopes_divided_by, backward.backward_divided, steps.rates_divided_by),
    ),
    Mistake("rate-forgotten", "learning rate forgotten", 0.5, steps.rates_forgotten),
    Mistake("rate-twice", "learning rate applied twice", 0.3, steps.rates_twice),
    Mistake("update-sign", "gradient added, not subtracted", 0.6, steps.updates_added),
    Mistake("not-updated", "left at its old value", 0.3, steps.updates_left_out),
    Mistake("fixed-updated", "fixed, but updated", 0.5, steps.fixed_updated),
    Mistake("decadic-logarithm", "logarithm to base 10", 0.1, forward.decadic_logarithms),
    Mistake("other-quantity", "another quantity’s value", 0.3, borrows=True),
    Mistake("rounded", "rounded to fewer digits", 0.3, steps.intermediates_rounded),
)  # fmt: skip

MISTAKES: Mapping[str, Mistake] = MappingProxyType({record.name: record for record in _RECORDS})
"""Every mistake by name."""


def planted(subject: Subject) -> Iterator[Plant]:
    """Yield every mistake of the table at every place of a problem."""
    for record in MISTAKES.values():
        yield from record.planted(subject)
