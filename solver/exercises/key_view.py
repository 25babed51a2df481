"""The answer key of a problem on its own: answers with what is accepted, named mistakes, then the worked solution."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solver.document.asking import results_asked
from solver.document.explain import telling_of
from solver.document.nodes import Document, Section
from solver.document.views import view_of
from solver.document.words import phrase
from solver.exercises.answers import answers_to
from solver.exercises.marking_key import answers_tables, mistakes_tables, titled
from solver.exercises.slips import slips
from solver.exercises.worked import definitions_of
from solver.graph import build

if TYPE_CHECKING:
    from solver.spec import Problem


def key_of(document: Document, problem: Problem) -> Document:
    """Return the key of a problem.

    Args:
        document: Its worked solution.
        problem: The problem; a symbolic one has no answers beside its solution.
    """
    key = view_of(document, problem, "key")
    model = build(problem)
    if model.symbolic:
        return key
    telling = telling_of(problem, model)
    telling = telling.defining(definitions_of(telling))
    answers = answers_to(telling, results_asked(telling))
    blocks = answers_tables(telling, answers, points=False)
    tables = mistakes_tables(telling, answers, slips(telling, answers))
    section = Section(
        phrase("Answers"),
        (*blocks, *([titled("Which mistake gives which number", *tables)] if tables else [])),
    )
    return replace(key, blocks=(section, *key.blocks))
