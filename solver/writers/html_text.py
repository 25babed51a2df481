"""Plain text in an HTML page; a page that shows no formula and no figure needs no more."""

from __future__ import annotations

from solver.notation.xml_text import xml_text
from solver.writers.visible import visible


def html_text(text: str) -> str:
    """Return plain text as HTML that a browser shows literally."""
    return xml_text(visible(text))
