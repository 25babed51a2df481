"""The JSON Schema of the files that a teacher writes, for editors that complete and check while one types.

A TOML date is written as text of the format "date". What the schema allows is what a field by itself may hold; that
shapes fit and names exist is checked when a file is loaded.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from solver.spec.attention import AttentionProblem
from solver.spec.convolution import ConvolutionProblem
from solver.spec.course import Course
from solver.spec.exam import Exam
from solver.spec.expression import ExpressionProblem
from solver.spec.network import NetworkProblem
from solver.spec.recurrent import RecurrentProblem

PROBLEMS = (NetworkProblem, ExpressionProblem, RecurrentProblem, ConvolutionProblem, AttentionProblem)


_INNER = frozenset({"ActivationChoice", "LossChoice", "OptimizerChoice"})
"""What a name or a table is read into; a file never holds it, and the schema of the field says what can be written."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of problem, exam and course files.

    Returns:
        A schema that any of the files satisfies; those of each are under `$defs`, as `Problem`, `Exam` and `Course`.
    """
    models = (*PROBLEMS, Exam, Course)
    places, definitions = models_json_schema([(model, "validation") for model in models], by_alias=True)
    defs: dict[str, Any] = {
        name: _as_written(schema) for name, schema in definitions["$defs"].items() if name not in _INNER
    }
    references = {model: places[model, "validation"] for model in models}
    defs["Problem"] = {
        "title": "Problem",
        "description": "A problem file; `kind` tells which table it has.",
        "anyOf": [references[model] for model in PROBLEMS],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Chainsheet files",
        "description": "Problems, exams and courses, as TOML.",
        "anyOf": [{"$ref": "#/$defs/Problem"}, references[Exam], references[Course]],
        "$defs": defs,
    }


def _as_written(node: Any) -> Any:
    """Return a schema without what TOML cannot write: null, and defaults in the form of Python objects."""
    if isinstance(node, list):
        return [_as_written(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: value for key, value in node.items() if key != "default"}
    default = _default(node.get("default"))
    if default is not None:
        plain["default"] = default
    options = plain.get("anyOf")
    if isinstance(options, list):
        kept = [option for option in options if option != {"type": "null"}]
        del plain["anyOf"]
        plain = {**kept[0], **plain} if len(kept) == 1 else {**plain, "anyOf": kept}
    return {key: _as_written(value) for key, value in plain.items()}


def _default(value: Any) -> Any:
    """Return a default as a file would write it; None where leaving the key out says it better."""
    if isinstance(value, dict):
        return value["name"] if "options" in value else None
    if isinstance(value, str) and value[:1].isdigit():
        return float(value)
    return value if value not in ("", []) else None
