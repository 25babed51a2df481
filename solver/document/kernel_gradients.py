"""The gradients at the window in matrix form: of the kernel, the bias and the input.

∂L/∂K = x ∗ ∂L/∂Z: every window position adds its delta times what lay under the kernel entry, which is the map of deltas
laid on the input. Source: Goodfellow, Bengio, Courville (2016), Deep Learning, section 9.5.
"""

from __future__ import annotations

from solver.document import convolution_forward as terms
from solver.document import map_figures
from solver.document.convolution_forward import whole
from solver.document.maps import Maps, cells
from solver.document.nodes import Block, EquationLine, Step, Together
from solver.document.outer_products import penalised
from solver.document.telling import Telling, written
from solver.document.words import count, equation, paragraph
from solver.graph.dense import TotalLoss
from solver.notation import math as m
from solver.notation.convention import derivative
from solver.quantities import Quantity
from solver.trace.chain import local_gradient

MOST_PLACES = 16
"""Window positions whose products are written out for the first kernel weight."""


def kernel_title(maps: Maps, wanted: set[Quantity]) -> str:
    """Return the heading of what is found at the window: the kernel, the input, or both."""
    own = bool(wanted & {maps.kernel, maps.bias})
    if maps.input not in wanted:
        return "The kernel"
    return "The kernel and the input" if own else "The input"


def at_kernel(telling: Telling, maps: Maps, wanted: set[Quantity]) -> list[Block]:
    """Return ∂L/∂K, ∂L/∂b and, where it is asked for, ∂L/∂x."""
    graph, letters = telling.graph, telling.letters
    blocks: list[Block] = []
    if maps.kernel in wanted:
        first = next(iter(graph.elements(maps.kernel)))
        figure = map_figures.spread(telling, maps)
        words = paragraph(
            f"A kernel weight is used at each of the {count(maps.windows.count, 'place')}, and each place adds its "
            "gradient times the entry that the weight met there. So the map of gradients is laid on the input as the "
            "kernel was",
            "" if maps.windows.stride == 1 else f", its entries {count(maps.windows.stride, 'place')} apart", ":",
        )  # fmt: skip
        rules = [
            EquationLine(letters(gradient), (Step("=", body),))
            for gradient, body in kernel_rules(telling, maps)
        ]
        drawn = [figure] if figure is not None else []
        blocks.append(Together((words, equation(kernel_sum(telling, maps), *rules), *drawn)))
        if maps.windows.count <= MOST_PLACES:
            blocks.append(equation(telling.line(first.gradient(), local_gradient(graph, first))))
            blocks.append(paragraph("and likewise for the other weights:"))
        blocks.append(whole(telling, maps.kernel.gradient()))
    if maps.bias is not None and maps.bias in wanted:
        words = paragraph("The bias is added at every place, so the gradients are summed:")
        blocks += [words, equation(*bias_lines(telling, maps, maps.bias))]
    if maps.input in wanted:
        blocks += at_input(telling, maps)
    return blocks


def kernel_sum(telling: Telling, maps: Maps) -> EquationLine:
    """Return ∂L/∂K_{uv} = Σ ∂L/∂Z_{ij} x_{i+u−1, j+v−1}, in letters."""
    loss, kernel = telling.letters(telling.graph.root.quantity), terms.kernel_symbol(telling, maps)
    cell = derivative(loss, terms.cell_symbol(telling, maps))
    product = m.row(cell, m.Space(0.17), terms.entry_symbol(telling, maps))
    names: list[m.Math] = [m.Symbol("i")] if maps.flat else [m.Symbol("i"), m.Operator(","), m.Symbol("j")]
    total: m.Math = m.BigOperator("Σ", product, m.row(*names))
    operation = telling.graph.root.operation
    if isinstance(operation, TotalLoss) and operation.penalty is not None:
        total = m.row(total, m.Operator("+"), written(operation.penalty.strength), m.Space(0.17), kernel)
    return EquationLine(derivative(loss, kernel), (Step("=", total),))


def kernel_rules(telling: Telling, maps: Maps) -> list[tuple[Quantity, m.Math]]:
    """Return (∂L/∂K, ∂L/∂Z ∗ X) channel by channel; only the first where there are many."""
    found: list[tuple[Quantity, m.Math]] = []
    for kernel in telling.parts(maps.kernel):
        out, entering_ = kernel.index
        z, x = maps.convolved.quantity.at(out).gradient(), maps.input.at(entering_)
        body = m.row(telling.letters(z), m.Operator("∗"), telling.letters(x))
        found.append((kernel.gradient(), penalised(telling, kernel, body, None)[0]))
    return found if len(found) <= 2 else found[:1]


def bias_lines(telling: Telling, maps: Maps, bias: Quantity) -> list[EquationLine]:
    """Return ∂L/∂b = Σ ∂L/∂Z, of each channel; term by term where there are few cells."""
    graph = telling.graph
    elements = list(graph.elements(bias)) if graph.node(bias).shape else [bias]
    if maps.windows.count <= MOST_PLACES // 2:
        return [telling.line(b.gradient(), local_gradient(graph, b)) for b in elements]
    lines: list[EquationLine] = []
    for b in elements:
        z = telling.letters(maps.convolved.quantity.at(*(b.index or (1,))).gradient())
        total = m.row(m.Symbol("sum"), m.Fenced(z))
        lines.append(
            EquationLine(
                telling.letters(b.gradient()), (Step("=", total), Step("=", telling.value(b.gradient())))
            )
        )
    return lines


def at_input(telling: Telling, maps: Maps) -> list[Block]:
    """Return ∂L/∂x: each entry collects one product from every window that covers it."""
    first = next(iter(cells(telling, telling.graph.node(maps.input))))
    return [
        paragraph("An entry of the input collects one product from every window that covers it:"),
        equation(telling.line(first.gradient(), local_gradient(telling.graph, first))),
        paragraph("and likewise for the other entries:"),
        whole(telling, maps.input.gradient()),
    ]
