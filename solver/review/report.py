"""The result of a check as JSON, and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.review.review import Review
from solver.review.verdicts import Finding, Judgement, Verdict, shown

if TYPE_CHECKING:
    from rich.console import Console

HEADER = ("quantity", "printed", "computed", "verdict", "cause", "where")

# What is said of one figure, and of several.
_TOLD = (
    (Verdict.AGREES, "agrees", "agree"),
    (Verdict.ROUNDING, "follows from rounding", "follow from rounding"),
    (Verdict.WRONG, "wrong", "wrong"),
)

STYLES = {Verdict.AGREES: "green", Verdict.ROUNDING: "yellow", Verdict.WRONG: "bold red"}


def as_json(reviews: Iterable[Review]) -> list[dict[str, Any]]:
    """Return one object per claim: file, quantity, printed, computed, verdict, cause, where."""
    return [
        {
            "file": str(review.problem.file),
            "quantity": finding.claim.quantity,
            "printed": finding.claim.value.texts.tolist(),
            "computed": _computed(finding),
            "verdict": finding.verdict.value,
            "cause": finding.cause,
            "where": finding.claim.where,
        }
        for review in reviews
        for finding in review.findings
    ]


def _computed(finding: Finding) -> Any:
    values = np.array([judgement.true for judgement in finding.judgements])
    return values.reshape(finding.claim.value.texts.shape).tolist()


def rows(finding: Finding) -> Iterator[tuple[Verdict, tuple[str, ...]]]:
    """Yield the rows of one claim: one for a number, one for each telling figure of an array and one for the rest."""
    where = finding.claim.where
    if len(finding.judgements) == 1:
        yield (
            finding.verdict,
            (finding.claim.quantity, *_row(finding.judgements[0], finding.cause, where)[1:]),
        )
        return
    plain = [j for j in finding.judgements if j.verdict is Verdict.AGREES]
    for judgement in finding.judgements:
        if judgement.verdict is not Verdict.AGREES:
            yield judgement.verdict, _row(judgement, str(judgement.cause or ""), where)
    if plain:
        total = len(finding.judgements)
        what = f"all {total}" if len(plain) == total else f"{len(plain)} of {total}"
        told = str(finding.remark) if finding.remark is not None else ""
        yield Verdict.AGREES, (finding.claim.quantity, what, "", Verdict.AGREES.value, told, where)


def _row(judgement: Judgement, cause: str, where: str) -> tuple[str, ...]:
    figure = judgement.figure
    computed = shown(judgement.true, figure, more=2)
    return str(figure.key), figure.text, computed, judgement.verdict.value, cause, where


def summary(review: Review) -> str:
    """Return one line that says what was found."""
    counts = {verdict: sum(j.verdict is verdict for j in review.figures) for verdict in Verdict}
    if not review.figures:
        return "no claims"
    parts = [
        f"{counts[verdict]} {one if counts[verdict] == 1 else many}"
        for verdict, one, many in _TOLD
        if counts[verdict]
    ]
    figures = "1 figure" if len(review.figures) == 1 else f"{len(review.figures)} figures"
    return f"{figures}: {', '.join(parts)}{from_slips(len(review.slips), counts[Verdict.WRONG])}"


def from_slips(slips: int, wrong: int) -> str:
    """Return of how many slips the wrong figures are the consequences, where some are."""
    if slips == wrong:
        return ""
    return ", all from 1 slip" if slips == 1 else f", all from {slips} slips"


def as_text(reviews: Sequence[Review]) -> str:
    """Return the tables as plain text, for a pipe or a file."""
    lines: list[str] = []
    for review in reviews:
        found = [row for finding in review.findings for _, row in rows(finding)]
        lines.append(f"{review.problem.file}: {summary(review)}")
        if found:
            widths = [max(len(row[column]) for row in (HEADER, *found)) for column in range(len(HEADER))]
            lines += [_aligned(row, widths) for row in (HEADER, *found)]
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    right = (1, 2)
    cells = [cell.rjust(width) if place in right else cell.ljust(width)
             for place, (cell, width) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
    return "  " + "  ".join(cells).rstrip()


def as_terminal(reviews: Sequence[Review]) -> str:
    """Return the tables in the width and the colours of the terminal."""
    from rich.console import Console

    console = Console()
    with console.capture() as captured:
        _tables(console, reviews)
    return captured.get()


def _tables(console: Console, reviews: Sequence[Review]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    for review in reviews:
        console.print(Text(f"{review.problem.file}: {summary(review)}", style="bold"))
        found = [row for finding in review.findings for row in rows(finding)]
        if not found:
            continue
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for place, name in enumerate(HEADER[:4]):
            table.add_column(name, justify="right" if place in (1, 2) else "left", no_wrap=True)
        table.add_column(
            "cause, and where", overflow="fold", ratio=1
        )  # together: a terminal has few columns to give
        for verdict, (*cells, cause, where) in found:
            texts = [Text(cell) for cell in cells]
            texts[3].stylize(STYLES[verdict])
            told = Text(cause)
            if where:
                told.append(("\n" if cause else "") + where, style="dim")
            table.add_row(*texts, told)
        console.print(table)
