"""The landing page: what the course holds, each thing with a picture of its first page and links to its files.

`index.html` for a browser, `README.md` for a repository, from the same entries; both are templates that a teacher can
override. A list of more sheets than a page should hold is split over pages of its own beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

PAGES = {"index.html": ("html", ".html"), "README.md": ("markdown", ".md")}
"""The pages: the family of their template and its suffix."""

MOST_ROWS = 1000
"""Rows of a list on one page; a browser shows so many at once, and GitHub still renders them."""


@dataclass(frozen=True)
class Link:
    """A file under a short name.

    Attributes:
        name: As it is shown.
        path: Relative to the page.
    """

    name: str
    path: str

    @property
    def address(self) -> str:
        """The path as an address."""
        return _address(self.path)


@dataclass(frozen=True)
class Card:
    """One handout or exam.

    Attributes:
        title: Its heading.
        links: At least one, unless it could not be built.
        about: A line below the heading.
        thumbnail: Path of a picture, or "".
        faults: What could not be built.
    """

    title: str
    links: tuple[Link, ...]
    about: str = ""
    thumbnail: str = ""
    faults: tuple[str, ...] = ()

    @property
    def picture(self) -> str:
        """The address of the picture, where there is something to link it to."""
        return _address(self.thumbnail) if self.links else ""


@dataclass(frozen=True)
class Row:
    """One line of a listing: words, then links."""

    cells: tuple[str, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Listing:
    """A table of many files: the sheets of an exam.

    Attributes:
        title: Its heading.
        header: Of its columns.
        rows: In order.
        pages: Where its rows are instead, when there are too many for the page.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    pages: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Group:
    """A heading with what stands under it."""

    title: str
    cards: tuple[Card, ...]
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True)
class Landing:
    """A landing page.

    Attributes:
        title: The course's.
        about: Lecturer and term.
        groups: Handouts, exams.
        language: Of the page.
    """

    title: str
    about: str
    groups: tuple[Group, ...]
    language: str = "en"


def _address(path: str) -> str:
    """Return a path as an address; what is left of it needs no escape, in HTML or in Markdown."""
    from solver.writers.templating import Raw

    return Raw(quote(path))


def landing_pages(landing: Landing, templates: Path | None) -> Mapping[str, bytes]:
    """Return the pages by name.

    Args:
        landing: What they show.
        templates: A teacher's folder of templates.

    Raises:
        InputError: A template has a fault.
    """
    from solver.writers.html_text import html_text
    from solver.writers.markdown_inline import markdown_text
    from solver.writers.templating import load_templates

    escapes = {"html": html_text, "markdown": markdown_text}
    pages = {}
    for name, (family, suffix) in PAGES.items():
        known = load_templates(family, suffix, escapes[family], templates)
        for page, shown in _paged(landing, name, suffix).items():
            groups = [group for group in shown.groups if group.cards or group.listings]
            text = known.render(
                "course", title=shown.title, about=shown.about, groups=groups, language=shown.language
            )
            pages[page] = f"{text}\n".encode()
    return pages


def _paged(landing: Landing, name: str, suffix: str) -> Mapping[str, Landing]:
    """Return the landing page and the pages of its long lists, by name."""
    pages: dict[str, Landing] = {}

    def split(listing: Listing) -> Listing:
        if len(listing.rows) <= MOST_ROWS:
            return listing
        links = []
        for start in range(0, len(listing.rows), MOST_ROWS):
            rows = listing.rows[start : start + MOST_ROWS]
            words = f"{rows[0].cells[0]} to {rows[-1].cells[0]}"
            file = f"sheets-{len(pages) + 1}{suffix}"
            part = replace(listing, title=words, rows=rows)
            pages[file] = Landing(landing.title, listing.title, (Group("", (), (part,)),), landing.language)
            links.append(Link(words, file))
        return replace(listing, rows=(), pages=tuple(links))

    groups = tuple(
        replace(group, listings=tuple(split(listing) for listing in group.listings))
        for group in landing.groups
    )
    return {name: replace(landing, groups=groups), **pages}
