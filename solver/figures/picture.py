"""What a network figure is asked to show: neurons, edges, and what is lit. Labels and values come ready to print.

These are the inputs of `figures.network`. Nothing here computes or rounds: a value is the `Math` that the text shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from solver.figures.scene import Role, Scene
from solver.notation.math import Math
from solver.quantities import Quantity

Joint = tuple[Quantity, Quantity]


@dataclass(frozen=True, slots=True)
class Neuron:
    """One node.

    Attributes:
        quantity: What the node holds; paths and edges refer to it. For a hidden neuron its activation.
        label: Its name, set in the circle.
        value: Its value, set beside the circle.
        pre: The pre-activation, for split nodes (left half) and so that a path may name either.
        kind: "bias" for the constant 1 below a column, which no edge enters.
    """

    quantity: Quantity
    label: Math
    value: Math | None = None
    pre: Neuron | None = None
    kind: Literal["neuron", "bias"] = "neuron"


@dataclass(frozen=True, slots=True)
class Edge:
    """A weight between two nodes: its name and its value."""

    source: Quantity
    target: Quantity
    label: Math | None = None
    value: Math | None = None


@dataclass(frozen=True, slots=True)
class NetworkPicture:
    """A dense network, drawn from left to right.

    Attributes:
        columns: Inputs first, outputs last; bias nodes stand at the end of their column.
        edges: Weights with names or values. Where `dense`, lines without an entry here are drawn without a label.
        loss: The node that every output leads to.
        dense: Join every node to every neuron of the next column, whether or not `edges` has an entry.
        split: Draw pre-activation and activation as two halves of a circle.
        matrices: The name of the weights between column i and i + 1, set above the gap; used where edges have no names.
        headings: Words above each column ("inputs", "hidden 1"), or ().
    """

    columns: tuple[tuple[Neuron, ...], ...]
    edges: tuple[Edge, ...] = ()
    loss: Neuron | None = None
    dense: bool = True
    split: bool = False
    matrices: tuple[Math | None, ...] = ()
    headings: tuple[Math, ...] = ()


@dataclass(frozen=True, slots=True)
class LitPath:
    """A path from left to right, as the nodes it runs through, and its tone ("path-1" … "path-4", "highlighted").

    Where paths of different tones share an edge or a node, it is "highlighted".
    """

    nodes: tuple[Quantity, ...]
    tone: Role = "highlighted"


@dataclass(frozen=True, slots=True)
class Highlight:
    """What is lit: whole paths, and single nodes or edges besides. Everything else is muted."""

    paths: tuple[LitPath, ...] = ()
    nodes: tuple[Quantity, ...] = ()
    edges: tuple[Joint, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkFigure:
    """The drawing, and what it had to leave out, for the caption to say.

    Attributes:
        scene: The drawing.
        edges_named: Every drawn edge that has a label shows it. False where there are too many edges to name.
        unnamed: Lit edges whose label found no room.
        unvalued: Nodes whose value found no room.
        elided: Columns (counted from 0, inputs first) of which not every node is drawn.
    """

    scene: Scene
    edges_named: bool
    unnamed: tuple[Joint, ...] = ()
    unvalued: tuple[Quantity, ...] = ()
    elided: tuple[int, ...] = ()
