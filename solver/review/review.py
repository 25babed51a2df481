"""From a problem with claims to what is found of each claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from solver.exercises.mistakes import Cell, Saying
from solver.graph import Model, build
from solver.quantities import Quantity, Role
from solver.review.figures import Figure, figures_of
from solver.review.judge import Judge
from solver.review.names import Names
from solver.review.truth import Truth
from solver.review.verdicts import Finding, Judgement, shown
from solver.spec.findings import Finding as Fault
from solver.trace.faults import faults_of

if TYPE_CHECKING:
    from solver.review.claims_file import ClaimsFile
    from solver.spec import Problem


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


def review(problem: Problem, beside: ClaimsFile | None = None) -> Review:
    """Hold every claim of a problem against the truth.

    Args:
        problem: With the claims of its file.
        beside: Claims of another file about it.

    Raises:
        InputError: A claim cannot be held against this problem, or the problem has no numbers.
    """
    together = (*problem.claims, *(beside.claims if beside is not None else ()))
    with faults_of(problem):
        model = build(problem)
        figures, faults = figures_of(Names(model), together)
        if faults:
            _refuse(problem, faults, beside)
        if model.symbolic:
            from solver.review.symbolic import judged_symbols

            judgements, faults = judged_symbols(problem, model, figures)
            if faults:
                _refuse(problem, faults, beside)
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


def _refuse(problem: Problem, faults: Sequence[Fault], beside: ClaimsFile | None) -> NoReturn:
    """Raise the error for claims that cannot be held against a problem, with their files and lines."""
    from solver.errors import Fault as Message
    from solver.errors import InputError
    from solver.spec.findings import key_path
    from solver.spec.positions import Lines

    try:
        lines = Lines(problem.file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):  # the problem was made from Python, or its file is gone
        lines = None
    own, messages = len(problem.claims), []
    for fault in faults:
        number, path = int(fault.path[0]), fault.under(("claims",)).path
        if number < own or beside is None:
            file, line, key = problem.file, lines.line(path) if lines is not None else None, key_path(path)
        else:
            file, line, key = beside.path, beside.lines[number - own], str(fault.path[1])
        messages.append(
            Message(
                fault.message,
                file,
                line,
                key=key,
                found=fault.found,
                expected=fault.expected,
                nearest=fault.nearest,
            )
        )
    raise InputError(messages)
