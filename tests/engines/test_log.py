r"""What is read from a log, held against logs that the engine writes here and now."""

from __future__ import annotations

import pickle

import pytest

from solver.engines.compile import TexError, compile_latex
from solver.engines.log import BadBox, TexFault, TexLog, parse_log
from solver.engines.source import LatexSource

PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern,amsmath}
\newcommand\deep{\missing}
"""
FIRST = 6  # the body's first line in the whole document


def fault_of(body: str) -> TexFault:
    with pytest.raises(TexError) as caught:
        compile_latex(LatexSource(PREAMBLE, body))
    return caught.value.fault


def log_of(body: str) -> TexLog:
    return compile_latex(LatexSource(PREAMBLE, body)).log


@pytest.mark.parametrize(
    ("body", "message", "line", "context"),
    [
        ("good\nHello \\undefinedthing there", "Undefined control sequence.", 1, "\\undefinedthing"),
        ("a \\deep b", "Undefined control sequence.", 0, "\\deep ->\\missing"),
        ("x^2", "Missing $ inserted.", 0, "x^"),
        ("too } many", "Too many }'s.", 0, "too }"),
        ("\n$a^b^c$", "Double superscript.", 1, "$a^b^"),
        ("\\begin{nothing}\\end{nothing}", "LaTeX Error: Environment nothing undefined.", 0, "nothing"),
        ("\n\\input{absent}\n", "LaTeX Error: File `absent.tex' not found.", 1, "\\input{absent}"),
        ("a\n\\begin{align}\nb &= c\n", "ended by \\end{document}", 1, "\\end{document}"),
        ("\\tabular{l} a & b\\endtabular", "Extra alignment tab", 0, "a &"),
        ("\\def\\a{\\a\\a}\\a", "TeX capacity exceeded", 0, "\\a"),
        ("\\errmessage{My own: 3:4: thing}", "My own: 3:4: thing.", 0, "\\errmessage"),
        ("😀", "Unicode character 😀 (U+1F600) not set up for use with LaTeX.", 0, "😀"),
        ("\\pdfximage{absent.pdf}", "pdfTeX error: cannot find image file absent.pdf", None, ""),
    ],
)
def test_the_first_error_has_message_line_and_context(
    body: str, message: str, line: int | None, context: str
) -> None:
    fault = fault_of(body)
    assert message in fault.message
    assert fault.line == (None if line is None else FIRST + line)
    assert context in fault.context
    if line is not None:
        assert fault.source == body.split("\n")[line]
    assert "/" not in fault.message.replace("\\", "")  # no path of this machine


def test_the_line_of_an_argument_that_is_never_closed_is_found() -> None:
    fault = fault_of("good\n\\long\\def\\take#1{}\n\\take{never closed at all\nmore\n")
    assert "File ended while scanning use of \\take" in fault.message
    assert fault.line == FIRST + 2


def test_a_fault_in_the_preamble_has_its_line() -> None:
    with pytest.raises(TexError) as caught:
        compile_latex(LatexSource("\\documentclass{article}\n\\oops\n", "x"))
    assert (caught.value.fault.line, caught.value.fault.source) == (2, "\\oops")


def test_boxes_have_points_and_lines() -> None:
    log = log_of("\n\\hbox to 3pt{much too wide}\n\n\\vbox to 2pt{\\hbox{a}\\hbox{b}}\n\\hbox to 300pt{a b}")
    wide, high, loose = log.boxes
    assert (wide.kind, wide.box, wide.first, wide.text) == ("overfull", "hbox", FIRST + 1, "much too wide")
    assert 40 < wide.amount < 80
    assert (high.box, high.first, high.last) == ("vbox", FIRST + 3, FIRST + 3)
    assert (loose.kind, loose.amount) == ("underfull", 10000)
    assert log.overfull == (wide, high)


def test_a_paragraph_that_sticks_out_has_its_lines() -> None:
    (box,) = log_of("word\n\\hbox to 500pt{}\nword\n\n").boxes
    assert isinstance(box, BadBox)
    assert (box.first, box.last) == (FIRST, FIRST + 3)


def test_lost_characters_are_told_once() -> None:
    (lost,) = log_of("{\\font\\q=cmr10 \\q \\char200 \\char200}").missing
    assert (lost.character, lost.font) == ("\\xc8", "cmr10")


def test_warnings_have_who_what_and_where() -> None:
    log = log_of("\n\\ref{nowhere}\\PackageWarning{mine}{two\\MessageBreak lines}")
    found = [(warning.package, warning.message, warning.line) for warning in log.warnings]
    assert ("LaTeX", "Reference `nowhere' on page 1 undefined", FIRST + 1) in found
    assert ("mine", "two lines", FIRST + 1) in found
    assert log.rerun is False
    assert log.pages == 1


def test_lines_that_only_look_like_errors_are_none() -> None:
    log = parse_log(
        "see ./a:b and 3:4: x\nWarning: ! not at the start\nOutput written on sheet.pdf (12 pages, 3 bytes).\n"
    )
    assert (log.fault, log.pages) == (None, 12)


def test_an_error_survives_the_way_between_processes() -> None:
    error = TexError(TexFault("m", 3, "s", "c"), ())
    again = pickle.loads(pickle.dumps(error))
    assert (again.fault, str(again)) == (error.fault, str(error))
    assert "line 3" in str(error)
