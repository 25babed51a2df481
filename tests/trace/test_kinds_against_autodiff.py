"""Every quantity of every kind of problem against automatic differentiation, over random problems and several steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.graph import build
from solver.graph.model import Model
from solver.spec import known_quantities, loads_problem
from solver.trace.faults import faults_of
from solver.trace.json_form import to_json
from solver.trace.passes import UncomputableError
from tests.oracle import disagreements, to_toml
from tests.oracle.attention import attention_steps
from tests.oracle.convolution import convolution_steps
from tests.oracle.expression import expression_steps, is_steady
from tests.oracle.kind_strategies import (
    GATES,
    attentions,
    convolutions,
    expressions,
    layered,
    recurrents,
)
from tests.oracle.layers import network_steps
from tests.oracle.recurrent import recurrent_steps
from tests.oracle.training_strategies import assume_clear

Table = Mapping[str, Any]
Steps = Sequence[Mapping[str, Any]]


def model_of(problem: Table) -> Model:
    return build(loads_problem(to_toml(problem)))


def solved(problem: Table) -> list[dict[str, Any]]:
    """Return the steps that `solve` prints, whose names and shapes must be those that a file may ask for."""
    parsed = loads_problem(to_toml(problem))
    form = to_json(build(parsed), title="", kind=parsed.kind)
    assert form["quantities"] == form["steps"][0]
    shapes = {name: np.shape(value) for name, value in form["quantities"].items()}
    assert shapes == known_quantities(parsed)
    return list(form["steps"])


def assert_agrees(problem: Table, expected: Steps) -> None:
    steps = solved(problem)
    assert len(steps) == len(expected)
    for number, (mine, theirs) in enumerate(zip(steps, expected, strict=True)):
        assert disagreements(mine, theirs, relative=1e-12 * 10**number) == []


def check_recurrent(problem: Table) -> None:
    table = problem["recurrent"]
    try:
        expected = recurrent_steps(problem)
    except (
        RuntimeWarning
    ):  # without a bound, a long sequence can grow until float64 takes a probability for 1
        assume(False)
    functions = {"a": table["activation"]} if table["cell"] == "elman" else {}
    functions |= {f"a_{gate}": "tanh" if gate in "gn" else "sigmoid" for gate in GATES.get(table["cell"], "")}
    if "output" in table:
        functions["z"] = table["output"]["activation"]
    assume_clear(expected, table, functions, "o" if "output" in table else "h")
    assert_agrees(problem, expected)


def check_layers(problem: Table) -> None:
    table, expected = problem["network"], network_steps(problem)
    assume_clear(expected, table, read_by(table["layer"]), f"h{len(table['layer'])}")
    assert_agrees(problem, expected)


def read_by(layers: Sequence[Table]) -> dict[str, str]:
    """Return the activation of each layer by the name of what it reads."""
    return {
        f"{'s' if 'normalize' in layer else 'a'}{number}": layer["activation"]
        for number, layer in enumerate(layers, 1)
    }


def check_convolution(problem: Table) -> None:
    table, expected = problem["convolution"], convolution_steps(problem)
    layers = table.get("layer", [])
    functions = {"Z": table["activation"], **read_by(layers)}
    output = f"h{len(layers)}" if layers else "P" if "pool" in table else "A"
    assume_clear(expected, table, functions, output)
    assume(all(tells_entries_apart(step["A"]) for step in expected))
    assert_agrees(problem, expected)


def tells_entries_apart(maps: Any) -> bool:
    """Return whether no two entries are so close that rounding decides which is the larger; equal zeros are no risk."""
    flat = np.sort(np.ravel(maps))
    gaps = np.diff(flat)
    return bool(np.all((gaps > 1e-9) | ((gaps == 0) & (flat[1:] == 0))))


def check_attention(problem: Table) -> None:
    table, expected = problem["attention"], attention_steps(problem)
    assume_clear(expected, table, {}, "O")
    assert_agrees(problem, expected)


def check_expression(problem: Table) -> None:
    expected = expression_steps(problem)
    assume(is_steady(problem, expected))
    try:
        steps = solved(problem)
    except UncomputableError:  # the judge goes on past exp(log 0)
        assume(False)
    for mine, theirs in zip(steps, expected, strict=True):
        # A slope may be a sum of terms that cancel within one formula: they are of the size of something that is named.
        scale = max(1.0, *(abs(float(value)) for value in theirs.values()))
        for name, value in theirs.items():
            assert mine[name] == pytest.approx(float(value), rel=1e-12, abs=1e-13 * scale), name


CHECKS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Table], None]]] = {
    "recurrent": (recurrents(), check_recurrent),
    "layers": (layered(), check_layers),
    "convolution": (convolutions(), check_convolution),
    "attention": (attentions(), check_attention),
    "expression": (expressions(), check_expression),
}


@pytest.mark.parametrize("kind", CHECKS)
def test_every_quantity_of_every_step(kind: str) -> None:
    problems, check = CHECKS[kind]
    settings(max_examples=40)(given(problems)(check))()


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHECKS)
def test_every_quantity_at_length(kind: str) -> None:
    problems, check = CHECKS[kind]
    settings(max_examples=600)(given(problems)(check))()


@pytest.mark.slow
@settings(max_examples=300)
@given(recurrents(most=(12, 8, 5)))
def test_long_sequences(problem: Table) -> None:
    check_recurrent(problem)


@settings(max_examples=40)
@given(expressions(most=2))
def test_an_expression_without_a_value_is_one_fault(problem: Table) -> None:
    """What the judge cannot compute is a message about a node, with its line; no infinity and no traceback."""
    problem["expression"]["steps"] = 1
    values = [value for step in expression_steps(problem) for value in step.values()]
    parsed = loads_problem(to_toml(problem))
    try:
        with faults_of(parsed):
            form = to_json(build(parsed), title="", kind=parsed.kind)
    except InputError as error:
        (fault,) = error.faults
        assert fault.key.startswith(("expression.nodes.", "expression.optimizer", "expression.learning_rate"))
        return
    found = [value for name, value in form["quantities"].items()]
    assert np.all(np.isfinite(found))
    if any(np.any(np.isnan(value)) for value in values):
        # A judge may meet 0 · ∞ where a slope in closed form has a value; nothing else may be missing.
        assume(False)
