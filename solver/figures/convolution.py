"""Draw one position of a convolution or of a pooling window: what it reads, the kernel, and the cell that it writes.

Each input channel stands beside the kernel channel that it is multiplied with, and the products meet in one output
cell: so channels are stacked, and lines run from window to kernel to cell. A sequence is drawn as rows, its kernel
right below the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from solver.figures.framing import TEXT_WIDTH
from solver.figures.grids import Corners, Laid, Plane, Span, cell_width, grid_shapes, lay
from solver.figures.measure import box
from solver.figures.scene import Label, Line, Point, Scene, Shape
from solver.figures.sheet import fitted
from solver.notation.math import Math, Operator

_GAP = 1.3
_STACK = 0.45
_TITLE = 0.45


@dataclass(frozen=True, slots=True)
class ConvolutionPicture:
    """One position of a window.

    Attributes:
        inputs: The channels that are read.
        outputs: The channels that are written.
        kernels: One for each input channel, those of the lit output channel; () for pooling.
        window: The cells that are read, the same in every channel; rows and columns count from 1, padding from 0 down.
        output: Channel (from 1) and cell that is written.
        padding: Rows and columns of zeros around every input.
        bias: Words or mathematics below the kernels ("b = 0.1").
        operation: What a pooling window does, set between input and output ("max").
    """

    inputs: tuple[Plane, ...]
    outputs: tuple[Plane, ...]
    kernels: tuple[Plane, ...] = ()
    window: Span | None = None
    output: tuple[int, Span] | None = None
    padding: int = 0
    bias: Math | None = None
    operation: Math | None = None


@dataclass(slots=True)
class _Drawing:
    """Shapes in the order of painting: links first, so that they pass behind the grids."""

    links: list[Shape] = field(default_factory=list)
    grids: list[Shape] = field(default_factory=list)
    labels: list[Shape] = field(default_factory=list)

    def shapes(self) -> list[Shape]:
        """Return everything in the order of painting."""
        return [*self.links, *self.grids, *self.labels]


def convolution_scene(picture: ConvolutionPicture) -> Scene:
    """Return the drawing of one window position, its window, kernel and output cell lit."""
    sequence = all(len(plane.cells) == 1 for plane in (*picture.inputs, *picture.outputs))
    draw = _rows if sequence else _side_by_side
    scene = fitted(draw(picture, 1).shapes())
    # Large planes keep the neighbours of the window only where they have room.
    return scene if scene.width <= TEXT_WIDTH else fitted(draw(picture, 0).shapes())


def _pile(grids: Sequence[Laid], x: float) -> list[Point]:
    """Stack grids from top to bottom around height 0; return their upper left corners."""
    heights = [grid.height + (_TITLE if grid.plane.title is not None else 0.0) for grid in grids]
    y = (sum(heights) + _STACK * (len(grids) - 1)) / 2
    corners = []
    for grid, height in zip(grids, heights, strict=True):
        corners.append((x, y - (height - grid.height)))
        y -= height + _STACK
    return corners


def _side_by_side(picture: ConvolutionPicture, around: int) -> _Drawing:
    """Draw planes: inputs left, kernels in the middle, outputs right."""
    width = cell_width((*picture.inputs, *picture.kernels, *picture.outputs))
    pad = (picture.padding, picture.padding)
    inputs = [lay(plane, width, picture.window, pad, around) for plane in picture.inputs]
    kernels = [lay(plane, width) for plane in picture.kernels]
    outputs = [
        lay(plane, width, picture.output[1] if picture.output is not None else None, around=around)
        for plane in picture.outputs
    ]
    input_at = _pile(inputs, 0.0)
    edge = max((grid.width for grid in inputs), default=0.0)
    drawing = _Drawing()
    kernel_at: list[Point] = []
    if kernels:
        # Each kernel stands level with the middle of its own input.
        kernel_at = [
            (edge + _GAP, y - (grid.height - kernel.height) / 2)
            for (_, y), grid, kernel in zip(input_at, inputs, kernels, strict=False)
        ]
        for (_, y), grid in zip(input_at, inputs, strict=True):
            drawing.labels.append(Label((edge + _GAP / 2, y - grid.height / 2), Operator("∗")))
        for (x, y), kernel in list(zip(kernel_at, kernels, strict=True))[:-1]:
            drawing.labels.append(Label((x + kernel.width / 2, y - kernel.height - 0.35), Operator("+")))
        edge += _GAP + max(kernel.width for kernel in kernels)
    # Where several channels meet, their lines say what becomes of them.
    sign = Operator("=") if len(kernels) == 1 else None if kernels else picture.operation or Operator("→")
    gap = _GAP
    if sign is not None:
        gap = max(_GAP, box(sign, "small")[0] + 0.7)
    output_at = _pile(outputs, edge + gap)
    if sign is not None:
        level = 0.0 if kernels else _level(picture, (inputs, input_at), (outputs, output_at))
        drawing.labels.append(Label((edge + gap / 2, level), sign))
    if picture.bias is not None and kernel_at:
        x, y = kernel_at[-1]
        below = (x + kernels[-1].width / 2, y - kernels[-1].height - 0.12)
        drawing.labels.append(Label(below, picture.bias, anchor="below", size="tiny", halo=False))
    _draw(picture, drawing, (inputs, input_at), (kernels, kernel_at), (outputs, output_at))
    return drawing


def _level(picture: ConvolutionPicture, inputs: Placed, outputs: Placed) -> float:
    """Return the height halfway from window to output cell, where a sign is clear of the lines that join them."""
    if picture.window is None or picture.output is None:
        return 0.0
    channel, cell = picture.output
    ends = (
        inputs[0][0].corners(picture.window, inputs[1][0]),
        outputs[0][channel - 1].corners(cell, outputs[1][channel - 1]),
    )
    heights = [y for corners in ends for _, y in corners]
    return sum(heights) / len(heights)


Placed = tuple[Sequence[Laid], Sequence[Point]]


def _draw(
    picture: ConvolutionPicture, drawing: _Drawing, inputs: Placed, kernels: Placed, outputs: Placed
) -> None:
    """Add the grids, and the links from window to kernel to output cell."""
    target: Corners | None = None
    for channel, (grid, at) in enumerate(zip(*outputs, strict=True), start=1):
        lit = picture.output[1] if picture.output is not None and picture.output[0] == channel else None
        drawing.grids.extend(grid_shapes(grid, at, lit))
        if lit is not None:
            target = grid.corners(lit, at)
    for index, (grid, at) in enumerate(zip(*inputs, strict=True)):
        drawing.grids.extend(grid_shapes(grid, at, picture.window))
        source = grid.corners(picture.window, at) if picture.window is not None else None
        edge = at[0] + grid.width
        if index < len(kernels[0]):
            kernel, kernel_at = kernels[0][index], kernels[1][index]
            whole = Span(1, 1, len(kernel.plane.cells), len(kernel.plane.cells[0]))
            drawing.grids.extend(grid_shapes(kernel, kernel_at, whole if source else None))
            middle = kernel.corners(whole, kernel_at)
            if source is not None:
                drawing.links.extend(_link(source, middle, edge, kernel_at[0]))
                source, edge = middle, kernel_at[0] + kernel.width
        if source is not None and target is not None:
            drawing.links.extend(_link(source, target, edge, min((x for x, _ in outputs[1]), default=0.0)))


def _link(source: Corners, target: Corners, leave: float, enter: float) -> list[Line]:
    """Return two lines from one rectangle to the next, downwards where they stand below each other.

    Sideways, the lines run between the grids alone: from `leave`, the right edge of one, to `enter`, the left of the
    next, each at the height of the rectangle.
    """
    if leave > enter:
        return [Line(source[0], target[3], "wire"), Line(source[1], target[2], "wire")]
    return [
        Line((leave, start[1]), (enter, end[1]), "wire")
        for start, end in ((source[1], target[0]), (source[2], target[3]))
    ]


def _rows(picture: ConvolutionPicture, around: int) -> _Drawing:
    """Draw sequences: the input on top, the kernel below its window, the output at the bottom."""
    width = cell_width((*picture.inputs, *picture.kernels, *picture.outputs))
    inputs = [
        lay(_bare(plane), width, picture.window, (0, picture.padding), around) for plane in picture.inputs
    ]
    kernels = [lay(_bare(plane), width) for plane in picture.kernels]
    outputs = [
        lay(_bare(plane), width, picture.output[1] if picture.output is not None else None, around=around)
        for plane in picture.outputs
    ]
    drawing = _Drawing()
    y = 0.0
    input_at: list[Point] = []
    for grid in inputs:
        input_at.append((0.0, y))
        y -= grid.height
    y -= 0.75
    start = (
        inputs[0].columns.get(picture.window.column, 0.0) if picture.window is not None and inputs else 0.0
    )
    kernel_at: list[Point] = []
    for kernel in kernels:
        kernel_at.append((start, y))
        y -= kernel.height
    if kernels:
        if picture.bias is not None:
            beside = (start + kernels[-1].width + 0.15, y + kernels[-1].height / 2)
            drawing.labels.append(Label(beside, picture.bias, anchor="right", size="tiny", halo=False))
        y -= 0.75
    shift = max((inputs[0].width - outputs[0].width) / 2, 0.0) if inputs and outputs else 0.0
    output_at: list[Point] = []
    for grid in outputs:
        output_at.append((shift, y))
        y -= grid.height
    titles = [*zip(picture.inputs, input_at, strict=True), *zip(picture.kernels, kernel_at, strict=True)]
    for plane, (x, top) in [*titles, *zip(picture.outputs, output_at, strict=True)]:
        if plane.title is not None:
            drawing.labels.append(Label((x - 0.15, top - 0.28), plane.title, anchor="left", halo=False))
    _draw(picture, drawing, (inputs, input_at), (kernels, kernel_at), (outputs, output_at))
    return drawing


def _bare(plane: Plane) -> Plane:
    """Return the plane without its title, which stands left of a row."""
    return Plane(plane.cells)
