"""The landing page: what the course holds, each thing with a picture of its first page and links to its files.

`index.html` for a browser, `README.md` for a repository, from the same entries; both are templates that a teacher can
override.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PAGES = {"index.html": ("html", ".html"), "README.md": ("markdown", ".md")}
"""The pages: the family of their template and its suffix."""

MOST_ROWS = 1000
"""Students that the landing page lists; the list of a larger exam is a page of its own."""


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
    """A table of many files: the sheets of an exam."""

    title: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


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
    from solver.writers.html import html_text
    from solver.writers.markdown_inline import markdown_text
    from solver.writers.templating import load_templates

    escapes = {"html": html_text, "markdown": markdown_text}
    pages = {}
    for name, (family, suffix) in PAGES.items():
        known = load_templates(family, suffix, escapes[family], templates)
        groups = [group for group in landing.groups if group.cards]
        text = known.render(
            "course", title=landing.title, about=landing.about, groups=groups, language=landing.language
        )
        pages[name] = f"{text}\n".encode()
    return pages
