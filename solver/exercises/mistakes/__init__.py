"""The one table of mistakes: how each is made, what follows from it, and what a reader is told.

subject = Subject(model)
plants = list(planted(subject))                       # every mistake at every place
figures, alive = outcomes(model, [plant.edits for plant in plants], addresses)
print(plants[3].saying)                               # the sign of dL/da2 was flipped
"""

from solver.exercises.mistakes.edits import Address, Cell, Edit, Factor, Route, affordable_rows, outcomes
from solver.exercises.mistakes.record import Misprint, Mistake, Plant, Saying, Subject, all_elements
from solver.exercises.mistakes.run import Doing, Run, Site, Spot
from solver.exercises.mistakes.table import MISTAKES, planted

__all__ = [
    "MISTAKES", "Address", "Cell", "Doing", "Edit", "Factor", "Misprint", "Mistake", "Plant", "Route", "Run", "Saying",
    "Site", "Spot", "Subject", "affordable_rows", "all_elements", "outcomes", "planted",
]  # fmt: skip
