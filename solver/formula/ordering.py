"""The order in which named nodes can be computed.

Nodes are written in any order that pleases their author. This gives an order in which every node stands after what
it reads (the written one, where it already does), or says why there is none: a name that nobody defines, a name
defined twice, or a cycle, spelled out along its arrows. All faults at once, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solver.errors import Fault, InputError, listed, nearest_name, quoted
from solver.formula.tree import Formula, Variable, walk


def names(formula: Formula) -> tuple[str, ...]:
    """Return the free names of a formula in order of appearance, each once."""
    return tuple(dict.fromkeys(node.name for node in walk(formula) if isinstance(node, Variable)))


def order_nodes(nodes: Mapping[str, Formula], inputs: Iterable[str], key: str = "") -> list[str]:
    """Return the names of the nodes, each after all that it reads, otherwise as written.

    Args:
        nodes: Formula of each node; its `Variable`s name inputs and other nodes.
        inputs: Names whose values are given.
        key: Key path of the nodes, for the faults ("expression.nodes").

    Raises:
        InputError: With a fault for every unknown name, every node that is also an input, and every cycle.
    """
    given = tuple(dict.fromkeys(inputs))
    reads = {name: names(formula) for name, formula in nodes.items()}
    faults = [
        Fault("is an input already", key=_path(key, name), expected="a name of its own", found=quoted(name))
        for name in nodes
        if name in given
    ]
    faults += _unknown(reads, given, key)
    order = _sorted(reads)
    stuck = {name: read for name, read in reads.items() if name not in order}
    faults += _cycles(stuck, key)
    if faults:
        raise InputError(faults)
    return order


def _unknown(reads: Mapping[str, tuple[str, ...]], given: tuple[str, ...], key: str) -> list[Fault]:
    known = (*given, *reads)
    return [
        Fault(
            f"the name {quoted(name)} is not defined",
            key=_path(key, node),
            expected=listed([candidate for candidate in known if candidate != node]) or "a number",
            nearest=nearest_name(name, (candidate for candidate in known if candidate != node)),
        )
        for node, read in reads.items()
        for name in read
        if name not in reads and name not in given
    ]


def _sorted(reads: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the nodes that are on or behind no cycle: of those that are ready, always the first written."""
    place = {name: number for number, name in enumerate(reads)}
    waits = {name: sum(other in reads for other in read) for name, read in reads.items()}
    readers: dict[str, list[str]] = {name: [] for name in reads}
    for name, read in reads.items():
        for other in read:
            if other in reads:
                readers[other].append(name)
    import heapq

    ready = [place[name] for name, count in waits.items() if count == 0]
    written = list(reads)
    order: list[str] = []
    while ready:
        name = written[heapq.heappop(ready)]
        order.append(name)
        for reader in readers[name]:
            waits[reader] -= 1
            if waits[reader] == 0:
                heapq.heappush(ready, place[reader])
    return order


def _cycles(stuck: Mapping[str, tuple[str, ...]], key: str) -> list[Fault]:
    """Return a fault for each cycle among nodes that could not be ordered, following the first arrow of each."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for start in stuck:
        trail: list[str] = []
        name = start
        while name not in seen:
            seen.add(name)
            trail.append(name)
            name = next(other for other in stuck[name] if other in stuck)
        if name in trail:
            cycle = [*trail[trail.index(name) :], name]
            faults.append(
                Fault(
                    "depends on itself",
                    key=_path(key, name),
                    found=_spelled(cycle),
                    expected="nodes that read only inputs and each other without a circle",
                )
            )
    return faults


def _spelled(cycle: list[str]) -> str:
    shown = cycle if len(cycle) <= 9 else [*cycle[:4], "…", *cycle[-4:]]
    return " → ".join(shown)


def _path(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
