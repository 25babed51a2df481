"""What is found of each printed figure, and of each claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from solver.exercises.mistakes import Saying
from solver.review.figures import Figure
from solver.spec.claims import Claim


class Verdict(Enum):
    """The three verdicts of the contract, from harmless to not."""

    AGREES = "agrees"
    ROUNDING = "rounding"
    WRONG = "wrong"

    @property
    def gravity(self) -> int:
        """0 for a figure that agrees, 2 for a wrong one."""
        return list(Verdict).index(self)


@dataclass(frozen=True)
class Judgement:
    """What is found of one figure.

    Attributes:
        figure: The figure.
        verdict: Right, right as far as rounding goes, or wrong.
        true: What is right.
        cause: What a reader is told; None where there is nothing to tell.
        mistakes: Names of the records that explain it.
        root: Number of the figure whose slip this one follows from; None where it stands for itself.
    """

    figure: Figure
    verdict: Verdict
    true: float
    cause: Saying | None = None
    mistakes: tuple[str, ...] = ()
    root: int | None = None


@dataclass(frozen=True)
class Finding:
    """What is found of one claim.

    Attributes:
        claim: As it stands in the file.
        judgements: Of its figures, in the order of the claim.
        remark: What concerns all of them, such as a shortened derivative that the file asks for.
    """

    claim: Claim
    judgements: tuple[Judgement, ...]
    remark: Saying | None = None

    @property
    def verdict(self) -> Verdict:
        """The gravest of its figures."""
        return max((judgement.verdict for judgement in self.judgements), key=lambda verdict: verdict.gravity)

    @property
    def causes(self) -> Mapping[Saying, Sequence[Judgement]]:
        """What is told of the gravest figures, each cause once, with its figures."""
        found: dict[Saying, list[Judgement]] = {}
        for judgement in self.judgements:
            if judgement.verdict is self.verdict and judgement.cause is not None:
                found.setdefault(judgement.cause, []).append(judgement)
        return found

    @property
    def cause(self) -> str:
        """All that is told, in one line of plain text."""
        parts = [self._part(cause, judgements) for cause, judgements in self.causes.items()]
        if self.remark is not None:
            parts.append(str(self.remark))
        return "; ".join(parts)

    def _part(self, cause: Saying, judgements: Sequence[Judgement]) -> str:
        # A cause that names its place need not be told again where it is; one that does not is, in an array.
        if len(self.judgements) == 1 or "place" in cause.words or len(judgements) == len(self.judgements):
            return str(cause)
        named = [str(judgement.figure.key) for judgement in judgements]
        shown = ", ".join(named[:6]) + (f" and {len(named) - 6} more" if len(named) > 6 else "")
        return f"{shown}: {cause}"


def shown(value: float, figure: Figure, more: int = 0) -> str:
    """Return a number to as many digits as a figure of it is printed with, and some more."""
    if value == 0 or (figure.value and value == round(value) and abs(value) < 1e6):
        return f"{value:.0f}"
    places = max(figure.decimals, 0) + more
    text = f"{value:.{places}f}"
    if abs(value) < 1e-4 or float(text) == 0:
        mantissa, exponent = f"{value:.{max(2, figure.significant) + more - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return text
