"""Draw a dense network: names in circles, weights along edges, and whatever path is lit.

The drawing has two parts that do not depend on each other: where nodes stand (`frame`), and what is lit. So the same
network keeps its place on every page, and a reader sees only the path move.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.figures.framing import Frame, frame
from solver.figures.geometry import rect, towards
from solver.figures.labels import Place, Segment, Surroundings, Wanted, along_edge, around_node, place_labels
from solver.figures.lighting import Lit, lighting
from solver.figures.measure import box
from solver.figures.picture import Edge, Highlight, Joint, NetworkFigure, NetworkPicture
from solver.figures.scene import Anchor, Circle, Label, Line, Role, Scene, Shape
from solver.figures.sheet import fitted
from solver.notation.math import Math, Operator, row

# More edges than this between two columns are not named one by one.
NAMED_EDGES = 16
# Up to this many edges in all, an edge shows its value beside its name.
VALUED_EDGES = 9

_BESIDE = (
    0.5,
    0.46,
    0.54,
    0.42,
    0.58,
    0.38,
    0.62,
    0.34,
    0.66,
    0.3,
    0.7,
    0.26,
    0.74,
    0.22,
    0.78,
    0.18,
    0.82,
    0.1,
    0.9,
)
_NEAR_SOURCE = (0.24, 0.3, 0.18, 0.36, 0.42, 0.48, 0.12, 0.54, 0.6, 0.66, 0.72, 0.78, 0.84, 0.9)
_ABOVE: tuple[Anchor, ...] = ("above", "below", "above right", "below right", "above left", "below left")
_BELOW: tuple[Anchor, ...] = ("below", "above", "below right", "above right", "below left", "above left")


def network_scene(picture: NetworkPicture, highlight: Highlight | None = None) -> Scene:
    """Return the drawing of a network, with the highlighted paths lit and everything else muted."""
    return network_figure(picture, highlight).scene


def network_figure(picture: NetworkPicture, highlight: Highlight | None = None) -> NetworkFigure:
    """Draw a network and say what had to be left out.

    Args:
        picture: The network. Without a highlight every node shows its value and every edge its name, where there is
            room for all of them.
        highlight: What is lit. Then only lit nodes show their values and only lit edges their names and values.

    Returns:
        The drawing, no wider than the text where the number of columns allows it, and what it leaves out.
    """
    lit = lighting(picture, highlight)
    named = not lit.active and _can_name(picture)
    place = frame(picture, lit, named=named)
    lines = _lines(picture, place)
    around = Surroundings(circles=[(spot.center, place.radius) for spot in place.spots.values()])
    for joint, line in lines.items():
        (around.barred if lit.edges.get(joint) else around.crossed).append(line)
    headings = _headings(picture, place)
    around.boxes.extend(rect(label.at, *box(label.body, label.size)) for label in headings)

    values, _ = place_labels(list(_values(place, lit)), around)
    around.boxes.extend(spot.box for spot in values.values())
    if lit.active:
        names, lost = place_labels(list(_lit_names(picture, lines, lit)), around, 0.25)
        whole = not lost
    else:
        names, lost = (_all_names(picture, lines, around) if named else {}), ()
        whole = bool(names)
    shapes: list[Shape] = [*_drawn_lines(lines, lit), *_drawn_nodes(picture, place, lit)]
    shapes.extend(headings if whole or lit.active else [*headings, *_matrices(picture, place)])
    shapes.extend(found.label for found in (*names.values(), *values.values()))
    unnamed = tuple(key for key in lost if isinstance(key, tuple))
    return NetworkFigure(fitted(shapes), whole, unnamed, place.elided)


def _can_name(picture: NetworkPicture) -> bool:
    """Tell whether no gap has more named edges than can be read."""
    source_column = {
        neuron.quantity: index for index, column in enumerate(picture.columns) for neuron in column
    }
    counts: dict[int, int] = {}
    for edge in picture.edges:
        if edge.label is not None and edge.source in source_column:
            index = source_column[edge.source]
            counts[index] = counts.get(index, 0) + 1
    return bool(counts) and max(counts.values()) <= NAMED_EDGES


def _lines(picture: NetworkPicture, place: Frame) -> dict[Joint, Segment]:
    """Return the visible line of every edge between drawn nodes, from rim to rim, left to right."""
    lines: dict[Joint, Segment] = {}
    for source, target in _joints(picture):
        start, end = place.spots.get(source), place.spots.get(target)
        if start is None or end is None:
            continue
        lines[source, target] = (
            towards(start.center, end.center, place.radius),
            towards(end.center, start.center, place.radius),
        )
    return lines


def _joints(picture: NetworkPicture) -> Iterator[Joint]:
    """Yield every edge of the picture as a pair of quantities."""
    if picture.dense:
        for column, following in zip(picture.columns, picture.columns[1:], strict=False):
            for source in column:
                for target in following:
                    if target.kind != "bias":
                        yield source.quantity, target.quantity
    else:
        yield from ((edge.source, edge.target) for edge in picture.edges)
    if picture.loss is not None and picture.columns:
        for source in picture.columns[-1]:
            if source.kind != "bias":
                yield source.quantity, picture.loss.quantity


def _drawn_lines(lines: dict[Joint, Segment], lit: Lit) -> Iterator[Line]:
    """Yield the lines, lit ones last so that they lie on top."""
    for joint, (start, end) in lines.items():
        if joint not in lit.edges:
            yield Line(start, end, "muted" if lit.active else "plain")
    for joint, (start, end) in lines.items():
        if joint in lit.edges:
            yield Line(start, end, lit.edges[joint], arrow=True)


def _drawn_nodes(picture: NetworkPicture, place: Frame, lit: Lit) -> Iterator[Shape]:
    """Yield the circles with their names, and the dots of what is left out."""
    for key, spot in place.spots.items():
        role: Role = lit.nodes.get(key, "muted") if lit.active else spot.role
        text_role: Role = role
        if spot.neuron.pre is None or not picture.split or spot.role in ("input", "bias", "loss"):
            yield Circle(spot.center, place.radius, spot.neuron.label, role, place.size)
            continue
        x, y = spot.center
        half = place.radius / 2 - 0.01
        yield Circle(spot.center, place.radius, None, role)
        yield Line((x, y - place.radius), (x, y + place.radius), "muted" if role == "muted" else "plain")
        yield Label((x - half, y), spot.neuron.pre.label, text_role, size=place.half_size, halo=False)
        yield Label((x + half, y), spot.neuron.label, text_role, size=place.half_size, halo=False)
    for point in place.dots:
        yield Label(point, Operator("⋮"), "muted" if lit.active else "plain", halo=False)


def _values(place: Frame, lit: Lit) -> Iterator[Wanted]:
    """Yield the values that stand beside their nodes: above, but left of inputs and below the lowest."""
    for key, spot in place.spots.items():
        if lit.active and key not in lit.nodes:
            continue
        body = spot.value
        if body is None:
            continue
        sides = _BELOW if spot.lowest else _ABOVE
        if spot.role == "input":
            sides = ("left", *sides)
        elif spot.role in ("loss", "output"):
            sides = (*sides[:2], "right", *sides[2:])
        room = box(body, "tiny")
        places = around_node(body, "tiny", room, spot.center, place.radius, "value", sides)
        yield Wanted(key, tuple(places))


def _lit_names(picture: NetworkPicture, lines: dict[Joint, Segment], lit: Lit) -> Iterator[Wanted]:
    """Yield "name = value" for each lit edge, beside its line; the value or the name alone where that has no room."""
    for edge in picture.edges:
        joint = (edge.source, edge.target)
        if joint not in lit.edges or joint not in lines:
            continue
        places = tuple(_offers(edge, lines[joint], lit.edges[joint], _BESIDE, on=False))
        if edge.label is not None or edge.value is not None:
            yield Wanted(joint, places, frozenset({lines[joint]}))


def _all_names(
    picture: NetworkPicture, lines: dict[Joint, Segment], around: Surroundings
) -> dict[object, Place]:
    """Place every edge's label on its line and near its source, where few lines cross; all alike, or none at all.

    Where the edges are few, all say "name = value"; else all say the name.
    """
    labelled = [
        edge for edge in picture.edges if edge.label is not None and (edge.source, edge.target) in lines
    ]
    wordings = [tuple(edge.label for edge in labelled)]
    if len(labelled) <= VALUED_EDGES and all(edge.value is not None for edge in labelled):
        wordings.insert(0, tuple(_wordings(edge)[0] for edge in labelled))
    for bodies in wordings:
        wanted = []
        for edge, body in zip(labelled, bodies, strict=True):
            joint = (edge.source, edge.target)
            if body is not None:
                places = along_edge(
                    body, "tiny", box(body, "tiny"), lines[joint], "plain", _NEAR_SOURCE, on=True
                )
                wanted.append(Wanted(joint, tuple(places), frozenset({lines[joint]})))
        names, lost = place_labels(wanted, around, 0.8)
        if not lost:
            return names
    return {}


def _offers(edge: Edge, line: Segment, role: Role, shares: tuple[float, ...], *, on: bool) -> Iterator[Place]:
    """Yield the places of an edge's label, the fullest wording first."""
    for rank, body in enumerate(_wordings(edge)):
        for place in along_edge(body, "tiny", box(body, "tiny"), line, role, shares, on=on):
            yield Place(place.box, place.label, place.cost + 20 * rank)


def _wordings(edge: Edge) -> list[Math]:
    """Return what an edge's label may say, fullest first."""
    both = (
        [row(edge.label, Operator("="), edge.value)]
        if edge.label is not None and edge.value is not None
        else []
    )
    return [*both, *(part for part in (edge.value, edge.label) if part is not None)]


def _headings(picture: NetworkPicture, place: Frame) -> list[Label]:
    """Return the words above the columns."""
    top = place.top + place.radius + 0.5
    return [
        Label((x, top), body, "plain", size="small", halo=False)
        for x, body in zip(place.columns, picture.headings, strict=False)
    ]


def _matrices(picture: NetworkPicture, place: Frame) -> list[Label]:
    """Return the names of whole weight matrices, above the gaps."""
    top = place.top + place.radius + 0.16
    gaps = zip(place.columns, place.columns[1:], strict=False)
    return [
        Label(((left + right) / 2, top), body, "plain", size="small")
        for (left, right), body in zip(gaps, picture.matrices, strict=False)
        if body is not None
    ]
