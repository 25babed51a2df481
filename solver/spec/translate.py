"""pydantic's errors in a teacher's words: the key path as it stands in the file, what was found, what is expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from solver.errors import listed, nearest_name, quoted
from solver.spec.fields import Reading
from solver.spec.findings import Finding, KeyPath, RefusedError, described, key_path
from solver.spec.model import keys_of

TABLE_LISTS = frozenset({"layer", "claims", "question", "handout", "exam"})
"""Keys that hold a list of tables, each begun by a header in double brackets."""


_MOST_TABLES = 50
"""Tables inside another that are searched for a key in the wrong place."""


def findings_of(error: ValidationError, data: dict[str, Any], reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong, one finding or more for each of pydantic's errors.

    Args:
        error: What pydantic raised.
        data: The tables that were read.
        reading: What the pass noted: which model read which table.
    """
    for details in error.errors(include_url=False):
        if details["type"] == "too_short" and details["input"]:
            continue  # it has entries, each with a fault of its own
        path = place_of(details["loc"], data)
        cause = details.get("ctx", {}).get("error")
        if isinstance(cause, RefusedError):
            yield from (finding.under(path) for finding in cause.findings)
        else:
            yield _translated(details, path, data, reading)


def place_of(location: tuple[str | int, ...], data: object) -> KeyPath:
    """Return pydantic's location without the parts that stand for a choice among models rather than for a key."""
    path: KeyPath = ()
    node: Any = data
    for number, part in enumerate(location):
        if isinstance(node, dict):
            if part in node:
                node = node[part]
            elif number < len(location) - 1:
                continue
            path += (part,)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
            path += (part,)
        else:
            break
    return path


def table_at(path: KeyPath, data: object) -> Any:
    """Return what stands at a path, or None."""
    node: Any = data
    for part in path:
        if isinstance(node, dict) and isinstance(part, str):
            node = node.get(part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
        else:
            return None
    return node


def _translated(details: ErrorDetails, path: KeyPath, data: object, reading: Reading) -> Finding:
    found = described(details["input"])
    match details["type"]:
        case "extra_forbidden":
            return _unknown_key(path, data, reading)
        case "missing":
            return _missing(path, data, reading)
        case "literal_error":
            names = re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))
            value = details["input"]
            nearest = nearest_name(value, names) if isinstance(value, str) else ""
            return Finding(path, "", found, listed(names) or "true", nearest)
        case "bool_type":
            return Finding(path, "", found, "true or false")
        case "model_type" | "dict_type" | "model_attributes_type":
            return Finding(path, "", found, "a table")
        case "tuple_type" | "list_type":
            name = str(path[-1]) if path else ""
            expected = f"tables, each begun by [[{key_path(path)}]]" if name in TABLE_LISTS else "a list"
            return Finding(path, "", found, expected)
        case "too_short":
            return Finding(path, "", found, "at least one entry")
        case _:
            return Finding(path, details["msg"], found)


def _unknown_key(path: KeyPath, data: object, reading: Reading) -> Finding:
    key, table = str(path[-1]), path[:-1]
    model = _model_at(table, data, reading)
    if model is None:
        return Finding(path, "unknown key")
    home = _home_of(key, table, data, reading)
    if home is not None:
        return Finding(path, f"{quoted(key)} belongs {home}")
    keys = keys_of(model)
    return Finding(path, "unknown key", expected=listed(keys), nearest=nearest_name(key, keys))


def _home_of(key: str, table: KeyPath, data: object, reading: Reading) -> str | None:
    """Return where a key of the wrong table belongs: an outer table, or one of those inside."""
    for length in range(len(table) - 1, -1, -1):
        outer = _model_at(table[:length], data, reading)
        # A key named as the very table it stands in is not that table, one level too deep.
        if outer is not None and key in keys_of(outer) and key != table[length]:
            header = key_path(part for part in table[: length + 1] if isinstance(part, str))
            header = (
                f"[[{header}]]" if isinstance(table_at(table[: length + 1], data), list) else f"[{header}]"
            )
            place = f"in [{key_path(table[:length])}]" if length else "at the top of the file"
            return f"{place}, above {header}"
    inside = table_at(table, data)
    for name, value in islice(inside.items() if isinstance(inside, dict) else (), _MOST_TABLES):
        model = reading.models.get(id(value))
        if model is not None and key in keys_of(model):
            return f"in [{key_path((*table, name))}]"
    return None


def _missing(path: KeyPath, data: object, reading: Reading) -> Finding:
    model = _model_at(path[:-1], data, reading)
    field = next(
        (f for name, f in (model.model_fields if model else {}).items() if (f.alias or name) == path[-1]),
        None,
    )
    if field is None:
        return Finding(path, "missing")
    if field.examples:
        return missing(path, field.examples[0])
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
        return Finding(path, "missing", expected=f"the table [{key_path(path)}]")
    return Finding(path, "missing", expected=(field.description or "").rstrip("."))


def missing(path: KeyPath, example: object) -> Finding:
    """Return the fault of a key that is not there."""
    return Finding(path, "missing", expected=f"{path[-1]} = {toml_text(example)}, for example")


def _model_at(path: KeyPath, data: object, reading: Reading) -> type[BaseModel] | None:
    return reading.models.get(id(table_at(path, data)))


def toml_text(value: object) -> str:
    """Return a value as TOML writes it inline, for examples in messages."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case list() | tuple():
            return f"[{', '.join(map(toml_text, value))}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {toml_text(item)}' for key, item in value.items())} }}"
        case _:
            return str(value)
