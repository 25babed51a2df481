"""Draw a dense network: names in circles, weights along edges, and whatever path is lit.

The drawing has two parts that do not depend on each other: where nodes stand (`frame`), and what is lit. So the same
network keeps its place on every page, and a reader sees only the path move.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.figures.edge_names import NAMED_EDGES, all_names, can_name, lit_names
from solver.figures.framing import Frame, frame
from solver.figures.geometry import rect, towards
from solver.figures.labels import Segment, Surroundings, Wanted, around_node, place_labels
from solver.figures.lighting import Lit, lighting
from solver.figures.measure import box
from solver.figures.picture import Highlight, Joint, NetworkFigure, NetworkPicture
from solver.figures.scene import Anchor, Circle, Label, Line, Role, Scene, Shape
from solver.figures.sheet import fitted
from solver.notation.math import Operator

# How much one line behind a node's value is disliked: less than leaving the usual side.
_CROSSING = 0.1
# Heights above the highest circle: of matrix names, clear of the values there, and of headings above these.
_ABOVE_VALUES, _ABOVE_MATRICES = 0.5, 0.45
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
    named = not lit.active and can_name(picture)
    place = frame(picture, lit, named=named)
    lines = _lines(picture, place)
    around = Surroundings(circles=[(spot.center, place.radius) for spot in place.spots.values()])
    for joint, line in lines.items():
        (around.barred if lit.edges.get(joint) else around.crossed).append(line)
    headings = _headings(picture, place, named=named)
    dots = [
        Label(point, Operator("⋮"), "muted" if lit.active else "plain", halo=False) for point in place.dots
    ]
    around.boxes.extend(rect(label.at, *box(label.body, label.size)) for label in (*headings, *dots))

    values, silent = place_labels(list(_values(place, lit)), around, _CROSSING)
    around.boxes.extend(spot.box for spot in values.values())
    unnamed: tuple[Joint, ...] = ()
    if lit.active:
        names, unnamed = lit_names(picture, lines, lit, around)
        whole = not unnamed
    else:
        names = all_names(picture, lines, around) if named else []
        whole = bool(names)
        if not whole:
            headings = [*_headings(picture, place, named=False), *_matrices(picture, place)]
    shapes: list[Shape] = [
        *_drawn_lines(lines, lit, faint=lit.active or _is_thick(picture, lines)),
        *_drawn_nodes(picture, place, lit),
        *dots,
        *headings,
        *(found.label for found in (*names, *values.values())),
    ]
    unvalued = tuple(key for key in place.spots if key in set(silent))
    return NetworkFigure(fitted(shapes), whole, unnamed, unvalued, place.elided)


def _is_thick(picture: NetworkPicture, lines: dict[Joint, Segment]) -> bool:
    """Tell whether so many lines run between columns that they must stand back behind the nodes."""
    return len(lines) > NAMED_EDGES * max(len(picture.columns) - 1, 1)


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


def _drawn_lines(lines: dict[Joint, Segment], lit: Lit, *, faint: bool) -> Iterator[Line]:
    """Yield the lines, lit ones last so that they lie on top."""
    for joint, (start, end) in lines.items():
        if joint not in lit.edges:
            yield Line(start, end, "muted" if faint else "plain")
    for joint, (start, end) in lines.items():
        if joint in lit.edges:
            yield Line(start, end, lit.edges[joint], arrow=True)


def _drawn_nodes(picture: NetworkPicture, place: Frame, lit: Lit) -> Iterator[Shape]:
    """Yield the circles with their names."""
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
        elif place.columns[-1] <= spot.center[0]:
            sides = (*sides, "right")
        places = around_node(body, "tiny", spot.center, place.radius, "value", sides)
        yield Wanted(key, (free for free in places if free.box.x + free.box.half_width <= place.right))


def _headings(picture: NetworkPicture, place: Frame, *, named: bool) -> list[Label]:
    """Return the words above the columns."""
    top = (
        place.top
        + place.radius
        + _ABOVE_VALUES
        + (_ABOVE_MATRICES if picture.matrices and not named else 0.0)
    )
    return [
        Label((x, top), body, "plain", size="small", halo=False)
        for x, body in zip(place.columns, picture.headings, strict=False)
    ]


def _matrices(picture: NetworkPicture, place: Frame) -> list[Label]:
    """Return the names of whole weight matrices, above the gaps."""
    top = place.top + place.radius + _ABOVE_VALUES
    gaps = zip(place.columns, place.columns[1:], strict=False)
    return [
        Label(((left + right) / 2, top), body, "plain", size="small")
        for (left, right), body in zip(gaps, picture.matrices, strict=False)
        if body is not None
    ]
