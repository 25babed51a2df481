"""From a problem to its document in a view, and to the texts of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.document.nodes import Document
    from solver.spec import Problem


def document_of(problem: Problem, view: str) -> Document:
    """Return the document of a problem in a view: "solution", "sheet", "key" or "errata"."""
    from solver.document.explain import explain

    if view == "errata":
        from solver.review.errata import errata_of

        return errata_of(problem)
    if view == "sheet":
        from solver.document.views import view_of

        return view_of(explain(problem, checked=False, drawn_values=False), problem, view)
    document = explain(problem)
    if view == "key":
        from solver.exercises.key_view import key_of

        return key_of(document, problem)
    return document


def texts_of(
    problem: Problem, document: Document | None, formats: Sequence[str], stem: str, templates: Path | None
) -> dict[str, bytes]:
    """Return all files of a document that need no engine, by their path in the document's folder.

    Args:
        problem: The problem.
        document: Its document; None where only JSON is wanted.
        formats: Those wanted; "pdf" is not made here.
        stem: Name of the files.
        templates: A teacher's folder of templates.
    """
    found: dict[str, bytes] = {}
    for name in formats:
        if name == "json":
            found[f"{stem}.json"] = _json(problem)
        elif name != "pdf" and document is not None:
            from solver.writers.formats import write

            found |= write(document, name, stem=stem, templates=templates)
    return found


def _json(problem: Problem) -> bytes:
    import json

    from solver.solution import solve_problem

    return (json.dumps(solve_problem(problem), ensure_ascii=False, allow_nan=False) + "\n").encode()
