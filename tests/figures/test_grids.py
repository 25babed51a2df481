"""Convolution windows and attention weights: what is lit, what padding looks like, how large grids are shortened."""

from __future__ import annotations

import pytest

from solver.figures.attention import AttentionPicture, Weight, attention_scene
from solver.figures.convolution import ConvolutionPicture, convolution_scene
from solver.figures.framing import TEXT_WIDTH
from solver.figures.grids import Plane, Span
from solver.figures.measure import label_box
from solver.figures.scene import Box, Label, Line, Polyline, Scene
from solver.figures.style import shade
from solver.notation.math import Digits, Operator, Symbol
from tests.figures.boxes import free_labels, meet


def plane(height: int, width: int, start: int = 1, title: str = "") -> Plane:
    """Return a grid of consecutive numbers."""
    rows = tuple(tuple(Digits(str(start + r * width + c)) for c in range(width)) for r in range(height))
    return Plane(rows, Symbol(title) if title else None)


def boxes(scene: Scene) -> list[Box]:
    return [shape for shape in scene.shapes if isinstance(shape, Box)]


def lit(scene: Scene) -> list[str]:
    return [box.label.text for box in boxes(scene) if box.shade is not None and isinstance(box.label, Digits)]


SQUARE = ConvolutionPicture(
    (plane(3, 3, 1, "x"),),
    (plane(2, 2, 100, "Z"),),
    (plane(2, 2, 10, "K"),),
    Span(1, 2, 2, 2),
    (1, Span(1, 2)),
)


def test_window_kernel_and_output_cell_are_lit() -> None:
    assert sorted(lit(convolution_scene(SQUARE)), key=int) == [
        "2",
        "3",
        "5",
        "6",
        "10",
        "11",
        "12",
        "13",
        "101",
    ]
    frames = [
        s for s in convolution_scene(SQUARE).shapes if isinstance(s, Polyline) and s.role == "highlighted"
    ]
    assert len(frames) == 3
    assert sum(isinstance(s, Line) for s in convolution_scene(SQUARE).shapes) == 4


def test_padding_is_drawn_muted_and_may_be_in_the_window() -> None:
    padded = ConvolutionPicture(
        SQUARE.inputs, (plane(4, 4, 100),), SQUARE.kernels, Span(0, 0, 2, 2), (1, Span(1, 1)), 1
    )
    scene = convolution_scene(padded)
    rim = [box for box in boxes(scene) if box.role == "muted"]
    assert len(rim) == 5 * 5 - 3 * 3
    assert all(box.label == Digits("0") for box in rim)
    assert sorted(lit(scene), key=int) == ["0", "0", "0", "1", "10", "11", "12", "13", "100"]


def test_every_channel_is_lit_and_linked() -> None:
    two = ConvolutionPicture(
        (plane(3, 3), plane(3, 3, 20)),
        (plane(2, 2, 100), plane(2, 2, 200)),
        (plane(2, 2, 40), plane(2, 2, 50)),
        Span(1, 1, 2, 2),
        (2, Span(2, 2)),
    )
    scene = convolution_scene(two)
    assert {"1", "20", "40", "50", "203"} <= set(lit(scene))
    assert not {"100", "101", "102", "103"} & set(lit(scene))
    assert sum(isinstance(s, Line) for s in scene.shapes) == 8


def test_pooling_links_the_window_to_its_cell_and_names_what_it_does() -> None:
    pool = ConvolutionPicture(
        (plane(4, 4),), (plane(2, 2, 100),), (), Span(1, 3, 2, 2), (1, Span(1, 2)), operation=Symbol("max")
    )
    scene = convolution_scene(pool)
    assert sorted(lit(scene), key=int) == ["3", "4", "7", "8", "101"]
    assert Symbol("max") in [label.body for label in free_labels(scene)]


def test_a_sequence_is_drawn_as_rows_with_the_kernel_below_its_window() -> None:
    row = ConvolutionPicture(
        (plane(1, 7),), (plane(1, 5, 100),), (plane(1, 3, 50),), Span(1, 4, 1, 3), (1, Span(1, 4))
    )
    scene = convolution_scene(row)
    at = {box.label: box.center for box in boxes(scene)}
    assert at[Digits("4")][0] == pytest.approx(at[Digits("50")][0])
    assert at[Digits("4")][1] > at[Digits("50")][1] > at[Digits("103")][1]


@pytest.mark.parametrize("size", [9, 28, 224])
def test_large_planes_are_shortened_around_the_window(size: int) -> None:
    large = ConvolutionPicture(
        (plane(size, size),),
        (plane(size - 2, size - 2, 5),),
        (plane(3, 3, 2),),
        Span(4, 5, 3, 3),
        (1, Span(4, 5)),
    )
    scene = convolution_scene(large)
    assert scene.width <= TEXT_WIDTH
    assert {str(4 * size - size + column) for column in (5, 6, 7)} <= set(lit(scene))
    assert any(isinstance(s, Label) and s.body == Operator("⋮") for s in scene.shapes)


@pytest.mark.parametrize("text", ["1", "-0.123456", "1000000"])
def test_cells_hold_their_numbers(text: str) -> None:
    grid = Plane(((Digits(text),) * 2,) * 2)
    scene = convolution_scene(
        ConvolutionPicture((grid,), (grid,), (grid,), Span(1, 1, 2, 2), (1, Span(1, 1)))
    )
    for box in boxes(scene):
        assert box.label is not None
        assert label_box(Label(box.center, box.label, size="tiny")).half_width * 2 < box.width


def test_titles_and_signs_stand_apart() -> None:
    labels = free_labels(convolution_scene(SQUARE))
    rooms = [label_box(label) for label in labels]
    assert len(labels) == 5
    assert not any(meet(one, other) for i, one in enumerate(rooms) for other in rooms[i + 1 :])


def test_attention_is_darker_where_it_looks_harder_and_empty_where_masked() -> None:
    def weight(share: float) -> Weight:
        return Weight(Digits(f"{share:.2f}"), share)

    tokens = (Symbol("a"), Symbol("b"))
    picture = AttentionPicture(tokens, tokens, ((weight(1.0), None), (weight(0.25), weight(0.75))), lit=2)
    scene = attention_scene(picture)
    shades = {box.label: box.shade for box in boxes(scene)}
    assert shades == {Digits("1.00"): 1.0, None: None, Digits("0.25"): 0.25, Digits("0.75"): 0.75}
    assert shade(0.25) > shade(0.75)
    assert [label.body for label in free_labels(scene)].count(Symbol("a")) == 2
    assert any(isinstance(s, Polyline) and s.role == "highlighted" for s in scene.shapes)
