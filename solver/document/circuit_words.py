"""What is said of a circuit that shows values; who only looks for these words needs nothing that draws."""

from __future__ import annotations

from solver.document.nodes import Block
from solver.document.words import paragraph

SIDES = {True: ("left of it", "right of it"), False: ("above", "below")}
"""Where value and gradient of a wire stand, in a circuit that runs downwards and in one that does not."""

LEADS = {
    downwards: paragraph(
        f"The whole pass in the circuit: for every wire the value {value}, the gradient {slope}."
    )
    for downwards, (value, slope) in SIDES.items()
}
"""The paragraph before the circuit, likewise."""


def leads_to_values(node: Block) -> bool:
    """Return whether a paragraph says that the circuit after it shows values, which it does not in a question."""
    return node in LEADS.values()
