"""The formula sheet of an exam says nothing that is false somewhere."""

from __future__ import annotations

from solver.course.formulas import formula_sheet
from solver.document import nodes as n
from solver.spec import loads_problem
from solver.writers.formats import write

SOFTMAX = """
[network]
inputs  = [1, 2]
targets = [0, 1]
loss    = "cross_entropy"
[[network.layer]]
weights = [[0.1, 0.2], [0.3, 0.4]]
activation = "softmax"
"""


def test_the_slopes_of_the_softmax_are_told_apart() -> None:
    sheet = n.Document("T", formula_sheet([loads_problem(SOFTMAX)]))
    text = write(sheet, "tex", stem="sheet")["sheet.tex"].decode()
    assert r"\frac{\partial y_k}{\partial z_k} &= y_k (1 - y_k)" in text
    assert r"(j \neq k)" in next(line for line in text.splitlines() if r"- y_k \, y_j" in line)
