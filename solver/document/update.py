"""The update: each parameter from old to new, and the loss afterwards."""

from __future__ import annotations

from fractions import Fraction

from solver.document.nodes import Block, Equation, EquationLine, Phrase, Section, Step
from solver.document.outer_products import short_gradient
from solver.document.states import states
from solver.document.telling import Telling, written
from solver.document.training import as_shown
from solver.document.training import training as training_table
from solver.document.words import equation, listed, paragraph, phrase
from solver.formula import Variable, walk
from solver.notation import math as m
from solver.notation.formulas import Typesetter
from solver.notation.names import function_name
from solver.quantities import Part, Quantity, Role
from solver.trace.asked import Asked
from solver.trace.updates import DECAYED, update_formulas


def counted(telling: Telling) -> Phrase:
    """Return what the number of an update is called, where the rule reads it."""
    training = telling.model.training
    steps = () if training is None else training.optimizer.steps
    if all(free != Variable("step") for step in steps for free in walk(step.formula)):
        return ()
    return phrase(", in update ", constant_letter(telling, "step"), " (counted from 1)")


def update(telling: Telling, asked: Asked) -> Section:
    """Return the section of the update."""
    training = telling.model.training
    shown = training is not None and telling.numeric
    several = training is not None and training.steps > 1
    title = phrase("Training" if several else "Update")
    if not telling.graph.trainable:
        return Section(
            title, (paragraph("All parameters are fixed: they stay as they are, and so does the loss."),)
        )
    trained = [parameter for parameter in asked.parameters if parameter in telling.graph.trainable]
    told = (trained[:1] if shown else trained) or telling.graph.trainable[:1]
    lines = [line for parameter in told for line in rule_lines(telling, parameter)]
    blocks: list[Block] = [paragraph("By ", method(telling), *counted(telling), ","), equation(*lines)]
    if shown:
        blocks += element_updates(telling, asked)
        if asked.form != "sweep" and not told_one_by_one(telling, asked):
            blocks += all_updates(telling)
        blocks += loss_after(telling)
        blocks += training_table(telling, asked)
    return Section(title, tuple(blocks))


def method(telling: Telling) -> Phrase:
    """Return what updates and how it is set: "Adam with learning rate η = 0.2, β₁ = 0.9 and β₂ = 0.999"."""
    training = telling.model.training
    title = training.optimizer.title if training else "gradient descent"
    return phrase(f"{title}, with " if " with " in title else f"{title} with ", settings(telling))


def settings(telling: Telling) -> Phrase:
    """Return the learning rate and the options of the optimizer: "learning rate η = 0.2, β₁ = 0.9 and β₂ = 0.999"."""
    training = telling.model.training
    rate = telling.letters.notation.letter("rate")
    if training is None or not telling.numeric:
        return phrase("learning rate ", rate)
    optimizer = training.optimizer

    def told(name: str, value: Fraction, words: str = "") -> Phrase:
        return phrase(words, m.row(constant_letter(telling, name), m.Operator("="), written(value)))

    options = [told(name, value) for name, value in optimizer.options]
    if optimizer.weight_decay:
        options.append(told("decay", optimizer.weight_decay, "weight decay "))
    said = listed([told("rate", training.rate, "learning rate "), *options])
    if optimizer.weight_decay:
        decay = constant_letter(telling, "decay")
        return phrase(said, ", which adds ", decay, " times a parameter to its gradient")
    return said


def rule_lines(telling: Telling, parameter: Quantity) -> list[EquationLine]:
    """Return the update rule for one array of parameters: w ← w − η ∂L/∂w, or the steps of an optimizer with state."""
    training = telling.model.training
    letters = telling.letters
    weight, gradient = letters(parameter), letters(telling.graph.gradient(parameter))
    if training is None or (len(training.optimizer.steps) == 1):
        line = updated_line(telling, weight, gradient)
        short = None if telling.numeric else short_gradient(telling, parameter)
        if short is None:
            return [line]
        return [
            EquationLine(
                line.left,
                (*line.steps, *(Step("=", s.body) for s in updated_line(telling, weight, short).steps)),
            )
        ]
    symbols: dict[str, m.Math] = {"w": weight, "g": gradient} | {
        name: letters(parameter.state(Role(name))) for name in ("m", "v", "mhat", "vhat")
    }
    typeset = Typesetter(
        letters,
        function_name,
        letters.notation.product,
        lambda name: symbols.get(name) or constant_letter(telling, name),
    )
    lines: list[EquationLine] = []
    for step in training.optimizer.steps:
        left = symbols[step.name]
        if step.name == "g":
            left = letters(Part(DECAYED, telling.graph.gradient(parameter)))
        renamed = step.name == "w" and not letters.notation.arrow
        relation = "←" if step.name in ("w", "m", "v") and not renamed else "="
        right = typeset(step.formula)
        lines.append(EquationLine(m.Prime(left) if renamed else left, (Step(relation, right),)))
        symbols[step.name] = left
    return lines


CONSTANTS = {"beta": "β", "beta1": "β", "beta2": "β", "epsilon": "ε", "decay": "λ", "step": "k"}
"""Letters of an optimizer's options."""


def constant_letter(telling: Telling, name: str) -> m.Math:
    """Return the letter of an option: β₁, ε, λ; k counts the updates."""
    if name == "rate":
        return telling.letters.notation.letter("rate")
    letter = m.Symbol(CONSTANTS.get(name, name))
    return m.Script(letter, sub=m.Digits(name[-1])) if name[-1].isdigit() else letter


def updated_line(telling: Telling, weight: m.Math, gradient: m.Math) -> EquationLine:
    """Return the rule of plain gradient descent in the notation's way of writing it."""
    notation = telling.letters.notation
    rate = notation.letter("rate")
    if notation.increment:
        change = m.row(m.Operator("−"), rate, m.Space(0.17), gradient)
        return EquationLine(m.row(m.Symbol("Δ"), weight), (Step("=", change),))
    right = m.row(weight, m.Operator("−"), rate, m.Space(0.17), gradient)
    if notation.arrow:
        return EquationLine(weight, (Step("←", right),))
    return EquationLine(m.Prime(weight), (Step("=", right),))


def element_updates(telling: Telling, asked: Asked) -> list[Block]:
    """Return one line per asked element, in path form."""
    training = telling.model.training
    assert training is not None
    if asked.form == "matrix":
        return states(telling)
    updated = [update_lines(telling, element) for element in told_elements(telling, asked)]
    if all(len(lines) == 1 for lines in updated):
        return [equation(*(line for lines in updated for line in lines))] if updated else []
    return [equation(*lines) for lines in updated]


MOST_LINES = 12
"""Updates of single parameters that are written out; of more the first of each array."""


def told_elements(telling: Telling, asked: Asked) -> list[Quantity]:
    """Return the parameters whose update is written out."""
    graph = telling.graph
    asked_for = asked.elements if asked.form == "paths" else graph.trainable
    told = [element for element in asked_for if element.whole in graph.trainable]
    if asked.form != "paths" or len(told) <= MOST_LINES:
        return told
    return list({element.whole: element for element in reversed(told)}.values())[::-1]


def told_one_by_one(telling: Telling, asked: Asked) -> bool:
    """Return whether the lines above hold every parameter, so that no array says anything new."""
    graph = telling.graph
    every = {element for whole in graph.parameters for element in graph.elements(whole)}
    return asked.form == "paths" and every <= set(told_elements(telling, asked))


def update_lines(telling: Telling, element: Quantity) -> list[EquationLine]:
    """Return the steps of one parameter's update with numbers: states where the optimizer has them, then the value."""
    training = telling.model.training
    assert training is not None
    assert telling.ledger is not None
    formulas = update_formulas(training, element, telling.ledger.step, telling.graph.root.quantity.base)
    lines: list[EquationLine] = []
    for key, formula in formulas.items():
        arrow = key == element.updated() and telling.letters.notation.arrow
        left = telling.letters(element if arrow else key)
        relation = "←" if arrow else "="
        value = telling.value(key)
        numbers = telling.numbers(formula)
        closing = telling.relation(formula, key)
        lines.append(EquationLine(left, (Step(relation, numbers), Step(closing, value))))
    return lines


def all_updates(telling: Telling) -> list[Block]:
    """Return every parameter after the update, as matrices."""
    sign = "←" if telling.letters.notation.arrow else "="
    gates: dict[str | None, list[EquationLine]] = {}
    for parameter in (part for whole in telling.graph.parameters for part in telling.parts(whole)):
        letter = telling.letters(parameter)
        left = letter if telling.letters.notation.arrow else m.Prime(letter)
        line = EquationLine(left, (Step(sign, telling.column(parameter.updated())),))
        gates.setdefault(parameter.gate, []).append(line)
    fixed = [q for q in telling.graph.parameters if q not in telling.graph.trainable]
    blocks: list[Block] = [paragraph("All parameters after the update:")]
    rows = [
        tuple(lines[place : place + across])
        for gate, lines in gates.items()
        for across in (2 if gate is None else 3,)
        for place in range(0, len(lines), across)
    ]
    blocks.append(Equation(tuple(rows)))
    if fixed:
        lead = "Left as it is: " if len(fixed) == 1 else "Left as they are: "
        blocks.append(paragraph(lead, *listed([telling.letters(q) for q in fixed]), "."))
    return blocks


def loss_after(telling: Telling) -> list[Block]:
    """Return the loss on the same samples with the new parameters."""
    ledger = telling.ledger
    assert ledger is not None
    root = telling.graph.root.quantity
    before, after = ledger.number(root), ledger.number(root.updated())
    words = (
        "falls"
        if after.fraction < before.fraction
        else "rises"
        if after.fraction > before.fraction
        else "stays"
    )
    name: Phrase = phrase("the loss on the same data")
    if telling.graph.words == "expression":
        name = phrase(telling.letters(root))
    start, end = telling.value(root), telling.value(root.updated())
    training = telling.model.training
    lead = (
        "After the first update "
        if training is not None and training.steps > 1
        else "With the new parameters "
    )
    if words == "stays":
        return [paragraph(lead, name, " stays at ", start, as_shown(ledger, before, after), ".")]
    return [paragraph(lead, name, f" {words} from ", start, " to ", end, ".")]
