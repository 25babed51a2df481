"""The one renderer of failures: what it says, and that nothing a user typed can take over a terminal."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solver.errors import (
    EngineError,
    Fault,
    InputError,
    listed,
    nearest_name,
    quoted,
    render_failure,
    safe,
    shown_path,
)

CONTROLS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def test_a_fault_has_file_line_key_found_expected_and_nearest() -> None:
    fault = Fault(
        file="a.toml",
        line=3,
        key="network.layer[2].activation",
        found='"sigmiod"',
        expected="an activation",
        nearest="sigmoid",
    )
    assert render_failure(InputError(fault)) == (
        'a.toml:3: network.layer[2].activation: found "sigmiod", expected an activation; did you mean "sigmoid"?'
    )


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("no such file", "a.toml"), "a.toml: no such file"),
        (Fault("not TOML", "a.toml", 2, 5), "a.toml:2:5: not TOML"),
        (Fault(found="3"), "found 3"),
        (Fault(expected="text", key="title"), "title: expected text"),
        (Fault("has 3 columns", key="W", expected="4"), "W: has 3 columns; expected 4"),
        (Fault("x", "a.toml", 1, 3, excerpt="abcdef"), "a.toml:1:3: x\n    abcdef\n      ^"),
        (Fault("x", "a.toml", 1, 3, excerpt="\x1bbcdef"), "a.toml:1:3: x\n    \\x1bbcdef\n         ^"),
    ],
)
def test_parts_that_are_missing_leave_no_trace(fault: Fault, text: str) -> None:
    assert render_failure(InputError(fault)) == text


def test_all_faults_and_an_end_to_them() -> None:
    error = InputError([Fault(f"fault {number}") for number in range(70)])
    lines = render_failure(error).splitlines()
    assert lines[0] == "fault 0"
    assert lines[-1] == "… and 20 more faults"
    assert len(lines) == 51
    assert render_failure(InputError([Fault("x")] * 51)).endswith("… and 1 more fault")


def test_an_error_without_a_fault_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one fault"):
        InputError([])


def test_errors_travel_between_processes() -> None:
    for error in (InputError([Fault("x", "a.toml", 3), Fault("y")]), EngineError("x", "y", "z")):
        assert render_failure(pickle.loads(pickle.dumps(error))) == render_failure(error)


def test_exit_statuses() -> None:
    assert InputError(Fault("x")).exit_status == 2
    assert EngineError("x").exit_status == 3


def test_an_engine_error() -> None:
    error = EngineError("pdflatex failed", "line one\n\x1b[31mline two\n", "Give --engine another name.")
    assert render_failure(error) == (
        "pdflatex failed\n    line one\n    \\x1b[31mline two\nGive --engine another name."
    )
    many = EngineError("x", "\n".join(map(str, range(100))))
    assert render_failure(many).splitlines()[-1] == "    … and 70 more lines"


def test_other_errors_are_one_line() -> None:
    assert render_failure(ZeroDivisionError("division by zero")) == (
        "internal fault: ZeroDivisionError: division by zero"
    )
    assert render_failure(KeyError()) == "internal fault: KeyError"
    assert (
        render_failure(PermissionError(13, "Permission denied", "/a\x1bb")) == "/a\\x1bb: Permission denied"
    )


@given(st.text(), st.text(), st.text(), st.text(), st.text(), st.text())
@example("\x1b]0;owned\x07", "\u202egnp", "\r\n", "\u2028", "\x9b31m", "\ufeff")
def test_nothing_takes_over_the_terminal(
    message: str, file: str, key: str, found: str, nearest: str, excerpt: str
) -> None:
    fault = Fault(message, file, 1, 1, key, found, found, nearest, excerpt)
    for error in (InputError(fault), EngineError(message, found, key), RuntimeError(message)):
        assert not CONTROLS.search(render_failure(error))


@given(st.text(max_size=1000))
def test_safe_text_is_short_and_on_one_line(text: str) -> None:
    assert "\n" not in safe(text)
    assert len(safe(text)) <= 160 * 10
    if text.isascii() and text.isprintable() and len(text) <= 160:
        assert safe(text) == text


def test_long_text_is_shortened() -> None:
    assert len(safe("x" * 10_000)) == 160
    assert quoted("x" * 100) == '"' + "x" * 59 + '…"'
    path = shown_path("/a/" + "x" * 1000 + "/end.toml")
    assert path.startswith("/a/")
    assert path.endswith("/end.toml")
    assert len(path) <= 401


def test_letters_of_all_scripts_stay() -> None:
    for text in ("Übung", "ŷ = σ(z)", "عربي", "日本語", "👍", "e\u0301"):
        assert safe(text) == text


@pytest.mark.parametrize(
    ("name", "known", "nearest"),
    [
        ("sigmiod", ["sigmoid", "tanh"], "sigmoid"),
        ("ReLU", ["leaky_relu", "relu"], "relu"),
        ("x", ["sigmoid"], ""),
        ("", ["a"], ""),
        ("a", [], ""),
        ("x" * 100_000, ["x"], ""),
    ],
)
def test_the_nearest_name(name: str, known: list[str], nearest: str) -> None:
    assert nearest_name(name, known) == nearest


def test_lists_of_names() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == '"a"'
    assert listed(["a", "b", "c"]) == '"a", "b" or "c"'
    assert listed([str(number) for number in range(40)]).endswith('"29" or 10 more')
