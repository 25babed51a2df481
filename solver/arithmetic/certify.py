"""Computing again with more precision until every digit is proven, and no longer than a stated cap."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from solver.arithmetic.base import Arithmetic, Undecided
from solver.arithmetic.by_hand import ByHand
from solver.arithmetic.certified import Certified
from solver.arithmetic.residues import Residues
from solver.arithmetic.rounding import Digits

T = TypeVar("T")
R = TypeVar("R")

START_BITS = 128
CAP_BITS = 4096


def certify(
    compute: Callable[[int], T],
    decide: Callable[[T], R],
    start: int = START_BITS,
    cap: int = CAP_BITS,
    prove: Callable[[int], T] | None = None,
) -> R:
    """Return decide(compute(bits)) for the first precision that decides, doubling from `start` to `cap`.

    Args:
        compute: Computes with so many bits.
        decide: Reads digits, signs or cases from what was computed.
        start: First precision, in bits.
        cap: Last precision, in bits.
        prove: Computes with so many bits and residues. It is asked once after the second failure, as most of what is
            undecided then is an exact tie or zero, and once more at the cap.

    Raises:
        Undecided: Neither the precision at the cap nor the zero test decides.
    """
    bits, failures = start, 0
    while True:
        try:
            return decide(compute(bits))
        except Undecided as undecided:
            failures += 1
            last = bits >= cap
            if prove is not None and (failures == 2 or last):
                try:
                    return decide(prove(bits))
                except Undecided:
                    if last:
                        raise
            elif last:
                raise Undecided(f"{undecided}, with {bits} bits") from None
            bits = min(2 * bits, cap)


def certify_in(
    compute: Callable[[Arithmetic], T],
    decide: Callable[[T], R],
    start: int = START_BITS,
    cap: int = CAP_BITS,
    by_hand: Digits | None = None,
) -> R:
    """Return decide(compute(arithmetic)) for the first arithmetic that decides: balls, and residues where they fail.

    Args:
        compute: Computes in a number system; its working precision is entered.
        decide: Reads digits, signs or cases from what was computed; runs in the same precision.
        start: First precision, in bits.
        cap: Last precision, in bits.
        by_hand: The digits to which `settle` rounds every shown value; None: full precision is carried.

    Raises:
        Undecided: Nothing decides up to the cap.
    """

    def answer(arithmetic: Certified | Residues) -> R:
        system: Arithmetic = arithmetic if by_hand is None else ByHand(by_hand, arithmetic)
        with system.working():
            return decide(compute(system))

    def balls(bits: int) -> Certified | Residues:
        return Certified(bits)

    return certify(balls, answer, start, cap, prove=Residues)
