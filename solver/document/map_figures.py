"""The drawings of a convolution: every name once, one window with its numbers, and what one kernel weight meets."""

from __future__ import annotations

from collections.abc import Callable

from solver.document.maps import Maps
from solver.document.nodes import Figure
from solver.document.telling import Telling
from solver.figures.convolution import ConvolutionPicture, convolution_scene
from solver.figures.grids import Plane, Span
from solver.notation import math as m
from solver.quantities import Key, Quantity, Role

Show = Callable[[Key], m.Math]
"""What a cell shows: its letter, or its number."""


def planes(telling: Telling, whole: Quantity, show: Show, *lead: int) -> tuple[Plane, ...]:
    """Return the channels of an array as grids with their names; `lead` picks the first channel index of a kernel."""
    found = []
    for part in telling.parts(whole):
        if part.index[: len(lead)] != lead:
            continue
        found.append(Plane(grid(telling, part, show), title(telling, part)))
    return tuple(found)


def title(telling: Telling, part: Quantity) -> m.Math:
    """Return the name of an array, a gradient on one line."""
    if part.role is not Role.GRADIENT:
        return telling.letters(part)
    loss = telling.letters(telling.graph.root.quantity)
    return m.row(m.Operator("∂"), loss, m.Operator("/"), m.Operator("∂"), telling.letters(part.value))


def grid(telling: Telling, part: Quantity, show: Show) -> tuple[tuple[m.Math, ...], ...]:
    """Return one channel as rows of cells; a sequence is one row."""
    node = telling.graph.node(part.value)
    shape = node.shape[len(part.index) :]
    sample = 1 if node.per_sample else None
    if len(shape) == 1:
        return (tuple(show(part.at(*part.index, i).of_sample(sample)) for i in range(1, shape[0] + 1)),)
    rows, columns = shape
    return tuple(
        tuple(show(part.at(*part.index, i, j).of_sample(sample)) for j in range(1, columns + 1))
        for i in range(1, rows + 1)
    )


def window(maps: Maps, place: tuple[int, ...]) -> Span:
    """Return the cells of the input under the kernel at a place of the map."""
    windows = maps.windows
    first = [1 + (p - 1) * windows.stride - windows.padding for p in place]
    return span(first, windows.size)


def span(first: list[int], size: tuple[int, ...]) -> Span:
    """Return a rectangle of cells; of a sequence it has one row."""
    if len(size) == 1:
        return Span(1, first[0], 1, size[0])
    return Span(first[0], first[1], size[0], size[1])


def named(telling: Telling, maps: Maps) -> Figure:
    """Return the drawing with all names, the first window lit."""
    picture = first_window(telling, maps, telling.letters, telling.letters)
    return Figure(convolution_scene(picture), alt(maps, "with every cell named"))


def first_window(telling: Telling, maps: Maps, show: Show, written: Show) -> ConvolutionPicture:
    """Return the first position of the window; `written` is what the cells of the output show."""
    start = (1,) * len(maps.windows.sides)
    return ConvolutionPicture(
        inputs=planes(telling, maps.input, show),
        kernels=planes(telling, maps.kernel, show, 1),
        outputs=planes(telling, maps.convolved.quantity, written)[:1],
        window=window(maps, start),
        output=(1, span([1] * len(start), (1,) * len(start))),
        padding=maps.windows.padding,
        bias=bias(telling, maps, show),
    )


def bias(telling: Telling, maps: Maps, show: Show) -> m.Math | None:
    """Return "+ b" below the kernel."""
    if maps.bias is None:
        return None
    shared = telling.graph.node(maps.bias).shape == ()
    return m.row(m.Operator("+"), show(maps.bias if shared else maps.bias.at(1)))


def computed(telling: Telling, maps: Maps) -> Figure:
    """Return the drawing of the first window with numbers in all cells."""
    picture = first_window(telling, maps, telling.value, telling.value)
    return Figure(convolution_scene(picture), alt(maps, "with its numbers"))


def met(telling: Telling, maps: Maps, weight: Quantity) -> Figure | None:
    """Return the drawing of what one kernel weight meets: a part of the input as large as the map, cell by cell.

    With a stride above 1 these entries are no rectangle, and there is no drawing.
    """
    if maps.windows.stride != 1:
        return None
    out, entering, *offset = weight.index
    sides = maps.convolved.shape[1:]
    first = [u - maps.windows.padding for u in offset]
    inputs = planes(telling, maps.input, telling.value)
    outputs = planes(telling, maps.convolved.quantity, telling.letters)
    picture = ConvolutionPicture(
        inputs=(inputs[entering - 1],),
        outputs=(outputs[out - 1],),
        window=span(first, sides),
        output=(1, span([1] * len(sides), sides)),
        padding=maps.windows.padding,
        operation=m.row(m.Operator("·"), telling.letters(weight)),
    )
    words = f"The part of the input that {weight} meets, one entry for each cell of the map."
    return Figure(convolution_scene(picture), words)


def spread(telling: Telling, maps: Maps) -> Figure | None:
    """Return the drawing of the first kernel weight's gradient: the map of deltas laid on the input like a kernel."""
    if maps.windows.stride != 1:
        return None
    sides = maps.convolved.shape[1:]
    start = [1] * len(sides)
    picture = ConvolutionPicture(
        inputs=planes(telling, maps.input, telling.value)[:1],
        kernels=planes(telling, maps.convolved.quantity.gradient(), telling.value)[:1],
        outputs=planes(telling, maps.kernel.gradient(), telling.value)[:1],
        window=span([1 - maps.windows.padding] * len(sides), sides),
        output=(1, span(start, (1,) * len(sides))),
        padding=maps.windows.padding,
    )
    return Figure(
        convolution_scene(picture), "The map of gradients laid on the input gives the gradient of the kernel."
    )


def alt(maps: Maps, how: str) -> str:
    """Return what the drawing of a window shows."""
    size = " by ".join(map(str, maps.windows.sides))
    kernel = " by ".join(map(str, maps.windows.size))
    if maps.flat:
        return f"A window of length {kernel} on a sequence of length {size}, {how}."
    return f"A {kernel} window on a {size} input, {how}."
