"""Printed names of functions, from their records."""

from __future__ import annotations

from solver.functions import ACTIVATIONS


def function_name(name: str) -> str | None:
    """Return the symbol of an activation of the table ("σ"), or None for an elementary function."""
    record = ACTIVATIONS.get(name)
    return record.symbol if record else None
