"""The derivatives that a recurrent solution uses, derived rule by rule, in the letters of any time step.

Of the loss, of each activation, of what a cell mixes without weights, of the affine map, and of loss and output together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from solver import formula as f
from solver.calculus import derive, derive_activation, derive_delta, derive_loss
from solver.document.nodes import Block, Section
from solver.document.recurrent_forward import any_step, made_in
from solver.document.rules import MOST_TERMS, activation_of, generic_affine, letter, told
from solver.document.telling import Telling
from solver.document.through_time import length_of
from solver.document.time_arrays import first
from solver.document.words import function_words, paragraph, phrase
from solver.graph.dense import Affine
from solver.graph.loss import TotalLoss
from solver.graph.node import Node
from solver.notation import math as m
from solver.notation.convention import glyph
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.quantities import Key, Quantity


def derivations(telling: Telling) -> Section:
    """Return the section of derivations."""
    parts = [Section(phrase("The loss"), _loss(telling), 2)]
    parts += [Section(phrase("The activation: ", name), blocks, 2) for name, blocks in _activations(telling)]
    mixtures = _mixtures(telling)
    if mixtures:
        parts.append(Section(phrase("The state"), mixtures, 2))
    parts.append(Section(phrase("The pre-activation"), _affine(telling), 2))
    combined = _output_delta(telling)
    if combined:
        parts.append(Section(phrase("Loss and output together"), combined, 2))
    return Section(phrase("The derivatives, rule by rule"), tuple(parts))


def _typesetter(telling: Telling, output: str = "o") -> Typesetter:
    """Return a printer whose quantities stand in step t, without indices that could be any.

    Args:
        telling: The document's context.
        output: Base of what the free name y of a table stands for: the read-out, or the state where there is none.
    """
    letters = any_step(telling)
    general = replace(letters, sizes={base: tuple(1 for _ in shape) for base, shape in letters.sizes.items()})

    def free(name: str) -> m.Math:
        if name in ("z", "y"):
            return glyph(letters.letter("z" if name == "z" else output))
        return letter(telling, name)

    def show(key: Key) -> m.Math:
        return general(key)

    return Typesetter(show, function_name, letters.notation.product, free)


def _loss(telling: Telling) -> tuple[Block, ...]:
    """Return ∂L/∂y of one output."""
    operation = telling.graph.root.operation
    assert isinstance(operation, TotalLoss)
    typeset = _typesetter(telling, telling.graph.root.parents[0].base)
    return told(lambda: derive_loss(operation.loss, factor=operation.scale), typeset)


def _last_step(telling: Telling) -> list[Node]:
    """Return what is computed in the last step, which reads as any step."""
    return made_in(telling.graph, length_of(telling.graph))


def _activations(telling: Telling) -> Iterator[tuple[str, tuple[Block, ...]]]:
    """Yield (name, derivation) of each activation used, each once, where it first stands in a step."""
    done = {"linear", "phi"}
    for node in _last_step(telling):
        record = activation_of(node)
        if record is None or record.name in done:
            continue
        done.add(record.name)
        z, y = (f.Ref(first(telling, quantity)) for quantity in (node.parents[0], node.quantity))
        yield (
            function_words(record.name),
            told(partial(derive_activation, record, z, y), _typesetter(telling)),
        )


def _mixtures(telling: Telling) -> tuple[Block, ...]:
    """Return the derivatives of what a cell computes from its gates without weights: s = f s + i g, h = o tanh s."""
    blocks: list[Block] = []
    for node in _last_step(telling):
        if isinstance(node.operation, Affine) or activation_of(node) is not None:
            continue
        formula = telling.graph.made_by(first(telling, node.quantity))
        for parent in node.parents:
            by = f.Ref(first(telling, parent))
            blocks += told(partial(derive, formula, by), _typesetter(telling))
    return tuple(blocks)


def _affine(telling: Telling) -> tuple[Block, ...]:
    """Return the derivatives of one pre-activation, with the terms that vanish."""
    node = next(node for node in _last_step(telling) if isinstance(node.operation, Affine))
    operation = node.operation
    assert isinstance(operation, Affine)
    out = first(telling, node.quantity)
    formula = operation.element(node, out)
    terms = formula.terms if isinstance(formula, f.Sum) else (formula,)
    lead = paragraph(
        "A pre-activation is a sum; each weight, and each input, stands in one term of it, and the derivatives of all "
        "other terms vanish:"
    )
    if len(terms) > MOST_TERMS:
        return (lead, *generic_affine(telling))
    bias = operation.bias(node, 1)
    asked: list[Quantity] = [operation.weight(node, 1, 1, term) for term in range(operation.terms)]
    asked += [operation.entering(node, out.sample, 1, 1), *([] if bias is None else [bias])]
    letters = any_step(telling)
    typeset = Typesetter(letters, function_name, letters.notation.product)
    blocks: list[Block] = [lead]
    for by in asked:
        blocks += told(partial(derive, formula, f.Ref(by)), typeset)
    return tuple(blocks)


def _output_delta(telling: Telling) -> tuple[Block, ...]:
    """Return ∂L/∂z of the read-out from first principles, where the two derivatives have something to cancel."""
    root = telling.graph.root
    operation = root.operation
    assert isinstance(operation, TotalLoss)
    if root.parents[0].base != "o" or operation.pair is None:
        return ()
    record = activation_of(telling.graph.node(root.parents[0]))
    if record is None:
        return ()
    return told(lambda: derive_delta(record, operation.loss, operation.scale), _typesetter(telling))
