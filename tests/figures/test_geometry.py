"""Overlaps by separating axes, held against corners and crossings."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.figures.geometry import Rect, meets_circle, meets_segment, overlap, rect
from solver.figures.scene import Point
from tests.figures.boxes import meet, runs_through

coordinates = st.integers(-40, 40).map(lambda n: n / 10)
sizes = st.integers(1, 50).map(lambda n: n / 10)
rects = st.builds(rect, st.tuples(coordinates, coordinates), sizes, sizes, st.integers(-90, 90).map(float))


@given(rects, rects)
def test_overlap_agrees_with_corners_and_crossings(one: Rect, other: Rect) -> None:
    # Rectangles that only touch may fall on either side of the last bit.
    assume(overlap(one.grown(1e-6), other) == overlap(one, other.grown(-1e-6)))
    assume(meet(one.grown(1e-6), other) == meet(one.grown(-1e-6), other))
    # Edges that lie on each other cross nowhere and hold no corner: a little larger, they do.
    assert overlap(one, other) == overlap(other, one) == meet(one.grown(1e-6), other)


@given(rects, st.tuples(coordinates, coordinates), st.tuples(coordinates, coordinates))
def test_segment_agrees_with_corners_and_crossings(box: Rect, start: Point, end: Point) -> None:
    assume(start != end)
    assume(meets_segment(box.grown(1e-6), start, end) == meets_segment(box.grown(-1e-6), start, end))
    assert meets_segment(box, start, end) == runs_through(box, start, end)


@pytest.mark.parametrize(
    ("center", "meets"), [((1.4, 0), True), ((1.6, 0), False), ((1.3, 1.3), True), ((1.4, 1.4), False)]
)
def test_circle_at_a_corner_is_measured_to_the_corner(center: Point, meets: bool) -> None:
    assert meets_circle(rect((0, 0), 2, 2), center, 0.5) is meets
