"""Networks: no label on another, lit nodes always shown, the same frame whatever is lit."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings

from solver.figures.framing import TEXT_WIDTH
from solver.figures.measure import label_box
from solver.figures.network import network_figure, network_scene
from solver.figures.picture import Highlight, LitPath, NetworkPicture
from solver.figures.scene import Circle, Label, Line, Scene
from solver.notation.math import Operator, Row
from tests.figures.boxes import clashes, runs_through
from tests.figures.pictures import LOSS, h, lit_networks, network, networks, paths_from, x


def lines_in(scene: Scene, role: str) -> list[Line]:
    return [shape for shape in scene.shapes if isinstance(shape, Line) and shape.role == role]


def circles(scene: Scene) -> list[Circle]:
    return [shape for shape in scene.shapes if isinstance(shape, Circle)]


def said(scene: Scene) -> list[object]:
    return [shape.body for shape in scene.shapes if isinstance(shape, Label) and shape.halo]


@settings(max_examples=30)
@given(networks())
def test_no_label_clashes_in_an_overview(picture: NetworkPicture) -> None:
    figure = network_figure(picture)
    assert clashes(figure.scene) == []
    assert figure.scene.width <= TEXT_WIDTH + 1e-9


@settings(max_examples=40)
@given(lit_networks())
def test_no_label_clashes_on_lit_paths(drawn: tuple[NetworkPicture, Highlight]) -> None:
    picture, highlight = drawn
    figure = network_figure(picture, highlight)
    assert clashes(figure.scene) == []
    assert figure.scene.width <= TEXT_WIDTH + 1e-9
    lit = [shape for shape in figure.scene.shapes if isinstance(shape, Line) and shape.arrow]
    for label in figure.scene.shapes:
        if isinstance(label, Label) and label.halo:
            # A label may run beside its own edge, but no lit line runs through it.
            assert not any(runs_through(label_box(label), line.start, line.end) for line in lit)


@settings(max_examples=20)
@given(lit_networks())
def test_lit_nodes_are_drawn_even_in_wide_columns(drawn: tuple[NetworkPicture, Highlight]) -> None:
    picture, highlight = drawn
    scene = network_scene(picture, highlight)
    labels = {neuron.quantity: neuron.label for column in picture.columns for neuron in column}
    shown = {circle.label for circle in circles(scene) if circle.role != "muted"}
    if not picture.split:
        assert {labels[q] for path in highlight.paths for q in path.nodes if q in labels} <= shown


def test_two_paths_share_their_beginning_and_part_by_tone() -> None:
    picture = network((4, 4, 2))
    scene = network_scene(picture, paths_from(picture, 1, 3))
    assert [len(lines_in(scene, role)) for role in ("highlighted", "path-1", "path-2")] == [1, 2, 2]
    roles = {circle.label: circle.role for circle in circles(scene)}
    assert roles[picture.columns[0][0].label] == roles[picture.columns[1][2].label] == "highlighted"
    assert roles[picture.columns[2][0].label] == "path-1"
    assert roles[picture.columns[2][1].label] == "path-2"
    assert sum(circle.role == "muted" for circle in circles(scene)) == 6


def test_lit_edges_say_name_and_value_and_lit_nodes_their_value() -> None:
    picture = network((4, 4, 2))
    figure = network_figure(picture, paths_from(picture, 1, 3))
    weight = next(e for e in picture.edges if (e.source, e.target) == (x(1), h(1, 3)))
    words = said(figure.scene)
    assert weight.label is not None
    assert weight.value is not None
    assert any(isinstance(b, Row) and b.items == (weight.label, Operator("="), weight.value) for b in words)
    assert picture.columns[1][2].value in words
    assert picture.columns[1][0].value not in words
    assert (figure.edges_named, figure.unnamed) == (True, ())


@settings(max_examples=30)
@given(lit_networks())
def test_every_lit_node_and_edge_says_its_value_or_is_reported(
    drawn: tuple[NetworkPicture, Highlight],
) -> None:
    picture, highlight = drawn
    figure = network_figure(picture, highlight)
    words = {repr(body) for body in said(figure.scene)}
    lit = {quantity for path in highlight.paths for quantity in path.nodes}
    for neuron in (neuron for column in picture.columns for neuron in column if neuron.quantity in lit):
        assert neuron.quantity in figure.unvalued or any(repr(neuron.value) in word for word in words)
    joints = {joint for path in highlight.paths for joint in pairwise(path.nodes)}
    for edge in picture.edges:
        if (edge.source, edge.target) in joints and (edge.source, edge.target) not in figure.unnamed:
            assert any(repr(edge.value) in word for word in words)


def test_the_network_keeps_its_place_whatever_is_lit() -> None:
    picture = network((3, 3, 2))
    places = []
    for i, j in ((1, 1), (3, 2)):
        scene = network_scene(picture, paths_from(picture, i, j))
        first = circles(scene)[0].center
        places.append([round(c.center[k] - first[k], 6) for c in circles(scene) for k in (0, 1)])
    assert places[0] == places[1]


def test_a_path_may_name_pre_activations_and_samples() -> None:
    picture = network((2, 2, 1))
    plain = Highlight((LitPath((x(1), h(1, 2), h(2, 1), LOSS)),))
    before = h(1, 2).__class__("a", layer=1, index=(2,))
    detailed = Highlight(
        (LitPath((x(1).of_sample(3), before.of_sample(3), h(1, 2).of_sample(3), h(2, 1), LOSS)),)
    )
    assert network_scene(picture, plain) == network_scene(picture, detailed)


def test_an_overview_names_every_edge_alike_or_none() -> None:
    small, large = network((4, 4, 2)), network((5, 5, 2))
    assert network_figure(small).edges_named
    assert {e.label for e in small.edges} <= set(said(network_scene(small)))
    assert not network_figure(large).edges_named
    assert not {e.label for e in large.edges} & set(said(network_scene(large)))
    assert set(large.matrices) <= set(said(network_scene(large)))


def test_few_edges_show_their_values() -> None:
    picture = network((2, 2, 1), digits=2)
    bodies = [body for body in said(network_scene(picture)) if isinstance(body, Row)]
    assert len(bodies) == len(picture.edges)


def test_wide_columns_keep_the_first_three_and_the_last() -> None:
    picture = network((64, 64, 10))
    figure = network_figure(picture)
    assert figure.elided == (0, 1, 2)
    shown = [circle.label for circle in circles(figure.scene)]
    assert [label for neuron in picture.columns[1] if (label := neuron.label) in shown] == [
        picture.columns[1][i].label for i in (0, 1, 2, 63)
    ]
    assert sum(isinstance(s, Label) and s.body == Operator("⋮") for s in figure.scene.shapes) == 3


def test_a_crowd_of_lit_edges_says_nothing_and_says_so() -> None:
    picture = network((3, 4, 4, 3))
    figure = network_figure(picture, paths_from(picture, 1, 1))
    assert not figure.edges_named
    assert {source.layer for source, _ in figure.unnamed} == {2}
    assert len(figure.unnamed) == 12


def test_bias_nodes_have_no_edge_into_them() -> None:
    picture = network((2, 3, 1), bias=True)
    scene = network_scene(picture)
    assert len([s for s in scene.shapes if isinstance(s, Line)]) == 3 * 3 + 4 * 1 + 1


def test_the_same_picture_gives_the_same_scene() -> None:
    picture = network((5, 4, 3), seed=5)
    highlight = paths_from(picture, 2, 2)
    assert network_figure(picture, highlight) == network_figure(picture, highlight)


def test_split_nodes_show_both_halves() -> None:
    picture = network((2, 2, 1), split=True)
    labels = [s.body for s in network_scene(picture).shapes if isinstance(s, Label)]
    for neuron in picture.columns[1]:
        assert neuron.pre is not None
        assert neuron.label in labels
        assert neuron.pre.label in labels
