"""Every number on the page is the correct rounding of a number that an independent 50-digit evaluation gives."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from mpmath import mp

from solver.document.explain import explain
from solver.engines.compile import compile_latex
from solver.engines.source import LatexSource
from solver.spec import load_problem, loads_problem
from solver.writers.latex import write_latex
from tests.oracle import high_precision_network, networks, to_toml, weight_paths
from tests.pdftext import Number, Role, is_rounding_of, numbers

PROBLEMS = Path(__file__).parents[2] / "problems"
NUMERIC = ["padhai-multiple-paths", "four-three-two", "iitm-three-layer"]


def pdf_of(problem: Any) -> bytes:
    """Return the compiled document of a problem; nothing in it may be overfull."""
    latex = write_latex(explain(problem))
    compiled = compile_latex(LatexSource(latex.preamble, latex.body))
    assert compiled.log.overfull == ()
    return compiled.pdf


def truths(table: dict[str, Any]) -> Iterator[Any]:
    """Yield every number that a worked solution of this network may print, at 50 digits."""
    network = table["network"]
    rate = network.get("learning_rate", network.get("optimizer", {}).get("learning_rate", 0))
    yield mp.mpf(str(rate))
    variants = [table]
    if table["network"].get("softmax_jacobian") == "diagonal":
        variants.append({**table, "network": {**table["network"], "softmax_jacobian": "full"}})
    for variant in variants:
        found = high_precision_network(variant)
        for value in found.values():
            yield from np.asarray(value, dtype=object).ravel()
        for name, value in found.items():
            if name.startswith("h"):
                for h in np.asarray(value, dtype=object).ravel():
                    yield h * (1 - h)
                    yield 1 - h * h
    for layer, (rows, columns) in enumerate(_weight_shapes(table), start=1):
        for to in range(1, rows + 1):
            for from_ in range(1, columns + 1):
                for path in weight_paths(table, layer, to, from_):
                    values = [value for _, value in path.factors]
                    yield path.product
                    yield mp.fprod(values[:-1])  # the same path to the unit's bias
                    yield from values


def _weight_shapes(table: dict[str, Any]) -> list[tuple[int, int]]:
    from_to = table["network"].get("weight_order") == "from-to"
    shapes = [(len(layer["weights"]), len(layer["weights"][0])) for layer in table["network"]["layer"]]
    return [shape[::-1] if from_to else shape for shape in shapes]


def unexplained(pdf: bytes, table: dict[str, Any]) -> list[Number]:
    """Return the printed decimals that are the rounding of nothing.

    A minus after another sign ("← −0.3") reads as a subtraction, so an unsigned decimal may also be a negative number's.
    """
    with mp.workdps(60):  # while the generator runs, too
        positive = list({mp.nstr(mp.mpf(value), 45): mp.mpf(value) for value in truths(table)}.values())
        known = [*positive, *(-value for value in positive)]
    return [
        number
        for number in numbers(pdf)
        if number.role is Role.BODY
        and _looks_computed(number)
        and not any(is_rounding_of(number, k) for k in known)
    ]


def _looks_computed(number: Number) -> bool:
    """Leave out counts, page numbers and the size of the check's differences."""
    return "." in number.text and abs(number.value) > Decimal("1e-12")


@pytest.mark.parametrize("name", NUMERIC)
def test_the_shipped_problems_print_only_true_digits(name: str) -> None:
    file = PROBLEMS / f"{name}.toml"
    table = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    assert unexplained(pdf_of(load_problem(file)), table) == []


@pytest.mark.slow
# Shrinking would compile hundreds of documents.
@settings(max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    networks(
        depths=(1, 3),
        widths=(1, 3),
        samples=(1, 1),
        activations=("sigmoid", "tanh"),
        losses=("squared_error",),
    )
)
def test_random_problems_print_only_true_digits(table: dict[str, Any]) -> None:
    table["network"].pop("l2", None)  # its terms are no quantities of the judge
    problem = loads_problem(to_toml(table))
    assert unexplained(pdf_of(problem), tomllib.loads(to_toml(table), parse_float=Decimal)) == []
