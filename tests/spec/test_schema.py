"""The printed schema is one, allows what loads, and refuses what a field refuses."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from solver.errors import InputError
from solver.spec import json_schema, load_problem, new_problem_text
from solver.spec.source import KINDS

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GOOD = [
    *((ROOT / "problems").glob("*.toml")),
    *((ROOT / "problems").glob("*/*.toml")),
    *((ROOT / "tests" / "errors" / "given").glob("[mn]*.toml")),
]


def as_json(text: str) -> Any:
    return json.loads(json.dumps(tomllib.loads(text), default=str))


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_it_says_nothing_that_toml_cannot_write() -> None:
    assert not [node for node in nodes(SCHEMA) if node.get("type") == "null" or None in node.get("enum", [])]


def test_every_key_is_explained() -> None:
    for name, definition in SCHEMA["$defs"].items():
        for key, field in definition.get("properties", {}).items():
            if key != "kind" or name == "Pool":
                assert field.get("description"), f"{name}.{key}"


def test_every_default_and_example_is_allowed_where_it_stands() -> None:
    for definition in SCHEMA["$defs"].values():
        for field in definition.get("properties", {}).values():
            checked = VALIDATOR.evolve(schema={**field, "$defs": SCHEMA["$defs"]})
            for value in [*field.get("examples", []), *([field["default"]] if "default" in field else [])]:
                checked.validate(value)


@pytest.mark.parametrize("kind", KINDS)
def test_new_files_satisfy_it(kind: str) -> None:
    VALIDATOR.validate(as_json(new_problem_text(kind)))


@pytest.mark.parametrize("file", GOOD, ids=lambda path: path.name)
def test_good_files_satisfy_it(file: Path) -> None:
    VALIDATOR.validate(as_json(file.read_text("utf-8")))


@pytest.mark.parametrize(
    "name",
    [
        "unknown-key", "unknown-table", "unknown-activation", "unknown-loss", "title-is-a-number", "text-for-a-number",
        "keep-zero", "steps-zero", "significant-sixteen", "preset-unknown", "form-unknown", "optimizer-option-unknown",
        "no-inputs", "draw-without-bounds", "claim-without-value", "convolution-stride", "recurrent-cell-unknown",
        "l2-negative",
    ],
)  # fmt: skip
def test_what_a_field_refuses_the_schema_refuses(name: str) -> None:
    file = ROOT / "tests" / "errors" / "problems" / f"{name}.toml"
    with pytest.raises(InputError):
        load_problem(file)
    assert not VALIDATOR.is_valid(as_json(file.read_text("utf-8")))
