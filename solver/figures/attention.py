"""Draw the weights of attention: which token looks at which, darker where it looks harder."""

from __future__ import annotations

from dataclasses import dataclass

from solver.figures.grids import CELL, Plane, cell_width, frame
from solver.figures.measure import box
from solver.figures.scene import Box, Label, Role, Scene, Shape
from solver.figures.sheet import fitted
from solver.notation.math import Math


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight: what is printed, and how dark the cell is, from 0 to 1; `None` in `AttentionPicture` where masked."""

    value: Math
    share: float


@dataclass(frozen=True, slots=True)
class AttentionPicture:
    """A matrix of attention weights.

    Attributes:
        queries: Names of the rows: the tokens that look.
        keys: Names of the columns: the tokens looked at.
        weights: One row for each query; `None` where a causal mask hides the key.
        rows: What the rows are ("query"), set beside them.
        columns: What the columns are ("key"), set above them.
        lit: Row to frame, counted from 1.
    """

    queries: tuple[Math, ...]
    keys: tuple[Math, ...]
    weights: tuple[tuple[Weight | None, ...], ...]
    rows: Math | None = None
    columns: Math | None = None
    lit: int | None = None


def attention_scene(picture: AttentionPicture) -> Scene:
    """Return the drawing of a matrix of attention weights."""
    numbers = Plane(tuple(tuple(w.value for w in line if w is not None) for line in picture.weights))
    width = max(cell_width([numbers]), *(box(key, "small")[0] + 0.2 for key in picture.keys), CELL)
    high = 1.1 * CELL
    names = max((box(query, "small")[0] for query in picture.queries), default=0.0)
    shapes: list[Shape] = []
    for i, line in enumerate(picture.weights):
        y = -(i + 0.5) * high
        for j, weight in enumerate(line):
            center = ((j + 0.5) * width, y)
            if weight is None:
                shapes.append(Box(center, width, high, None, "muted"))
            else:
                shapes.append(
                    Box(center, width, high, weight.value, "plain", size="tiny", shade=weight.share)
                )
        shapes.append(Label((-0.12, y), picture.queries[i], anchor="left", halo=False))
    shapes.sort(key=lambda shape: shape.role != "muted")
    for j, key in enumerate(picture.keys):
        shapes.append(Label(((j + 0.5) * width, 0.12), key, anchor="above", halo=False))
    across, down = width * len(picture.keys), high * len(picture.queries)
    if picture.columns is not None:
        shapes.append(Label((across / 2, 0.62), picture.columns, "muted", "above", halo=False))
    if picture.rows is not None:
        shapes.append(Label((-names - 0.32, -down / 2), picture.rows, "muted", "left", halo=False))
    if picture.lit is not None:
        top = -(picture.lit - 1) * high
        tone: Role = "highlighted"
        shapes.append(frame(((0.0, top - high), (across, top - high), (across, top), (0.0, top)), tone))
    return fitted(shapes)
