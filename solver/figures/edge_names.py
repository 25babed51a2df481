"""What the edges of a network figure say, and where: all names in an overview, names with values on lit edges.

Edges that stand together speak alike: an overview names every edge or none, and the lit edges between two columns say
all their names and values, all their values alone, or nothing. A reader takes a missing label for a missing weight,
unless all are missing; the caption then gives the rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from solver.figures.labels import Place, Segment, Surroundings, Wanted, along_edge, place_labels
from solver.figures.lighting import Lit
from solver.figures.picture import Edge, Joint, NetworkPicture
from solver.notation.math import Math, Operator, row

# More edges than this between two columns are not named one by one.
NAMED_EDGES = 16
# Up to this many edges in all, an overview shows values beside the names.
VALUED_EDGES = 9
# More lit edges than this between two columns are not named.
LIT_EDGES = 9
# Up to this many labels between two columns stand in the middle of their edges; more stand where the edges fan out.
FEW = 3

_FROM_MIDDLE = tuple(0.5 + side * step / 25 for step in range(11) for side in (-1, 1))[1:]
# Where edges fan out from their sources, a label reads best soon after the start.
_NEAR_SOURCE = (
    0.24,
    0.27,
    0.3,
    0.21,
    0.18,
    0.34,
    0.38,
    0.42,
    0.46,
    0.14,
    0.5,
    0.55,
    0.6,
    0.66,
    0.72,
    0.78,
    0.84,
    0.9,
)
# How much one plain line behind a label is disliked: much where every line has a label, little where all are muted.
_CROSSING_NAMED = 3.0
_CROSSING_LIT = 0.05


def can_name(picture: NetworkPicture) -> bool:
    """Tell whether the picture names its edges, and no gap has more of them than can be read."""
    counts = _per_gap(picture, (edge for edge in picture.edges if edge.label is not None))
    return bool(counts) and max(counts.values()) <= NAMED_EDGES


def lit_names(
    picture: NetworkPicture, lines: Mapping[Joint, Segment], lit: Lit, around: Surroundings
) -> tuple[list[Place], tuple[Joint, ...]]:
    """Place "name = value" beside each lit edge; in a gap where one has no room for that, all say the value alone.

    Returns:
        The places, and the lit edges that have a label but show none.
    """
    edges = [
        edge
        for edge in picture.edges
        if _joint(edge) in lit.edges and _joint(edge) in lines and _wordings(edge)
    ]
    crowd = _per_gap(picture, edges)
    column = _columns(picture)
    spoken = [edge for edge in edges if crowd[column[edge.source]] <= LIT_EDGES]
    short: set[int] = set()
    while True:
        wanted = []
        for edge in spoken:
            gap = column[edge.source]
            shares = _FROM_MIDDLE if crowd[gap] <= FEW else _NEAR_SOURCE
            wanted.append(_beside(edge, lines[_joint(edge)], lit, shares, short=gap in short))
        chosen, lost = place_labels(wanted, around, _CROSSING_LIT)
        crowded = {column[edge.source] for edge in spoken if _joint(edge) in set(lost)} - short
        if not crowded:
            return list(chosen.values()), tuple(_joint(edge) for edge in edges if _joint(edge) not in chosen)
        short |= crowded


def _beside(edge: Edge, line: Segment, lit: Lit, shares: Sequence[float], *, short: bool) -> Wanted:
    """Return a lit edge's label, in its fullest or its shortest wording, looking for a place beside its line."""
    body = _wordings(edge)[-1 if short else 0]
    places = along_edge(body, "tiny", line, lit.edges[_joint(edge)], shares)
    return Wanted(_joint(edge), places, frozenset({line}))


def all_names(picture: NetworkPicture, lines: Mapping[Joint, Segment], around: Surroundings) -> list[Place]:
    """Place every edge's label on its line, all alike: "name = value" where edges are few, else the name; or none."""
    edges = [edge for edge in picture.edges if edge.label is not None and _joint(edge) in lines]
    crowd = _per_gap(picture, edges)
    column = _columns(picture)
    wordings = [[edge.label for edge in edges]]
    if len(edges) <= VALUED_EDGES and all(edge.value is not None for edge in edges):
        wordings.insert(0, [_wordings(edge)[0] for edge in edges])
    for bodies in wordings:
        wanted = []
        for edge, body in zip(edges, bodies, strict=True):
            if body is None:
                continue
            line = lines[_joint(edge)]
            shares = _FROM_MIDDLE if crowd[column[edge.source]] < FEW else _NEAR_SOURCE
            places = along_edge(body, "tiny", line, "plain", shares, sides=(0,))
            wanted.append(Wanted(_joint(edge), places, frozenset({line})))
        chosen, lost = place_labels(wanted, around, _CROSSING_NAMED)
        if not lost:
            return list(chosen.values())
    return []


def _joint(edge: Edge) -> Joint:
    return edge.source, edge.target


def _wordings(edge: Edge) -> list[Math]:
    """Return what an edge's label may say, fullest first."""
    if edge.label is not None and edge.value is not None:
        return [row(edge.label, Operator("="), edge.value), edge.value]
    return [part for part in (edge.label, edge.value) if part is not None]


def _columns(picture: NetworkPicture) -> dict[object, int]:
    """Map every node to the column that it stands in."""
    return {neuron.quantity: index for index, column in enumerate(picture.columns) for neuron in column}


def _per_gap(picture: NetworkPicture, edges: Iterator[Edge] | list[Edge]) -> Counter[int]:
    """Count edges by the column they start from."""
    column = _columns(picture)
    return Counter(column[edge.source] for edge in edges if edge.source in column)
