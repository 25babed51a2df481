"""A course is built as far as something changed, and not further."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from solver.course.build import Outcome
from solver.course.store import STATE
from solver.errors import EngineError, InputError, render_failure
from solver.rendering import render_files
from tests.course.conftest import COURSE, NEURON, Build, contents

ALL = {
    "README.md",
    "handouts/neuron/figures/solution-1.svg",
    "handouts/neuron/figures/solution-2.svg",
    "handouts/neuron/solution.md",
    "handouts/neuron/solution.pdf",
    "index.html",
    "thumbnails/handouts/neuron/solution.png",
    "week-2/figures/solution-1.svg",
    "week-2/figures/solution-2.svg",
    "week-2/solution.json",
    "week-2/solution.md",
}


def counts(outcome: Outcome) -> tuple[int, int, int]:
    summary = outcome.summary
    return summary.built, summary.reused, summary.failed


def test_a_course_is_what_render_writes_and_pages_that_link_it(
    build: Build, place: Path, course: Path
) -> None:
    outcome = build()
    assert counts(outcome) == (4, 0, 0)
    made = contents(place)
    assert set(made) == ALL
    rendered = list(render_files([course.parent / "neuron.toml"], ("pdf", "md"), place.parent / "rendered"))
    for file in rendered:
        assert made[f"handouts/{file.relative_to(place.parent / 'rendered').as_posix()}"] == file.read_bytes()
    assert json.loads(made["week-2/solution.json"])["title"] == "Another neuron"


def test_nothing_is_built_twice(build: Build, place: Path) -> None:
    build()
    before = {
        path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file() and path.name != "lock"
    }
    assert counts(build()) == (0, 4, 0)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_changed_is_built_and_nothing_else(build: Build, course: Path, place: Path) -> None:
    build()
    other = course.parent / "other.toml"
    other.write_text(other.read_text("utf-8").replace("0.4", "0.3"), "utf-8")
    assert planned(build(dry_run=True)) == {
        "week-2/solution.json": "the problem changed",
        "week-2/solution.md": "the problem changed",
    }
    before = contents(place)
    assert counts(build()) == (2, 2, 0)
    changed = {name for name, content in contents(place).items() if before[name] != content}
    assert changed == {"week-2/solution.json", "week-2/solution.md", "week-2/figures/solution-2.svg"}


def planned(outcome: Outcome) -> dict[str, str]:
    assert outcome.planned is not None
    return dict(outcome.planned)


def test_a_dry_run_writes_nothing(build: Build, place: Path) -> None:
    outcome = build(dry_run=True)
    assert not place.exists()
    assert set(planned(outcome).values()) == {"new"}
    assert len(planned(outcome)) == 4


def test_a_template_changes_what_is_made_with_it(build: Build, course: Path, place: Path) -> None:
    templates = course.parent / "templates"
    (templates / "markdown").mkdir(parents=True)
    note = templates / "markdown" / "paragraph.md"
    note.write_text("<< words >>\n", "utf-8")
    course.write_text(COURSE + '\n[style]\ntemplates = "templates"\n', "utf-8")
    build()
    note.write_text("said: << words >>\n", "utf-8")
    assert planned(build(dry_run=True)) == dict.fromkeys(
        ("handouts/neuron/solution.md", "week-2/solution.md"), "the templates changed"
    )
    assert counts(build()) == (2, 2, 0)
    assert "said: " in (place / "week-2" / "solution.md").read_text("utf-8")
    note.write_text("<< nothing_of_this_name >>\n", "utf-8")
    failure = build().failures[0]
    assert failure.what == "handouts/neuron/solution.md"
    assert failure.message.startswith(f"{note}:1: 'nothing_of_this_name' is undefined")


def test_a_landing_page_with_a_fault_is_named_and_all_else_is_there(
    build: Build, course: Path, place: Path
) -> None:
    template = course.parent / "templates" / "html" / "course.html"
    template.parent.mkdir(parents=True)
    template.write_text("<< nosuch >>", "utf-8")
    course.write_text(COURSE + '[style]\ntemplates = "templates"\n', "utf-8")
    outcome = build()
    assert (outcome.summary.built, outcome.summary.failed) == (4, 1)
    (failure,) = outcome.failures
    assert failure.text.startswith(f"index: {template}:1: 'nosuch' is undefined")
    template.unlink()
    assert not build().failures
    assert (place / "index.html").exists()


def test_the_course_has_one_style(build: Build, course: Path, place: Path) -> None:
    build()
    style = '\n[style]\nnotation = { weight = "v" }\nnumbers = { significant = 2 }\n'
    course.write_text(COURSE + style, "utf-8")
    why = set(planned(build(dry_run=True)).values())
    assert why == {"the course's notation changed, the course's digits changed"}
    before = (place / "week-2" / "solution.json").read_bytes()
    build()
    text = (place / "week-2" / "solution.md").read_text("utf-8")
    assert "\\mathbf{v}" in text
    assert "two significant digits" in text
    assert (place / "week-2" / "solution.json").read_bytes() == before


def test_files_that_are_gone_or_were_edited_are_made_again(build: Build, place: Path) -> None:
    build()
    before = contents(place)
    (place / "handouts" / "neuron" / "solution.pdf").unlink()
    (place / "week-2" / "solution.md").write_text("mine now", "utf-8")
    assert planned(build(dry_run=True)) == {
        "handouts/neuron/solution.pdf": "solution.pdf is missing",
        "week-2/solution.md": "solution.md was changed",
    }
    assert counts(build()) == (2, 2, 0)
    assert contents(place) == before


def test_a_copied_course_is_not_built_again(build: Build, place: Path) -> None:
    build()
    moved = place.parent / "moved"
    shutil.copytree(place, moved, copy_function=shutil.copyfile)
    shutil.rmtree(place)
    shutil.copytree(moved, place, copy_function=shutil.copyfile)
    for path in place.rglob("*.*"):
        os.utime(path)
    assert counts(build()) == (0, 4, 0)
    record = place / STATE / "records" / "week-2" / "solution.md.json"
    stamp = json.loads(record.read_text("utf-8"))["files"]["week-2/solution.md"][2]
    assert stamp == str((place / "week-2" / "solution.md").stat().st_mtime_ns)


def test_what_the_course_no_longer_has_is_removed_and_nothing_else(
    build: Build, course: Path, place: Path
) -> None:
    build()
    (place / "week-2" / "notes.txt").write_text("kept", "utf-8")
    (place / "week-2" / "figures" / "solution-1.svg").write_text("edited", "utf-8")
    course.write_text(
        COURSE.split("[[handout]]")[0] + "[[handout]]" + COURSE.split("[[handout]]")[1], "utf-8"
    )
    outcome = build()
    assert outcome.summary.removed == 3
    assert {name for name in contents(place) if name.startswith("week-2")} == {
        "week-2/notes.txt",
        "week-2/figures/solution-1.svg",
    }


def test_force_makes_everything_anew_and_the_same(build: Build, place: Path) -> None:
    build()
    before = contents(place)
    assert set(planned(build(force=True, dry_run=True)).values()) == {"--force"}
    assert counts(build(force=True)) == (4, 0, 0)
    assert contents(place) == before


def test_a_problem_with_a_fault_is_named_and_all_others_are_there(
    build: Build, course: Path, place: Path
) -> None:
    (course.parent / "neuron.toml").write_text(NEURON.replace("sigmoid", "sigmoidd"), "utf-8")
    outcome = build()
    assert counts(outcome) == (2, 0, 2)
    assert [failure.what for failure in outcome.failures] == [
        "handouts/neuron/solution.pdf",
        "handouts/neuron/solution.md",
    ]
    assert 'neuron.toml:12: network.layer[1].activation: found "sigmoidd"' in outcome.failures[0].text
    assert set(contents(place)) == {name for name in ALL if "neuron" not in name}
    assert "could not be built" in (place / "index.html").read_text("utf-8")
    (course.parent / "neuron.toml").write_text(NEURON, "utf-8")
    assert counts(build()) == (2, 2, 0)
    assert set(contents(place)) == ALL
    assert "could not be built" not in (place / "index.html").read_text("utf-8")


def test_a_fault_of_the_tex_is_one_of_the_handout(build: Build, course: Path) -> None:
    templates = course.parent / "templates"
    (templates / "latex").mkdir(parents=True)
    (templates / "latex" / "paragraph.tex").write_text("<< words >>\n\\nosuchcommand\n", "utf-8")
    course.write_text(COURSE + '\n[style]\ntemplates = "templates"\n', "utf-8")
    outcome = build()
    assert counts(outcome) == (3, 0, 1)
    assert re.match(
        r"handouts/neuron/solution.pdf: pdfLaTeX stopped at line \d+: Undefined control sequence",
        outcome.failures[0].text,
    )


def test_no_engine_is_one_message(build: Build, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv("CHAINSHEET_PDFLATEX", "/nowhere/pdflatex")
    with pytest.raises(EngineError, match="CHAINSHEET_PDFLATEX names /nowhere/pdflatex"):
        build()
    assert not place.exists()


def test_a_place_that_cannot_be_written_is_one_message(build: Build, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        build(out=str(tmp_path / "taken"))


def test_a_course_file_with_a_fault_is_not_built(build: Build, course: Path, place: Path) -> None:
    course.write_text(COURSE.replace("neuron.toml", "neurn.toml"), "utf-8")
    with pytest.raises(InputError) as caught:
        build()
    assert 'did you mean "neuron.toml"?' in render_failure(caught.value)
    assert not place.exists()


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value is not None]


def test_every_file_is_linked_and_every_link_leads_somewhere(build: Build, course: Path, place: Path) -> None:
    odd = "week 2 (a)_b & c %41#"
    course.write_text(COURSE.replace("week-2", odd), "utf-8")
    build()
    made = set(contents(place))
    parser = _Addresses()
    parser.feed((place / "index.html").read_text("utf-8"))
    page = {unquote(address) for address in parser.found}
    readme = (place / "README.md").read_text("utf-8")
    shown = {
        unquote(found)
        for found in re.findall(r'\]\(([^)\s]+)\)|"([^"\s]+)"', readme)
        for found in found
        if found
    }
    for links in (page, shown & made):
        assert links <= made
        figures = {name for name in made if "/figures/" in name and not name.startswith(odd)}
        assert made - links <= figures | {"index.html", "README.md", f"{odd}/figures/solution-2.svg"}


def test_titles_are_shown_literally(build: Build, course: Path, place: Path) -> None:
    hostile = "<script>alert(1)</script> *a* | `b` [c](d) & \\input{x}"
    course.write_text(COURSE.replace('"A small course"', json.dumps(hostile)), "utf-8")
    build()
    page = (place / "index.html").read_text("utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *a* | `b` [c](d) &amp; \\input{x}" in page
    readme = (place / "README.md").read_text("utf-8")
    assert "<script>" not in readme
    assert r"\*a\* \| \`b\` \[c\](d)" in readme


def test_a_second_build_takes_a_moment(build: Build) -> None:
    build()
    started = time.monotonic()
    build()
    assert time.monotonic() - started < 1
