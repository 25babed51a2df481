"""A math tree as JSON and back: what the page of all answers shows of a sheet that is not written again."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from solver.notation.math import Math

_NAME = "math"


def math_to_json(node: Math) -> Any:
    """Return a formula as values that JSON carries."""
    return _coded(node)


def math_from_json(form: Any) -> Math:
    """Return the formula that was coded.

    Raises:
        KeyError: There is no such class of nodes.
        TypeError: The values are none of a node.
    """
    found = _decoded(form)
    if not isinstance(found, Math):
        raise TypeError(f"no formula: {form!r}")
    return found


def _coded(value: Any) -> Any:
    if isinstance(value, Math):
        parts = {each.name: _coded(getattr(value, each.name)) for each in fields(value) if each.init}  # type: ignore[arg-type]
        return {_NAME: type(value).__name__, **parts}
    if isinstance(value, tuple):
        return [_coded(part) for part in value]
    return value


def _decoded(form: Any) -> Any:
    if isinstance(form, dict):
        kinds = {kind.__name__: kind for kind in Math.__subclasses__()}
        parts = {name: _decoded(part) for name, part in form.items() if name != _NAME}
        return kinds[form[_NAME]](**parts)
    if isinstance(form, list):
        return tuple(_decoded(part) for part in form)
    return form
