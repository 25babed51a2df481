"""Normalisation and dropout in words and lines, stage by stage from the pre-activations to what the next layer reads."""

from __future__ import annotations

from solver.document.layer import Layer
from solver.document.nodes import Block, EquationLine, Phrase
from solver.document.telling import Telling
from solver.document.words import count, equation, line, paragraph, phrase
from solver.graph.layers import Mean
from solver.graph.node import Node
from solver.notation import math as m
from solver.quantities import Quantity


def over_samples(layer: Layer) -> bool:
    """Return whether the moments are taken over the samples."""
    assert layer.mean is not None
    operation = layer.mean.operation
    assert isinstance(operation, Mean)
    return operation.over == "batch"


def kind(layer: Layer) -> Phrase:
    """Return what stands beside an activation in the description of a layer: ", batch normalisation, dropout"."""
    parts = []
    if layer.mean is not None:
        parts.append(", batch normalisation" if over_samples(layer) else ", layer normalisation")
    if layer.dropped is not None:
        parts.append(", dropout")
    return phrase(*parts)


def rules(telling: Telling, layer: Layer) -> list[Block]:
    """Return what normalisation and dropout do in a layer, in one sentence each."""
    letters = telling.letters
    blocks: list[Block] = []
    where = f"Layer {layer.affine.quantity.layer}" if not letters.shape.single else "The layer"
    if (
        layer.mean is not None
        and layer.normal is not None
        and layer.scaled is not None
        and layer.variance is not None
    ):
        mean, variance, epsilon = (letters(q) for q in layer.normal.parents[1:])
        scale, shift = letters(layer.scaled.parents[0]), letters(layer.scaled.parents[2])
        a, normal, scaled = (letters(node.quantity) for node in (layer.affine, layer.normal, layer.scaled))
        over = "the samples, unit by unit" if over_samples(layer) else "the units of each sample"
        root = m.Root(m.row(variance, m.Operator("+"), epsilon))
        first = m.row(
            normal, m.Operator("="), m.Fenced(m.row(a, m.Operator("−"), mean)), m.Operator("/"), root
        )
        times = m.Operator(letters.notation.hadamard)
        second = m.row(scaled, m.Operator("="), scale, times, normal, m.Operator("+"), shift)
        blocks.append(
            paragraph(f"{where} is normalised over {over}: ", first, ", with mean ", mean, " and variance ", variance,
                      "; its activation reads ", second, ".")
        )  # fmt: skip
    if layer.dropped is not None:
        mask, active, keep = (letters(q) for q in layer.dropped.parents)
        rule = m.row(
            letters(layer.dropped.quantity), m.Operator("="), mask, m.Operator(letters.notation.hadamard), active,
            m.Operator("/"), keep,
        )  # fmt: skip
        share = (", with the mask ", mask, " and the share ", keep, " that is kept.")
        blocks.append(
            paragraph(f"{where} drops units out: of the activations ", active, " it gives ", rule, *share)
        )
    return blocks


def given(telling: Telling, layer: Layer) -> list[tuple[EquationLine, ...]]:
    """Return rows with γ, β, ε, and with the mask and what is kept."""
    rows: list[tuple[EquationLine, ...]] = []
    if layer.normal is not None and layer.scaled is not None:
        rows.append(shown(telling, layer.scaled.parents[0], layer.scaled.parents[2], layer.normal.parents[3]))
    if layer.dropped is not None:
        rows.append(shown(telling, layer.dropped.parents[0], layer.dropped.parents[2]))
    return rows


def shown(telling: Telling, *quantities: Quantity) -> tuple[EquationLine, ...]:
    """Return arrays with their values, side by side."""
    return tuple(line(telling.letters(quantity), ("=", telling.column(quantity))) for quantity in quantities)


def normalised(telling: Telling, layer: Layer, each: bool) -> list[Block]:
    """Return the stages from a to ã.

    Args:
        telling: The document's context.
        layer: The layer; one without normalisation adds nothing.
        each: Whether every unit is told on a line of its own, rather than the first in full and the rest as an array.
    """
    if layer.mean is None or layer.variance is None or layer.normal is None or layer.scaled is None:
        return []
    letters = telling.letters
    if over_samples(layer):
        scope = f"for each unit over the {count(telling.graph.samples, 'sample')} of the batch"
    else:
        scope = f"over the {count(layer.affine.shape[0], 'unit')} of the layer"
        scope += ", for each sample by itself" if telling.graph.samples > 1 else ""
    moments = [stage(telling, node, each) for node in (layer.mean, layer.variance)]
    epsilon = layer.normal.parents[3]
    shown: list[m.Math] = [m.Operator("="), telling.value(epsilon)] if telling.numeric else []
    return [
        paragraph(f"The mean and the variance are taken {scope}:"),
        equation(*(told for lines in moments for told in lines)),
        paragraph("With them the pre-activations are normalised; ", m.row(letters(epsilon), *shown), " guards the root:"),
        equation(*stage(telling, layer.normal, each)),
        paragraph("and each unit is scaled and shifted by numbers of its own:"),
        equation(*stage(telling, layer.scaled, each)),
    ]  # fmt: skip


def stage(telling: Telling, node: Node, each: bool) -> list[EquationLine]:
    """Return the lines of one stage: of every element, or of the first and then the whole array."""
    found = telling.elements(node.quantity)
    lines: list[EquationLine] = []
    for element in found if each else found[:1]:
        told = telling.line(element, telling.graph.made_by(element))
        if lines and telling.work.detail == "first" and telling.numeric:
            told = EquationLine(told.left, told.steps[-1:])
        lines.append(told)
    if len(lines) < len(found) and telling.numeric:
        lines.append(line(telling.letters(node.quantity), ("=", telling.column(node.quantity))))
    return lines


def dropped(telling: Telling, layer: Layer, each: bool) -> list[Block]:
    """Return the activations after dropout."""
    if layer.dropped is None:
        return []
    mask, _, keep = layer.dropped.parents
    letters = telling.letters
    words = paragraph(
        "Dropout keeps the units whose entry in the mask ", letters(mask), " is 1 and divides them by the share ",
        letters(keep), " that is kept, so that nothing has to be scaled when the network is used:",
    )  # fmt: skip
    return [words, equation(*stage(telling, layer.dropped, each))]
