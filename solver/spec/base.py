"""What a problem file of every kind holds beside its mathematics."""

from __future__ import annotations

from pydantic import Field

from solver.spec.claims import Claim
from solver.spec.file import FileModel
from solver.spec.options import Notation, Numbers, Work
from solver.spec.text import Line
from solver.spec.variants import VariantSettings


class ProblemFile(FileModel):
    """One problem: given values, what is asked, and how it is shown."""

    title: Line = Field(
        "", description="Printed as the heading; left out: the name of the file.", examples=["Multiple paths"]
    )
    source: Line = Field("", description="Where the problem comes from; printed under the title.")
    notation: Notation = Field(Notation(), description="Letters and styles.")
    numbers: Numbers = Field(Numbers(), description="Digits and rounding.")
    work: Work = Field(Work(), description="What is worked out.")
    claims: tuple[Claim, ...] = Field(
        (), description="Figures that a published solution prints, for `check`."
    )
    variants: VariantSettings | None = Field(None, description="What is drawn anew for every variant.")
