"""From a problem with claims to what is found of each claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from solver.exercises.mistakes import Cell, Saying
from solver.graph import Model, build
from solver.quantities import Quantity, Role
from solver.review.figures import Figure, figures_of
from solver.review.judge import Judge
from solver.review.names import Names
from solver.review.truth import Truth
from solver.review.verdicts import Finding, Judgement, shown
from solver.spec.claims import Claim
from solver.spec.findings import Finding as Fault
from solver.trace.faults import faults_of

if TYPE_CHECKING:
    from solver.spec import Problem

MOST_FIGURES = 5_000
"""Figures of one problem whose causes are looked for; more are no solution that a person wrote."""


@dataclass(frozen=True)
class Review:
    """What is found of one problem.

    Attributes:
        problem: The problem.
        model: Its graph.
        findings: Of each claim, in the order of the file.
        figures: Every printed number, judged, in order of work.
    """

    problem: Problem
    model: Model
    findings: tuple[Finding, ...]
    figures: tuple[Judgement, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether any figure is wrong."""
        return any(judgement.verdict.gravity == 2 for judgement in self.figures)

    @property
    def slips(self) -> tuple[Judgement, ...]:
        """The wrong figures that follow from no other."""
        return tuple(j for j in self.figures if j.verdict.gravity == 2 and j.root is None)


def review(problem: Problem, claims: Sequence[Claim] = (), claims_file: Path | None = None) -> Review:
    """Hold every claim of a problem against the truth.

    Args:
        problem: With the claims of its file.
        claims: Claims beside those, from `claims_file`.
        claims_file: The file that they stand in.

    Raises:
        InputError: A claim cannot be held against this problem, or the problem has no numbers.
    """
    together = (*problem.claims, *claims)
    with faults_of(problem):
        model = build(problem)
        figures, faults = figures_of(Names(model), together)
        if faults:
            _refuse(problem, faults, len(problem.claims), claims_file)
        if model.symbolic:
            from solver.review.symbolic import judged_symbols

            judgements, faults = judged_symbols(problem, model, figures)
            if faults:
                _refuse(problem, faults, len(problem.claims), claims_file)
        else:
            judgements = Judge(model, figures).judgements()
        findings = tuple(
            Finding(claim, tuple(sorted((j for j in judgements if j.figure.claim == number), key=_place)))
            for number, claim in enumerate(together)
        )
        if model.reference is not None:
            findings = tuple(_with_reference(finding, model) for finding in findings)
    return Review(problem, model, findings, tuple(judgements))


def _place(judgement: Judgement) -> tuple[int, ...]:
    return judgement.figure.index


def _with_reference(finding: Finding, model: Model) -> Finding:
    """Return a finding that tells what the true derivative is, where the file asks for a shortened one."""
    assert model.reference is not None
    dependent = [j.figure for j in finding.judgements if _may_differ(j.figure)]
    if not dependent:
        return finding
    full = Truth(replace(model, graph=model.reference, reference=None))
    values = full.values([figure.address for figure in dependent])
    own = {judgement.figure: judgement.true for judgement in finding.judgements}
    if all(
        abs(value - own[figure]) <= figure.unit / 2 for figure, value in zip(dependent, values, strict=True)
    ):
        return finding
    words: dict[str, str] = {}
    template = "softmax differentiated as if elementwise, as the file asks"
    if len(finding.judgements) == 1:
        words["value"] = shown(float(values[0]), dependent[0])
        template += ": its full derivative gives {value}"
    return replace(finding, remark=Saying(template, words))


def _may_differ(figure: Figure) -> bool:
    return (
        isinstance(figure.address, Cell)
        and isinstance(figure.key, Quantity)
        and figure.key.role in (Role.GRADIENT, Role.UPDATED)
    )


def _refuse(problem: Problem, faults: Sequence[Fault], own: int, claims_file: Path | None) -> None:
    """Raise the error for claims that cannot be held against a problem, with their lines."""
    from solver.errors import Fault as Message
    from solver.errors import InputError
    from solver.spec.reading import refuse
    from solver.spec.source import read_source

    if claims_file is None or any(int(fault.path[0]) < own for fault in faults):
        placed = [fault.under(("claims",)) for fault in faults if int(fault.path[0]) < own]
        refuse(read_source(problem.file, "a problem file"), placed)
    raise InputError(
        Message(
            fault.message, claims_file, key=f"claim {int(fault.path[0]) - own + 1}, {fault.path[1]}",
            found=fault.found, expected=fault.expected, nearest=fault.nearest,
        )
        for fault in faults
    )  # fmt: skip
