"""Every exam beside this file that cannot be made gives exactly the message beside it; rosters of every make are read.

To add a case, write `exam_errors/NAME.exam.toml`, run this file with --accept, and read the message that was written.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from solver.cli import main
from solver.course.exam_plan import plan_exam
from solver.spec import load_exam

HERE = Path(__file__).parent / "exam_errors"
CASES = sorted(path.name for path in HERE.glob("*.exam.toml"))


@pytest.mark.parametrize("case", CASES)
def test_message(case: str, accept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    result = CliRunner().invoke(main, ["exam", case, "--to", "md", "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert not (tmp_path / "out").exists()
    expected = HERE / case.replace(".exam.toml", ".txt")
    if accept:
        expected.write_text(result.stderr, "utf-8")
    assert result.stderr == expected.read_text("utf-8")


def test_no_expected_message_without_its_exam() -> None:
    assert sorted(path.stem for path in HERE.glob("*.txt")) == [
        case.replace(".exam.toml", "") for case in CASES
    ]


ROSTERS = {
    "plain": b"id,name\ns001,Student 001\ns002,Student 002\n",
    "byte order mark": b"\xef\xbb\xbfid,name\ns001,Student 001\ns002,Student 002\n",
    "semicolons": b"id;name\ns001;Student 001\ns002;Student 002\n",
    "tabs and another order": b"name\tid\nStudent 001\ts001\nStudent 002\ts002\n",
    "Windows-1252": "id;name\ns001;Zoë\ns002;Ørsted\n".encode("cp1252"),
    "UTF-16": "id,name\ns001,Zoë\ns002,Ørsted\n".encode("utf-16"),
    "quotes": b'id,name\ns001,"Comma, with"\ns002,"Quote ""with"""\n',
}


@pytest.mark.parametrize("name", ROSTERS)
def test_rosters_of_every_make_give_the_same_sheets(name: str, tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_bytes(ROSTERS[name])
    plan = plan_exam(load_exam(HERE / "drawn.toml", file))
    plain = tmp_path / "plain.csv"
    plain.write_bytes(ROSTERS["plain"])
    again = plan_exam(load_exam(HERE / "drawn.toml", plain))
    assert [seat.variant for seat in plan.seats] == [seat.variant for seat in again.seats]
    assert plan.choices == again.choices


def test_students_with_the_same_numbers_are_told_of(tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_text("id,name\n" + "".join(f"s{number:03},\n" for number in range(40)), "utf-8")
    plan = plan_exam(load_exam(HERE / "drawn.toml", file))
    assert any("the same numbers as" in warning for warning in plan.warnings)
