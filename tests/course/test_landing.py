"""The landing page: headings by folder, cards, and lists that are split where they are long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solver.course import landing
from solver.course.landing import Card, Group, Landing, Link, Listing, Row, landing_pages
from tests.course.conftest import COURSE, Build


def students(count: int) -> Listing:
    rows = tuple(
        Row((f"s{k}", f"Student {k}"), (Link("PDF", f"exam/s{k}/sheet.pdf"),)) for k in range(1, count + 1)
    )
    return Listing(f"{count} sheets", ("Id", "Name", "Sheet"), rows)


def pages_for(listing: Listing) -> dict[str, str]:
    card = Card("Exam", (Link("Manifest", "exam/manifest.json"),))
    shown = Landing("Course", "", (Group("Exams", (card,), (listing,)),))
    return {name: page.decode() for name, page in landing_pages(shown, None).items()}


def test_a_short_list_is_on_the_page() -> None:
    pages = pages_for(students(3))
    assert set(pages) == {"index.html", "README.md"}
    for page in pages.values():
        assert all(f"exam/s{k}/sheet.pdf" in page for k in (1, 2, 3))


def test_a_long_list_has_pages_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "MOST_ROWS", 2)
    pages = pages_for(students(5))
    for name, suffix in (("index.html", "html"), ("README.md", "md")):
        parts = [f"sheets-{number}.{suffix}" for number in (1, 2, 3)]
        assert [part for part in parts if part in pages[name]] == parts
        assert "sheet.pdf" not in pages[name]
        found = [re.findall(r"exam/(s\d)/sheet\.pdf", pages[part]) for part in parts]
        assert found == [["s1", "s2"], ["s3", "s4"], ["s5"]]
        assert "s3 to s4" in pages[name]
    assert set(pages) == {
        "index.html",
        "README.md",
        *(f"sheets-{k}.{s}" for k in (1, 2, 3) for s in ("html", "md")),
    }


def test_things_stand_under_the_first_folder_they_are_in(build: Build, course: Path, place: Path) -> None:
    build()
    assert re.findall(r"<h2>(.*?)</h2>", (place / "index.html").read_text("utf-8")) == ["Handouts", "Week 2"]
    readme = (place / "README.md").read_text("utf-8")
    assert re.findall(r"^## (.*)$", readme, re.MULTILINE) == ["Handouts", "Week 2"]
    course.write_text(COURSE.replace('folder = "week-2"', ""), "utf-8")
    build()
    assert re.findall(r"<h2>(.*?)</h2>", (place / "index.html").read_text("utf-8")) == ["Handouts"]
