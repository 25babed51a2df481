"""Every wrong file beside this one gives exactly the message beside it.

A folder says how its files are read: `problems`, `exams`, `courses` and `rosters`; those in `solve` can be read, and
have no value at their numbers; those in `check` claim what only the graph can refuse, those in `claims` are claims about
`given/claimed.toml`, and those in `answers` are marked as answers to `given/marked.toml`. To add a case, write the file,
run `pytest tests/errors --accept`, and read the message that was written: it is what a teacher will see.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from solver import solve
from solver.course.mark import mark_exam
from solver.errors import InputError, render_failure
from solver.review.command import checked
from solver.spec import load_course, load_exam, load_problem, load_roster

HERE = Path(__file__).parent
LOADERS: dict[str, Callable[[Path], object]] = {
    "problems": load_problem,
    "exams": load_exam,
    "courses": load_course,
    "rosters": load_roster,
    "solve": solve,
    "check": lambda file: checked([file]),
    "claims": lambda file: checked([Path("given/claimed.toml")], file),
    "answers": lambda file: mark_exam(Path("given/marked.toml"), file, Path("given/no-manifest")),
}
CASES = sorted(
    path.relative_to(HERE)
    for folder in LOADERS
    for path in (HERE / folder).iterdir()
    if path.is_file() and path.suffix in (".toml", ".csv")
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_message(case: Path, accept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    with pytest.raises(InputError) as caught:
        LOADERS[case.parts[0]](case)
    message = render_failure(caught.value) + "\n"
    expected = case.with_suffix(".txt")
    if accept:
        expected.write_text(message, "utf-8")
    assert message == expected.read_text("utf-8")


def test_no_expected_message_without_its_file() -> None:
    stems = {path.with_suffix("") for path in CASES}
    orphans = [path for path in HERE.rglob("*.txt") if path.relative_to(HERE).with_suffix("") not in stems]
    assert not orphans
