from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from solver import cli
from solver.course import inputs, plan
from solver.errors import InputError
from solver.spec import course
from solver.writers.formats import WRITERS, write
from tests.writers.documents import SAMPLE


def test_each_format_writes_its_main_file_first() -> None:
    for name, row in WRITERS.items():
        files = write(SAMPLE, name, stem="solution")
        assert next(iter(files)) == f"solution{row.suffix}"
        assert all(content.endswith(b"\n") for content in files.values())


def test_the_command_line_and_courses_know_every_format() -> None:
    known = {"pdf", "json", *WRITERS}
    assert set(cli._FORMATS) == known
    assert set(get_args(course.Format)) == known
    assert set(plan.NAMES) == known
    assert set(inputs._FAMILY) == known - {"json"}  # a folder of templates for each


def test_markdown_brings_its_figures() -> None:
    assert list(write(SAMPLE, "md", stem="key")) == ["key.md", "figures/key-1.svg"]


def test_an_unknown_format_is_a_fault() -> None:
    with pytest.raises(InputError) as caught:
        write(SAMPLE, "mdd", stem="x")
    assert (
        str(caught.value) == 'no such format; found "mdd", expected "tex", "md" or "html"; did you mean "md"?'
    )


def test_markdown_is_written_without_the_machinery_of_latex() -> None:
    program = (
        "import sys; from tests.writers.documents import SAMPLE; from solver.writers.formats import write;"
        "write(SAMPLE, 'md', stem='x'); write(SAMPLE, 'html', stem='x');"
        "assert not {'pylatex', 'sympy', 'pikepdf', 'rich'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
