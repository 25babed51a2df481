from __future__ import annotations

import pytest

from solver.spec.names import QuantityName, fault_of_name, parse_name, shape_of, shape_text

KNOWN = {
    "x": (4, 2),
    "W1": (3, 2),
    "b1": (3,),
    "L": (),
    "dL/dW1": (3, 2),
    "W1'": (3, 2),
    "L'": (),
    "m_W1": (3, 2),
}


@pytest.mark.parametrize(
    ("text", "array", "index"),
    [
        ("W1", "W1", ()),
        ("W1[2,3]", "W1", (2, 3)),
        (" W1 [ 2 , 3 ] ", "W1", (2, 3)),
        ("dL/dW1[2,3]", "dL/dW1", (2, 3)),
        ("W1'[1,1]", "W1'", (1, 1)),
        ("L'", "L'", ()),
        ("m_W1", "m_W1", ()),
        ("U_f[1,2]", "U_f", (1, 2)),
        ("df/dx", "df/dx", ()),
        ("K[1,1,2,2]", "K", (1, 1, 2, 2)),
    ],
)
def test_names_fall_into_array_and_index(text: str, array: str, index: tuple[int, ...]) -> None:
    assert parse_name(text) == QuantityName(array, index)


def test_a_name_is_written_as_the_contract_writes_it() -> None:
    assert str(QuantityName("dL/dW1", (2, 3))) == "dL/dW1[2,3]"
    assert str(QuantityName("L'")) == "L'"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "W1[",
        "W1]",
        "W1[]",
        "W1[a]",
        "W1[1;2]",
        "W1[1,]",
        "[1]",
        "W1[1][2]",
        "W1[-1]",
        "a b",
        "W1[9999999999]",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert parse_name(text) is None
    assert fault_of_name(text, KNOWN) is not None


@pytest.mark.parametrize(
    "text", ["x", "x[4,2]", "W1[1,1]", "W1[3,2]", "b1[3]", "L", "L'", "dL/dW1[3,2]", "m_W1[1,2]"]
)
def test_names_that_exist(text: str) -> None:
    assert fault_of_name(text, KNOWN) is None


@pytest.mark.parametrize(
    "text", ["W1[0,1]", "W1[4,1]", "W1[1,3]", "W1[1]", "b1[1,1]", "b1[4]", "L[1]", "x[5,1]"]
)
def test_indices_out_of_range(text: str) -> None:
    fault = fault_of_name(text, KNOWN)
    assert fault is not None
    assert fault.found == f'"{text}"'
    assert fault.expected
    assert fault_of_name(text, KNOWN, indices=False) is None


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("w1", "W1"),
        ("W2[1,2]", "W1[1,2]"),
        ("dL/dW2", "dL/dW1"),
        ("dl/dw1[3,1]", "dL/dW1[3,1]"),
        ("b2[1]", "b1[1]"),
    ],
)
def test_the_nearest_name(text: str, nearest: str) -> None:
    fault = fault_of_name(text, KNOWN)
    assert fault is not None
    assert fault.nearest == nearest


def test_shapes_of_names() -> None:
    assert shape_of("W1", KNOWN) == (3, 2)
    assert shape_of("W1[1,2]", KNOWN) == ()
    assert shape_of("V", KNOWN) is None
    assert [shape_text(shape) for shape in ((), (3,), (2, 3))] == ["a number", "a list of 3", "2 x 3"]
