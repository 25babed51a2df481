"""Lay out a directed graph in layers: every arrow points onward, few arrows cross, long ones run straight.

The usual three steps (Sugiyama, Tagawa, Toda 1981): layers by longest path, the order within a layer by barycentres, and
positions by least squares under a minimal distance, which pooling adjacent violators solves exactly. An arrow that
spans several layers is held by a joint in each layer between, so that it has a lane of its own and meets no label.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 24
# Long wires should be straighter than short ones.
_JOINT_WEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class Layers:
    """The layout of a graph.

    Attributes:
        layer: Layer of each node, from 0.
        across: Position of each node within its layer, in units of the minimal distance.
        lanes: For each arrow (from, to): the positions of its joints in the layers between.
        depth: Number of layers.
    """

    layer: Mapping[Hashable, int]
    across: Mapping[Hashable, float]
    lanes: Mapping[tuple[Hashable, Hashable], tuple[float, ...]]
    depth: int


def layered(parents: Mapping[Hashable, Sequence[Hashable]], lane: float = 0.5) -> Layers:
    """Lay out an acyclic graph.

    Args:
        parents: The nodes, each with those that its arrows come from; parents before children.
        lane: Minimal distance between a joint and its neighbours, where nodes have 1.

    Returns:
        Layers and positions; the same for the same graph, on every machine.
    """
    layer: dict[Hashable, int] = {}
    for node, sources in parents.items():
        layer[node] = 1 + max((layer[source] for source in sources), default=-1)
    depth = 1 + max(layer.values(), default=-1)
    rows: list[list[Hashable]] = [[] for _ in range(depth)]
    for node, index in layer.items():
        rows[index].append(node)
    above: dict[Hashable, list[Hashable]] = {node: [] for node in parents}
    below: dict[Hashable, list[Hashable]] = {node: [] for node in parents}
    chains: dict[tuple[Hashable, Hashable], list[Hashable]] = {}
    for node, sources in parents.items():
        for source in dict.fromkeys(sources):
            joints: list[Hashable] = [
                ("joint", source, node, i) for i in range(layer[source] + 1, layer[node])
            ]
            for joint, index in zip(joints, range(layer[source] + 1, layer[node]), strict=True):
                rows[index].append(joint)
                above[joint], below[joint] = [], []
            chain = [source, *joints, node]
            for left, right in pairwise(chain):
                above[right].append(left)
                below[left].append(right)
            chains[source, node] = joints
    _order(rows, above, below)
    across = _positions(rows, above, below, lane)
    lanes = {arrow: tuple(across[joint] for joint in joints) for arrow, joints in chains.items()}
    return Layers(layer, {node: across[node] for node in parents}, lanes, depth)


def _order(
    rows: list[list[Hashable]],
    above: Mapping[Hashable, list[Hashable]],
    below: Mapping[Hashable, list[Hashable]],
) -> None:
    """Order each row by the barycentre of its neighbours, sweeping down and up; keep the order with fewest crossings."""
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        indices = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for index in indices:
            place = {node: i for row in rows for i, node in enumerate(row)}
            # Python's sort is stable: nodes without neighbours, and equal ones, keep their order.
            rows[index].sort(key=lambda node: _mean([place[n] for n in near[node]], place[node]))
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    rows[:] = best


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(rows: Sequence[Sequence[Hashable]], below: Mapping[Hashable, list[Hashable]]) -> int:
    """Count pairs of arrows that cross."""
    count = 0
    for row, following in pairwise(rows):
        place = {node: i for i, node in enumerate(following)}
        ends = [sorted(place[target] for target in below[node]) for node in row]
        for i, left in enumerate(ends):
            for right in ends[i + 1 :]:
                count += sum(1 for a in left for b in right if a > b)
    return count


def _positions(
    rows: Sequence[Sequence[Hashable]],
    above: Mapping[Hashable, list[Hashable]],
    below: Mapping[Hashable, list[Hashable]],
    lane: float,
) -> dict[Hashable, float]:
    """Return positions near the mean of each node's neighbours, at least the minimal distance apart."""
    across: dict[Hashable, float] = {}
    for row in rows:
        for i, node in enumerate(row):
            across[node] = i - (len(row) - 1) / 2
    for sweep in range(_SWEEPS):
        order = rows if sweep % 2 == 0 else list(reversed(rows))
        for row in order:
            if not row:
                continue
            wanted = [_mean([across[n] for n in (*above[node], *below[node])], across[node]) for node in row]
            weights = [_JOINT_WEIGHT if _is_joint(node) else 1.0 for node in row]
            gaps = [lane if _is_joint(left) or _is_joint(right) else 1.0 for left, right in pairwise(row)]
            across.update(zip(row, spread(wanted, gaps, weights), strict=True))
    # A hundredth of the distance is below what print shows, and hides differences of the last bit.
    return {node: round(value, 2) for node, value in across.items()}


def _is_joint(node: Hashable) -> bool:
    return isinstance(node, tuple) and len(node) == 4 and node[0] == "joint"


def spread(wanted: Sequence[float], gaps: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return min Σ w (y − wanted)² subject to y[i+1] − y[i] ≥ gaps[i], by pooling adjacent violators.

    Args:
        wanted: Where each would stand alone.
        gaps: Minimal distances between neighbours; one fewer than `wanted`.
        weights: How strongly each keeps its place.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[list[float]] = []  # mean, weight, how many
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        pools.append([want - offset, weight, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, heavy, count = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * heavy) / (last[1] + heavy)
            last[1] += heavy
            last[2] += count
    placed = [mean for mean, _, count in pools for _ in range(int(count))]
    return [mean + offset for mean, offset in zip(placed, offsets, strict=True)]
