from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError
from solver.spec import Roster, load_roster

TABLE = "id,name,group\n17,Ada Lovelace,A\n18,Grace Hopper,B\n"


def write(tmp_path: Path, content: bytes | str) -> Path:
    file = tmp_path / "students.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def read(tmp_path: Path, content: bytes | str) -> Roster:
    return load_roster(write(tmp_path, content))


def test_a_plain_roster(tmp_path: Path) -> None:
    roster = read(tmp_path, TABLE)
    assert [(s.id, s.name, s.line, dict(s.others)) for s in roster.students] == [
        ("17", "Ada Lovelace", 2, {"group": "A"}),
        ("18", "Grace Hopper", 3, {"group": "B"}),
    ]
    assert (roster.columns, roster.encoding, roster.delimiter) == (("id", "name", "group"), "utf-8", ",")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        ("sep=;\n" + TABLE.replace(",", ";")).encode(),
        ('"sep=,"\r\n' + TABLE).encode(),
        TABLE.encode("utf-16"),
        TABLE.encode("utf-16-be").join([b"\xfe\xff", b""]),
        TABLE.replace("id,name", " ID , Name ").encode(),
        TABLE.replace("17,Ada Lovelace,A", '"17"," Ada   Lovelace ","A"').encode(),
        (TABLE + "\n\n,,\n").encode(),
        TABLE.rstrip().encode(),
        TABLE.replace("A\n", "A,,\n").encode(),
    ],
    ids=[
        "bom", "crlf", "cr", "semicolons", "tabs", "sep line", "quoted sep line", "utf-16-le", "utf-16-be",
        "header in capitals", "quotes and blanks", "blank lines", "no last newline", "empty columns after the last",
    ],
)  # fmt: skip
def test_what_spreadsheets_write(tmp_path: Path, content: bytes) -> None:
    assert [(s.id, s.name) for s in read(tmp_path, content).students] == [
        ("17", "Ada Lovelace"),
        ("18", "Grace Hopper"),
    ]


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    roster = read(tmp_path, "id;name\n17;Jürgen Weiß – “Jogi”\n".encode("cp1252"))
    assert roster.students[0].name == "Jürgen Weiß – “Jogi”"
    assert roster.encoding == "windows-1252"


@pytest.mark.parametrize(
    "name",
    [
        "Lovelace, Ada", 'Ada "the first" Lovelace', "Åsa 👩‍🔬 Öberg", r"\input{/etc/passwd} $100 #1 100% {", "O'Brien",
        "عائشة", "", "<b>Bobby</b>", "李小龍", "=HYPERLINK(1)",
    ],
)  # fmt: skip
def test_names_stay_as_they_are(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    assert read(tmp_path, f"id,name\n17,{quoted}\n").students[0].name == name


def test_a_name_over_two_lines_becomes_one(tmp_path: Path) -> None:
    roster = read(tmp_path, 'id,name\n17,"Ada\nLovelace"\n18,Grace\n')
    assert [(s.name, s.line) for s in roster.students] == [("Ada Lovelace", 2), ("Grace", 4)]


def test_ids_that_look_like_numbers_keep_their_zeros(tmp_path: Path) -> None:
    assert read(tmp_path, "name,id\nAda,00017\n").students[0].id == "00017"


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "id,name\n,Ada\n17,Grace\n17,Alan\na/b,Edsger\n19\n")
    assert [fault.line for fault in caught.value.faults] == [2, 4, 5, 6]


def test_ids_that_one_file_system_takes_for_the_same(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stands twice"):
        read(tmp_path, "id,name\ne\u0301,Ada\n\u00e9,Grace\n")


@given(st.binary(max_size=120))
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "random.csv"
    file.write_bytes(b"id,name\n" + content)
    with contextlib.suppress(InputError):
        students = load_roster(file).students
        assert len({student.id.casefold() for student in students}) == len(students) > 0


def test_ten_thousand_students(tmp_path: Path) -> None:
    text = "id,name\n" + "".join(f"{number:05},Student {number}\n" for number in range(10_000))
    assert len(read(tmp_path, text).students) == 10_000
