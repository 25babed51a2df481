"""Number systems that run the same graph code, and the rounding of what they compute."""

from solver.arithmetic.base import (
    OPERATIONS,
    RELATIONS,
    Arithmetic,
    Array,
    DomainError,
    Exact,
    Mask,
    Undecided,
    Values,
)
from solver.arithmetic.certified import Certified, precision
from solver.arithmetic.certify import CAP_BITS, START_BITS, certify, certify_in
from solver.arithmetic.float64 import Float64
from solver.arithmetic.rational import fraction, rational
from solver.arithmetic.residues import Residue, Residues
from solver.arithmetic.rounding import (
    Digits,
    Rounded,
    as_written,
    by_hand,
    last_place,
    round_number,
    shown_rational,
)

__all__ = [
    "CAP_BITS", "OPERATIONS", "RELATIONS", "START_BITS", "Arithmetic", "Array", "Certified", "Digits", "DomainError",
    "Exact", "Float64", "Mask", "Residue", "Residues", "Rounded", "Undecided", "Values", "as_written", "by_hand",
    "certify", "certify_in", "fraction", "last_place", "precision", "rational", "round_number",
    "shown_rational",
]  # fmt: skip
