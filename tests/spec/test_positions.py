from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from solver.spec import new_problem_text
from solver.spec.findings import KeyPath
from solver.spec.positions import Lines
from solver.spec.source import KINDS

TEXT = """\
title = "x"
a.b."c d" = 1
[network]
inputs = [
  [1, 2],
  # comment
  [3,
   4],
]
opt = { name = "adam", x.y = 3 }
[[network.layer]]
weights = 1
[[network.layer]]   # the second
w = '''
three
lines'''
[network.layer.sub]
q = 3
[[network.layer.sub.deep]]
z = 1
[[network.layer.sub.deep]]
z = 2
[variants.draw]
"W1[2,3]" = { low = 1,  high = [1,
  2] }
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("a",), 2),
        (("a", "b", "c d"), 2),
        (("network",), 3),
        (("network", "inputs"), 4),
        (("network", "inputs", 0, 1), 5),
        (("network", "inputs", 1), 7),
        (("network", "inputs", 1, 1), 8),
        (("network", "opt", "x", "y"), 10),
        (("network", "layer", 0), 11),
        (("network", "layer", 0, "weights"), 12),
        (("network", "layer", 1), 13),
        (("network", "layer", 1, "w"), 14),
        (("network", "layer", 1, "sub", "q"), 18),
        (("network", "layer", 1, "sub", "deep", 1, "z"), 22),
        (("variants", "draw", "W1[2,3]", "high", 1), 25),
        (("network", "layer", 1, "missing"), 13),
        (("network", "inputs", 9), 4),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_lines(path: KeyPath, line: int | None) -> None:
    assert Lines(TEXT).line(path) == line


def leaves(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    else:
        yield path, value


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_a_real_file_is_on_its_line(kind: str) -> None:
    text = new_problem_text(kind)
    lines, rows = Lines(text), text.splitlines()
    for path, value in leaves(tomllib.loads(text)):
        line = lines.line(path)
        assert line is not None
        row = rows[line - 1]
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        assert shown in row.replace("0.10", "0.1").replace("0.20", "0.2") or any(
            float(word) == value for word in row.replace(",", " ").strip("[] ").split() if _is_number(word)
        )


def _is_number(word: str) -> bool:
    try:
        float(word.strip("[]"))
    except ValueError:
        return False
    return word == word.strip("[]")


KEYS = st.one_of(st.sampled_from(["a", "b", "W1[2,3]", "dotted.key", "ü", "", " "]), st.text(max_size=5))
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        st.integers(0, 9),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
        max_leaves=8,
    ),
    max_size=4,
)


@given(TREES)
def test_lines_of_any_file_hold_what_they_should(tree: dict[str, object]) -> None:
    # Each leaf gets a number of its own, so that its line can be recognised.
    numbered = {path: 1000 + number for number, (path, _) in enumerate(leaves(tree))}
    text = tomli_w.dumps(_numbered(tree, (), numbered))
    rows = text.split("\n")
    lines = Lines(text)
    for path, number in numbered.items():
        line = lines.line(path)
        assert line is not None
        assert str(number) in rows[line - 1]


def _numbered(value: object, path: KeyPath, numbers: dict[KeyPath, int]) -> object:
    if isinstance(value, dict):
        return {key: _numbered(item, (*path, key), numbers) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbered(item, (*path, number), numbers) for number, item in enumerate(value)]
    return numbers[path]


def test_windows_line_ends(tmp_path: Path) -> None:
    assert Lines(TEXT.replace("\n", "\r\n")).line(("network", "layer", 1, "sub", "q")) == 18
