"""No file, however broken, gives anything but a model or an `InputError` that can be printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from solver.errors import InputError, render_failure
from solver.spec import load_course, load_exam, load_problem, load_roster, loads_problem, new_problem_text
from solver.spec.source import KINDS

VALID = [new_problem_text(kind) for kind in KINDS]
TOKENS = re.compile(r'[A-Za-z_0-9.]+|"[^"]*"|\s+|.', re.DOTALL)
POISON = [
    "", "[", "]", "{", "}", "[[", "]]", '"', "'", '"""', "=", ",", "\n", "#", "\\", "\x00", "\ufeff", "\u202e",
    "\x1b[31m", "nan", "inf", "-inf", "1e400", "1e-400", "1e99999999999999999999", "9" * 500, "9" * 5000,
    "0." + "1" * 500, "-0", "0x10", "true", "1979-05-27T07:32:00Z", "07:32:00", "[]", "{}", "[[]]", "[[[[[[[[1]]]]]]]]",
    '"x"', "[1, [2]]", '["a"]', "network", "layer", "kind", "a.b.c", "[network]\n", "[[claims]]\n",
    "[variants.draw]\n", '"W1[2,3]"', "x" * 12_000,
]  # fmt: skip


def outcome(load: Callable[[], object]) -> str:
    """Return "" for a model, else the message; anything but an `InputError` is the test's failure."""
    try:
        load()
    except InputError as error:
        message = render_failure(error)
        assert message
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", message)
        assert "Traceback" not in message
        return message
    return ""


@settings(max_examples=150)
@given(text=st.text(max_size=200))
@example(text="\ufeff")
@example(text="\r")
@example(text="a.a=1\na=2")
@example(text='"\\ud800" = 1')
def test_random_text(text: str) -> None:
    assert outcome(lambda: loads_problem(text))


@settings(max_examples=150)
@given(content=st.binary(max_size=200))
def test_random_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.toml"
    file.write_bytes(content)
    for load in (load_problem, load_exam, load_course):
        assert outcome(lambda load=load: load(file))
    outcome(lambda: load_roster(file))


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A valid file with a few of its words replaced, dropped, doubled or swapped with another's."""
    tokens = TOKENS.findall(draw(st.sampled_from(VALID)))
    others = TOKENS.findall(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(["replace", "drop", "double", "swap", "cut"])):
            case "replace":
                tokens[place] = draw(st.sampled_from(POISON))
            case "drop":
                del tokens[place]
            case "double":
                tokens.insert(place, tokens[place])
            case "swap":
                tokens[place] = others[draw(st.integers(0, len(others) - 1))]
            case _:
                tokens = tokens[: max(place, 1)]
        if not tokens:
            break
    return "".join(tokens)


@settings(max_examples=400)
@given(text=mutants())
def test_mutated_files(text: str) -> None:
    outcome(lambda: loads_problem(text))


VALUES = st.recursive(
    st.one_of(
        st.booleans().map(lambda value: "true" if value else "false"),
        st.integers(-(10**20), 10**20).map(str),
        st.floats(allow_nan=True, allow_infinity=True).map(lambda value: repr(value).replace("e+", "e")),
        st.sampled_from(["0", "1", "-0.5", '"sigmoid"', '"W1"', '"x"', "2026-12-01", '"mean"', "[]", "{}"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(st.sampled_from(["name", "low", "choices", "x", "f", "weights", "value"]), inner), max_size=3,
                 unique_by=lambda pair: pair[0])
        .map(lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " }"),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=400)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_any_value_for_any_key(kind: str, data: st.DataObject) -> None:
    lines = new_problem_text(kind).splitlines()
    places = [number for number, line in enumerate(lines) if re.match(r"[a-z_]+ *= [^\[{]*$", line)]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)):
        key = lines[place].split("=")[0]
        lines[place] = f"{key}= {data.draw(VALUES)}"
    outcome(lambda: loads_problem("\n".join(lines)))


EXPRESSION = 'kind = "expression"\n[expression]\ninputs = { x = 1 }\noutput = "n0"\n'
LAYERS = "[network]\ninputs = [1]\ntargets = [1]\n" + "[[network.layer]]\nweights = [[1]]\n" * 3_000
BOMBS = {
    "arrays": "x = " + "[" * 100_000,
    "closed arrays": "[network]\ninputs = " + "[" * 50_000 + "]" * 50_000,
    "just readable arrays": "[network]\ninputs = " + "[" * 150 + "1" + "]" * 150,
    "tables": "x = " + "{a=" * 50_000,
    "dotted keys": ".".join(["a"] * 3_000) + " = 1",
    "headers": "[" + ".".join(["a"] * 3_000) + "]",
    "wide table": "\n".join(f"k{number} = 1" for number in range(5_000)),
    "expression": EXPRESSION + 'nodes = { n0 = "' + "(" * 9_000 + '" }',
    "nodes": EXPRESSION + "[expression.nodes]\n"
    + "\n".join(f'n{number} = "n{(number + 1) % 3000}"' for number in range(3000)),
    "claims": "\n".join('[[claims]]\nquantity = "' + "W" * 199 + '"\nvalue = 1' for _ in range(2_000)),
    "claim": '[[claims]]\nquantity = "L"\nvalue = ' + "[" * 90 + '"1"' + "]" * 90,
    "layers": LAYERS + "bias = nan\n",
    "claims on layers": LAYERS + '[[claims]]\nquantity = "dL/dw"\nvalue = 1\n' * 40,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name: str) -> None:
    assert outcome(lambda: loads_problem(BOMBS[name]))


def test_a_file_named_by_a_hostile_path(tmp_path: Path) -> None:
    for name in ("a\x00b", "x" * 5000, "\x1b[31m.toml", "\u202egnp.toml", "..", "", "a\nb"):
        assert outcome(lambda name=name: load_problem(tmp_path / name))
