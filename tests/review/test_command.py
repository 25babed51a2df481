"""The command `check`: what it prints on a terminal, in a pipe and as JSON, what it reads, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from solver.cli import main
from solver.errors import InputError
from solver.review.command import checked, printed
from tests.review.given import NETWORK, PROBLEMS, claimed


def write(folder: Path, *claims: tuple[str, str]) -> Path:
    """Return a problem file with claims."""
    text = NETWORK + "".join(
        f'[[claims]]\nquantity = "{name}"\nvalue = "{value}"\n' for name, value in claims
    )
    file = folder / "notes.toml"
    file.write_text(text)
    return file


def check(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def test_the_exit_status_tells_what_was_found(tmp_path: Path) -> None:
    assert check(write(tmp_path, ("L", "0.2180"))).exit_code == 0
    assert check(write(tmp_path)).exit_code == 0
    assert check(write(tmp_path, ("L", "2.180"))).exit_code == 1
    assert check(write(tmp_path, ("L9", "2.180"))).exit_code == 2
    assert check(tmp_path / "missing.toml").exit_code == 2


def test_rounding_alone_is_nothing_wrong(tmp_path: Path) -> None:
    file = write(
        tmp_path, ("h1[1]", "0.49"), ("h1[2]", "0.35"), ("h1[3]", "0.68"), ("dL/dW2[1,1]", "-0.05477")
    )
    result = check(file, "--json")
    assert json.loads(result.output)[-1]["verdict"] == "rounding"
    assert result.exit_code == 0


def test_json_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    file = write(tmp_path, ("L", "2.180"))
    with file.open("a") as more:
        more.write('[[claims]]\nquantity = "dL/da2"\nvalue = ["-0.1119", "+0.1202"]\nwhere = "page 2"\n')
    result = check(file, "--json")
    loss, delta = json.loads(result.output)
    assert list(loss) == ["file", "quantity", "printed", "computed", "verdict", "cause", "where"]
    assert loss == {
        "file": str(file), "quantity": "L", "printed": "2.180", "computed": pytest.approx(0.2180304205),
        "verdict": "wrong", "cause": "the decimal point slipped one place to the right in L", "where": "",
    }  # fmt: skip
    assert delta["printed"] == ["-0.1119", "+0.1202"]
    assert delta["computed"] == pytest.approx([-0.1119076212, 0.1202304285])
    assert (delta["verdict"], delta["cause"], delta["where"]) == ("agrees", "", "page 2")


def test_an_array_is_as_wrong_as_its_worst_number(tmp_path: Path) -> None:
    file = write(tmp_path)
    with file.open("a") as more:
        more.write(
            '[[claims]]\nquantity = "W2\'"\nvalue = [[0.3055, -0.1960, 0.1076], [-0.4059, 0.0957, 1.918]]\n'
        )
    (finding,) = json.loads(check(file, "--json").output)
    assert finding["verdict"] == "wrong"
    assert finding["cause"] == "the decimal point slipped one place to the right in W2'[2,3]"
    lines = check(file).output.splitlines()
    assert lines[0].endswith("6 figures: 5 agree, 1 wrong")
    assert lines[2].split()[:4] == ["W2'[2,3]", "1.918", "0.19183", "wrong"]
    assert lines[3].split()[:5] == ["W2'", "5", "of", "6", "agrees"]


@pytest.mark.parametrize("value", ['"0.5"', '["0.5"]'])
def test_an_array_of_one_may_be_claimed_as_a_number(value: str) -> None:
    text = "[network]\ninputs = [1]\ntargets = [0]\n[[network.layer]]\nweights = [[0.5]]\n"
    form = json.loads(printed([claimed(("h1", value), problem=text)], as_json=True, terminal=False))[0]
    assert (form["printed"], form["verdict"]) == (json.loads(value), "agrees")
    assert form["computed"] == (0.5 if isinstance(form["printed"], str) else [0.5])


# --- claims in a file of their own --------------------------------------------------------------------------

CSV = """\
quantity,value,where,page
"h1[1]",0.4857,layer 1,3
L,0.2180,loss,3
dL/da2,"[-0.1119, 0.1202]",deltas,4
"""


@pytest.mark.parametrize(
    "text", [CSV, "\ufeff" + CSV, CSV.replace("\n", "\r\n")], ids=["plain", "with a mark", "other lines"]
)
def test_claims_from_a_csv_file(tmp_path: Path, text: str) -> None:
    file, claims = write(tmp_path), tmp_path / "claims.csv"
    claims.write_bytes(text.encode())
    result = check(file, "--claims", claims, "--json")
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert [(f["quantity"], f["printed"], f["verdict"], f["where"]) for f in found] == [
        ("h1[1]", "0.4857", "wrong", "layer 1"),
        ("L", "0.2180", "agrees", "loss"),
        ("dL/da2", ["-0.1119", "0.1202"], "agrees", "deltas"),
    ]
    assert found[0]["cause"] == "the digits 7 and 5 were swapped in h1[1]"


def test_a_spreadsheet_separates_by_semicolons(tmp_path: Path) -> None:
    file, claims = write(tmp_path), tmp_path / "claims.csv"
    claims.write_text('Quantity;Value\nh1[1];0.4875\nW2;"[[0.3, -0.2, 0.1], [-0.4, 0.1, 0.2]]"\n')
    found = json.loads(check(file, "--claims", claims, "--json").output)
    assert [(f["quantity"], f["verdict"]) for f in found] == [("h1[1]", "agrees"), ("W2", "agrees")]


def test_a_spreadsheet_writes_decimal_commas(tmp_path: Path) -> None:
    file, claims = write(tmp_path), tmp_path / "claims.csv"
    claims.write_text('quantity;value\nh1[1];0,4875\ndL/da2;"[""-0,1119"", ""0,1202""]"\n')
    found = json.loads(check(file, "--claims", claims, "--json").output)
    assert [(f["printed"], f["verdict"]) for f in found] == [
        ("0,4875", "agrees"), (["-0,1119", "0,1202"], "agrees")
    ]  # fmt: skip


def test_claims_stand_beside_those_of_the_file(tmp_path: Path) -> None:
    claims = tmp_path / "claims.csv"
    claims.write_text("quantity,value\nL,0.22\n")
    found = json.loads(check(write(tmp_path, ("h1[1]", "0.49")), "--claims", claims, "--json").output)
    assert [f["quantity"] for f in found] == ["h1[1]", "L"]
    claims.write_text("quantity,value\nL,0.22\nh1[1],0.49\n")
    result = check(write(tmp_path, ("h1[1]", "0.49")), "--claims", claims)
    assert result.exit_code == 2
    assert 'claims.csv:3: "h1[1]" is claimed already in the problem file' in result.stderr


def test_claims_of_a_file_are_about_one_problem(tmp_path: Path) -> None:
    file = write(tmp_path)
    claims = tmp_path / "claims.csv"
    claims.write_text("quantity,value\nL,0.22\n")
    result = check(file, file, "--claims", claims)
    assert result.exit_code == 2
    assert (
        f"{claims}: claims of a file are about one problem; found 2 problem files, expected one"
        in result.stderr
    )


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    for file, name in ((one, "L9"), (two, "dh1[1]/da1[2]")):
        file.write_text(NETWORK + f'[[claims]]\nquantity = "{name}"\nvalue = 1\n')
    with pytest.raises(InputError) as caught:
        checked([one, two])
    assert [fault.file for fault in caught.value.faults] == [one, two]
    assert [fault.line for fault in caught.value.faults] == [16, 16]


# --- for people ---------------------------------------------------------------------------------------------


def test_plain_lines_for_a_pipe(tmp_path: Path) -> None:
    file = write(tmp_path, ("h1[1]", "0.4875"), ("L", "2.180"))
    assert check(file).output == (
        f"{file}: 2 figures: 1 agrees, 1 wrong\n"
        "  quantity  printed  computed  verdict  cause                                                  where\n"
        "  h1[1]      0.4875  0.487503  agrees\n"
        "  L           2.180   0.21803  wrong    the decimal point slipped one place to the right in L\n"
    )


def test_without_claims_it_says_so(tmp_path: Path) -> None:
    file = write(tmp_path)
    assert check(file).output == f"{file}: no claims\n"
    assert check(file, "--json").output == "[]\n"


def on_a_terminal(file: Path, columns: int) -> str:
    """Return what a terminal of some width shows, its colours left out."""
    leader, follower = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "solver", "check", str(file)], stdout=follower, stderr=follower,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}, cwd=PROBLEMS.parent,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(leader)
    assert run.wait() == 1
    return shown.decode()


def test_a_narrow_terminal_loses_nothing() -> None:
    shown = on_a_terminal(PROBLEMS / "four-three-two.toml", 80)
    plain = [line.strip() for line in shown.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()]
    assert max(map(len, plain)) <= 80
    assert "…" not in shown
    assert any(line.startswith("dL/dW1[1,1]") and "-0.204" in line and "wrong" in line for line in plain)
    text = " ".join(" ".join(plain).split())
    assert "slipped one place to the right in" in text
    assert "back propagation, layer 1" in text


def test_nothing_of_a_claim_takes_over_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "notes.toml"
    file.write_text(NETWORK + '[[claims]]\nquantity = "L"\nvalue = "0.2180"\nwhere = "[bold]page[/bold]"\n')
    reviews = checked([file])
    assert "[bold]page[/bold]" in printed(reviews, as_json=False, terminal=True)
