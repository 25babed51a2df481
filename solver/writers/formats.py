"""Every text format, one row each: a new one is a module and a row. PDF is no row: an engine compiles LaTeX to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from solver.document.nodes import Document
from solver.errors import Fault, InputError, listed, nearest_name, quoted

Writer = Callable[[Document, str, Path | None], dict[str, bytes]]
"""Takes a document, the stem of its files and a teacher's templates; returns the files by their relative path."""


@dataclass(frozen=True, slots=True)
class Format:
    """One text format.

    Attributes:
        writer: Writes a document.
        suffix: How the main file's name ends.
        title: What people call the format.
    """

    writer: Writer
    suffix: str
    title: str


def _tex(document: Document, stem: str, templates: Path | None) -> dict[str, bytes]:
    from solver.writers.latex import write_latex

    return {f"{stem}.tex": write_latex(document, templates=templates).text.encode()}


def _markdown(document: Document, stem: str, templates: Path | None) -> dict[str, bytes]:
    from solver.writers.markdown import write_markdown

    files = write_markdown(document, templates=templates, stem=stem)
    figures = {name: picture.encode() for name, picture in files.figures.items()}
    return {f"{stem}.md": files.text.encode(), **figures}


def _html(document: Document, stem: str, templates: Path | None) -> dict[str, bytes]:
    from solver.writers.html import write_html

    return {f"{stem}.html": write_html(document, templates=templates).encode()}


WRITERS: Final[dict[str, Format]] = {
    "tex": Format(_tex, ".tex", "LaTeX"),
    "md": Format(_markdown, ".md", "Markdown"),
    "html": Format(_html, ".html", "HTML"),
}
"""The formats by the name that the command line knows."""


def write(document: Document, name: str, *, stem: str, templates: Path | None = None) -> dict[str, bytes]:
    """Return a document in one text format.

    Args:
        document: The document.
        name: A key of `WRITERS`.
        stem: Name of the files, without a suffix.
        templates: A teacher's folder of templates.

    Returns:
        The content of each file by its path relative to the document's folder; the document itself comes first.

    Raises:
        InputError: There is no such format, or a template has a fault.
    """
    known = WRITERS.get(name)
    if known is None:
        nearest = nearest_name(name, WRITERS)
        raise InputError(
            Fault("no such format", found=quoted(name), expected=listed(list(WRITERS)), nearest=nearest)
        )
    return known.writer(document, stem, templates)
