"""The main job on real input: what `render` writes, that it is the same every time, and that nothing breaks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from solver import render, solve
from solver.document.explain import explain
from solver.errors import InputError
from solver.notation.presets import PRESETS
from solver.rendering import render_files
from solver.spec import load_problem, loads_problem, vocabulary
from solver.writers.formats import write

ROOT = Path(__file__).parents[2]
NOTES = [
    "iitm-three-layer",
    "padhai-multiple-paths",
    "four-three-two",
    "single-neuron",
    "one-hidden-layer-phi",
]
GOLDEN = ROOT / "tests" / "golden"

SMALL = """
title = {title}
source = {source}
[network]
inputs = [1, 2]
targets = [1]
learning_rate = 0.1
[[network.layer]]
weights = [[0.5, -0.25]]
activation = "sigmoid"
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a fresh process."""
    return subprocess.run(
        [sys.executable, "-m", "solver", *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("name", NOTES)
def test_documents_of_the_lecture_notes_read_as_accepted(name: str, *, accept: bool) -> None:
    document = explain(load_problem(ROOT / "problems" / f"{name}.toml"))
    text = write(document, "md", stem="solution")["solution.md"].decode()
    golden = GOLDEN / f"{name}.md"
    if accept:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_the_same_file_gives_the_same_bytes_on_any_day_in_any_locale(tmp_path: Path) -> None:
    file = str(ROOT / "problems" / "four-three-two.toml")
    places = {
        "one": {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        "two": {
            "TZ": "America/Lima",
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": "2",
            "SOURCE_DATE_EPOCH": "987654321",
        },
    }
    for place, environment in places.items():
        done = run("render", file, "--to", "pdf,tex,md,html", "--out", str(tmp_path / place), **environment)
        assert done.returncode == 0, done.stderr
    first, second = (tmp_path / place / "four-three-two" for place in places)
    names = sorted(str(path.relative_to(first)) for path in first.rglob("*") if path.is_file())
    assert "solution.pdf" in names
    assert {name: (first / name).read_bytes() for name in names} == {
        name: (second / name).read_bytes() for name in names
    }


def test_problem_files_may_name_every_notation() -> None:
    assert set(vocabulary.PRESETS) == set(PRESETS)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_notation_changes_letters_and_no_number(name: str) -> None:
    text = (ROOT / "problems" / "four-three-two.toml").read_text("utf-8")
    changed = text.replace('preset = "matrix"', f'preset = "{name}"')
    problem, original = loads_problem(changed), loads_problem(text)
    from solver.solution import solve_problem

    assert json.dumps(solve_problem(problem)) == json.dumps(solve_problem(original))
    if name != "matrix":
        mine, theirs = (write(explain(p), "md", stem="s")["s.md"] for p in (problem, original))
        assert mine != theirs


def test_a_single_format_may_stand_alone(tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text(SMALL.format(title='"A"', source='"B"'), "utf-8")
    assert render(file, to="json", out=tmp_path) == [tmp_path / "small" / "solution.json"]


HOSTILE = [
    r"\input{/etc/passwd} \write18{id} \end{document}",
    "100 % of $x_1$ & #5 ~ ^ { unbalanced",
    "<script>alert(1)</script> <b>&amp;</b>",
    "[link](javascript:alert(1)) ![x](y) `code` **bold** | pipe",
    "emoji 🙂, right-to-left שלום عربي, CJK 漢字",
    "{{ 7 * 7 }} <% set x = 1 %> << y >> <# z #>",
    "long " + "word" * 120,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_literally_in_every_format(text: str, tmp_path: Path) -> None:
    file = tmp_path / "hostile.toml"
    quoted = json.dumps(text, ensure_ascii=False)
    file.write_text(SMALL.format(title=quoted, source=quoted), "utf-8")
    written = {
        path.suffix: path for path in render_files([file], ("pdf", "md", "tex", "html"), tmp_path / "out")
    }
    assert written[".pdf"].read_bytes().startswith(b"%PDF")
    html = written[".html"].read_text("utf-8")
    assert "<script>" not in html
    assert "root:" not in written[".tex"].read_text("utf-8")
    markdown = written[".md"].read_text("utf-8")
    assert "[link](" not in markdown  # brackets are escaped: no link, no picture
    assert "<b>" not in markdown


def test_a_title_of_ten_thousand_characters_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    file.write_text(SMALL.format(title=json.dumps("word" * 2500), source='""'), "utf-8")
    with pytest.raises(InputError, match="10,000 characters, expected at most 500"):
        list(render_files([file], ("md",), tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_teacher_overrides_one_block(tmp_path: Path) -> None:
    """A folder with one template changes that block and leaves the others."""
    source = (ROOT / "templates" / "latex" / "note.tex").read_text("utf-8")
    mine = tmp_path / "mine" / "latex" / "note.tex"
    mine.parent.mkdir(parents=True)
    mine.write_text("% a note of my own\n" + source, "utf-8")
    file = ROOT / "problems" / "padhai-multiple-paths.toml"
    texts = []
    for templates in (None, tmp_path / "mine"):
        (path,) = render_files([file], ("tex",), tmp_path / str(len(texts)), templates=templates)
        texts.append(path.read_text("utf-8"))
    plain, changed = texts
    assert "a note of my own" in changed
    assert "a note of my own" not in plain
    assert [line for line in changed.splitlines() if "note of my own" not in line][:40] == plain.splitlines()[
        :40
    ]


def test_a_fault_leaves_nothing_behind(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(SMALL.format(title='"a"', source='""'), "utf-8")
    bad.write_text("title = 3\n", "utf-8")
    done = run("render", str(good), str(bad), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "bad.toml" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_log_of_zero_in_the_loss_is_a_fault_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "zero.toml"
    file.write_text(
        '[network]\ninputs = [1]\ntargets = [1]\nloss = "cross_entropy"\n'
        '[[network.layer]]\nweights = [[-1]]\nactivation = "relu"\n',
        "utf-8",
    )
    done = run("solve", str(file))
    assert done.returncode == 2
    assert "log of zero in the loss cross_entropy" in done.stderr
    assert "h1[1]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("activation", "size"),
    [
        ("sigmoid", "5000"),
        ("tanh", "-5000"),
        ("sigmoid", "-1e12"),
        ("gelu", "-1e12"),
        ("softplus", "-1e300"),
    ],
)
def test_a_value_too_deep_for_its_digits_is_a_fault_of_the_file(
    activation: str, size: str, tmp_path: Path
) -> None:
    file = tmp_path / "saturated.toml"
    file.write_text(
        f"[network]\ninputs = [{size}]\ntargets = [0.5]\nlearning_rate = 0.1\n"
        f'[[network.layer]]\nweights = [[1]]\nactivation = "{activation}"\n',
        "utf-8",
    )
    with pytest.raises(InputError, match="too small beside what it is computed from") as caught:
        list(render_files([file], ["md"], tmp_path / "out"))
    assert (caught.value.faults[0].key, caught.value.faults[0].line) == ("network", 1)
    assert not (tmp_path / "out").exists()


def test_render_needs_no_tex_on_the_machine(tmp_path: Path) -> None:
    done = run(
        "render",
        "problems/padhai-multiple-paths.toml",
        "--to",
        "pdf",
        "--out",
        str(tmp_path),
        PATH="/nonexistent",
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "padhai-multiple-paths" / "solution.pdf").read_bytes().startswith(b"%PDF")


def test_the_python_interface_does_what_the_commands_do(tmp_path: Path) -> None:
    file = ROOT / "problems" / "four-three-two.toml"
    assert solve(file)["quantities"]["L"] == pytest.approx(0.21803042054306085, rel=1e-15)
    written = render(file, to=("md", "json"), out=tmp_path)
    assert {path.name for path in written} >= {"solution.md", "solution.json"}


def test_too_many_paths_turn_into_matrices_and_say_so() -> None:
    rows = [[0.01 * (i + j + 1) for j in range(12)] for i in range(12)]
    layer = f'[[network.layer]]\nweights = {rows}\nactivation = "tanh"\n'
    text = f'[network]\ninputs = {[1] * 12}\ntargets = {[0] * 12}\n{layer * 3}[work]\nform = "paths"\n'
    document = write(explain(loads_problem(text)), "md", stem="s")["s.md"].decode()
    assert "more than $1000$ paths" in document
    assert "dots stand" in document.replace("\n", " ")
