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
)
from solver.arithmetic.float64 import Float64

__all__ = ["OPERATIONS", "RELATIONS", "Arithmetic", "Array", "DomainError", "Exact", "Float64", "Mask", "Undecided"]
