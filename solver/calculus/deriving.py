"""Derivations of everything in the tables, of their combinations, and of any expression.

The road of one derivation: the definition, a lecturer's rewritings (`lectures`), the differentiation (`mechanical`), the
steps to the textbook form (`lectures`, or for an unknown expression a shorter form if `simplify` finds one), and
every line through `prove`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from solver.calculus.combinations import DELTAS, SIGMOID_AS_SOFTMAX, SOFTMAX_JACOBIAN, softmax_script
from solver.calculus.derivation import (
    Convention,
    Derivation,
    DerivationLine,
    Equation,
    Path,
    Unfinished,
    is_leaf,
)
from solver.calculus.lectures import ACTIVATION_LECTURES, LOSS_LECTURES, Lecture
from solver.calculus.mechanical import mechanical_lines
from solver.calculus.prove import proven
from solver.calculus.rule import ONE, ZERO, Rule, depends, plain_number
from solver.calculus.rules import RULES
from solver.calculus.script import line_of
from solver.calculus.simplify import shorter
from solver.calculus.slope import derivative
from solver.calculus.tidy import clean, folded, light, signed, size
from solver.formula import (
    Call,
    Derivative,
    Formula,
    Negative,
    Number,
    Product,
    Sum,
    Variable,
    substitute,
    transform,
)
from solver.functions.activations import ACTIVATIONS
from solver.functions.losses import Loss
from solver.functions.record import Activation, Options

Z, Y, T, L = Variable("z"), Variable("y"), Variable("t"), Variable("L")


def derive(formula: Formula, by: Formula) -> Derivation:
    """Return ∂formula/∂by rule by rule.

    Args:
        formula: Anything of the grammar, of the tables, or of a graph; a bare call of an activation of the tables,
            f(by), is derived from its definition, elsewhere its slope is a known rule.
        by: A `Variable`, a `Ref` or an indexed name; all other leaves are constants.

    Raises:
        Unfinished: No rule fits, or a line could not be proven; with the lines that are.
    """
    if not is_leaf(by):
        raise Unfinished(formula, by, (), "a derivative is taken by a name")
    record = _recognised(formula, by)
    if record is not None:
        return derive_activation(record, z=by)
    if isinstance(formula, Sum) and _has_vanishing(formula, by):
        return proven(formula, by, _vanishing(formula, by))
    return proven(formula, by, _with_final(formula, by))


def derive_activation(record: Activation, z: Formula = Z, y: Formula | None = None) -> Derivation:
    """Return ∂y/∂z = f′(z) from the definition of f to the textbook slope.

    Args:
        record: An activation of the table, with its options; for softmax the Jacobian of `derive_softmax`.
        z: The pre-activation.
        y: The name of the output; without one the slope is written in z alone.

    Raises:
        Unfinished: A line could not be proven.
    """
    if not record.elementwise:
        return derive_softmax()
    return _activation(record, z, y, record.call(z))


def _activation(record: Activation, z: Formula, y: Formula | None, of: Formula) -> Derivation:
    lecture = ACTIVATION_LECTURES.get(record.name, Lecture())
    lines = list(_lines(lecture, record.formula, record.options, Z, named=y is not None))
    if y is not None:
        lines = _ending_in(record.slope, lines, RULES["output"])
    names: dict[Formula, Formula] = {Z: z} if y is None else {Z: z, Y: y}
    return proven(
        of if y is None else y,
        z,
        [_renamed(line, names) for line in lines],
        definitions=() if y is None else (Equation(y, z if record.formula == Z else of),),
        conventions=tuple(
            Convention(Equation(z, Number(kink.at)), Number(kink.slope), kink.reason) for kink in record.kinks
        ),
    )


def derive_loss(record: Loss, y: Formula = Y, t: Formula = T, factor: Fraction = Fraction(1)) -> Derivation:
    """Return ∂L/∂y of one output, for L = factor · ℓ(y, t).

    Args:
        record: A loss of the table, with its options.
        y: The output.
        t: The target.
        factor: A number before the loss, such as ½.

    Raises:
        Unfinished: A line could not be proven.
    """
    lecture = LOSS_LECTURES.get(record.name, Lecture()) if factor == 1 else Lecture()
    formula, slope = _with_factor(record.formula, factor), clean(_with_factor(record.slope, factor))
    lines = _ending_in(slope, list(_lines(lecture, formula, record.options, Y)), RULES["simplify"])
    conventions = tuple(
        Convention(Equation(*kink.where), Number(kink.slope * factor), kink.reason) for kink in record.kinks
    )
    result = proven(L, Y, lines, definitions=(Equation(L, formula),), conventions=conventions)
    return result.renamed({Y: y, T: t})


def derive_delta(activation: Activation, loss: Loss, factor: Fraction = Fraction(1)) -> Derivation:
    """Return ∂L/∂z of an output layer from first principles, for L = factor · ℓ summed over the outputs.

    The names are Variables z, y, t; with softmax z_j, y_k, t_k, where k runs over the classes and j is one of them.

    Raises:
        Unfinished: A line could not be proven.
    """
    if not activation.elementwise:
        script = DELTAS.get((activation.name, loss.name)) or softmax_script(loss)
        return _scaled(script.derivation(), factor)
    if (activation.name, loss.name) in DELTAS:
        return _scaled(DELTAS[activation.name, loss.name].derivation(), factor)
    formula, slope = _with_factor(loss.formula, factor), clean(_with_factor(loss.slope, factor))
    known = light(Product((slope, activation.slope)))
    gathered = clean(known)
    lines = [
        DerivationLine(Product((Derivative(L, Y), Derivative(Y, Z))), (RULES["chain"],)),
        DerivationLine(known, (RULES["known"],)),
    ]
    if size(gathered) < size(known):
        lines.append(DerivationLine(gathered, (RULES["simplify"],)))
    output = Z if activation.formula == Z else activation.call(Z)
    return proven(L, Z, lines, definitions=(Equation(L, formula), Equation(Y, output)))


def derive_softmax() -> Derivation:
    """Return ∂y_k/∂z_j of softmax by cases, k = j and k ≠ j, in indexed names."""
    return SOFTMAX_JACOBIAN.derivation()


def derive_sigmoid_as_softmax() -> Derivation:
    """Return softmax over two classes rewritten as σ(z_A − z_B); an identity, without a derivative."""
    return SIGMOID_AS_SOFTMAX.derivation()


def extended(delta: Derivation, formula: Formula, by: Formula, *, full: bool = True) -> Derivation:
    """Return ∂L/∂w for z = formula(w), from ∂L/∂z.

    Args:
        delta: ∂L/∂z, by a plain name z that the chain goes through.
        formula: z written out, such as w x + b.
        by: The name in it to differentiate by.
        full: Every line of ∂L/∂z again, multiplied by ∂z/∂w; otherwise ∂L/∂z · ∂z/∂w with the result put in.

    Raises:
        Unfinished: A line could not be proven.
    """
    if delta.by is None or delta.branches or isinstance(delta.by, Call):
        raise Unfinished(delta.of, by, (), "only a chain through a plain name can be extended")
    local, named = derivative(formula, by), Derivative(delta.by, by)
    if full:
        lines = [_times(line, named if line.rule is RULES["chain"] else local) for line in delta.steps]
    else:
        chain = Product((Derivative(delta.of, delta.by), named))
        lines = [
            DerivationLine(chain, (RULES["chain"],)),
            DerivationLine(Product((delta.result, local)), (RULES["known"],)),
            DerivationLine(light(Product((delta.result, local))), (RULES["simplify"],)),
        ]
    definitions = (*delta.definitions, Equation(delta.by, formula))
    return proven(delta.of, by, lines, definitions=definitions, assumptions=delta.assumptions)


def _lines(
    lecture: Lecture, formula: Formula, options: Options, by: Formula, *, named: bool = False
) -> Iterator[DerivationLine]:
    """Yield the lines of a lecture after its left-hand side."""
    values: dict[str, Formula] = {name: Number(value) for name, value in options}

    def written(rules: str, text: str) -> DerivationLine:
        line = line_of(rules, text)
        return replace(line, formula=light(folded(substitute(line.formula, **values)))) if values else line

    of = written("definition", lecture.definition).formula if lecture.definition else formula
    yield DerivationLine(Derivative(of, by), (RULES["definition"],))
    for step in lecture.opening:
        line = written(*step)
        of = line.formula
        yield replace(line, formula=Derivative(of, by))
    worked = list(mechanical_lines(of, by))
    if lecture.closing and lecture.closing[0][0] == "simplify" == worked[-1].rules[0].key:
        worked.pop()  # one line says what two would
    yield from worked
    for step in (*lecture.closing, *(lecture.naming if named else ())):
        yield written(*step)


def _ending_in(textbook: Formula, lines: list[DerivationLine], rule: Rule) -> list[DerivationLine]:
    """Return the lines so that the last one is the textbook form, sign for sign."""
    if signed(lines[-1].formula) == signed(textbook):
        return [*lines[:-1], replace(lines[-1], formula=textbook)]
    return [*lines, DerivationLine(textbook, (rule,))]


def _with_final(formula: Formula, by: Formula) -> Iterator[DerivationLine]:
    """Yield the mechanical lines, and a shorter form of the last where there is one."""
    last = formula
    for line in mechanical_lines(formula, by):
        last = line.formula
        yield line
    final = shorter(last)
    if final is not None:
        factored = isinstance(last, Sum) and not isinstance(final, Sum)
        yield DerivationLine(final, (RULES["factor" if factored else "simplify"],))


def _has_vanishing(formula: Sum, by: Formula) -> bool:
    """Return whether terms in other names vanish, which is worth a line; plain numbers are not."""
    constant = [plain_number(term) is None for term in formula.terms if not depends(term, by)]
    return any(constant) and len(constant) < len(formula.terms)


def _vanishing(formula: Sum, by: Formula) -> Iterator[DerivationLine]:
    """Yield ∂(u + v + w)/∂x term by term, the line in which constant terms are zero, and what is left of it."""
    apart = tuple(
        Negative(Derivative(term.operand, by)) if isinstance(term, Negative) else Derivative(term, by)
        for term in formula.terms
    )
    yield DerivationLine(Sum(apart), (RULES["sum"],))
    zero = tuple((n,) for n, term in enumerate(formula.terms) if not depends(term, by))
    left = Sum(tuple(term for term in formula.terms if depends(term, by)))
    first, *rest = mechanical_lines(light(left), by)
    kept = list(first.formula.terms) if isinstance(first.formula, Sum) else [first.formula]
    if len(kept) == len(left.terms):
        values = iter(kept)
        rules = tuple(rule for rule in first.rules if rule is not RULES["sum"])
        follows = [replace(first, rules=(RULES["vanish"],))]
    else:  # terms were joined or split on the way: they stay derivatives for this line
        values = (term for n, term in enumerate(apart) if (n,) not in zero)
        rules, follows = (), [first]
    shown = tuple(ZERO if (n,) in zero else next(values) for n in range(len(apart)))
    yield DerivationLine(Sum(shown), (*rules, RULES["constant"]), vanishing=zero)
    yield from (*follows, *rest)


def _recognised(formula: Formula, by: Formula) -> Activation | None:
    """Return the activation that a formula is: called by name, or written out where no tie of `max` is at stake."""
    match formula:
        case Call(name, (argument, *options), 0) if name in ACTIVATIONS and argument == by:
            record = ACTIVATIONS[name]
            given = [plain_number(option) for option in options]
            if not record.elementwise or len(given) > len(record.options) or None in given:
                return None
            named = {
                key: value
                for (key, _), value in zip(record.options, given, strict=False)
                if value is not None
            }
            return record.with_options(**named)
    plain = (ACTIVATIONS[name] for name in ("sigmoid", "tanh", "softplus", "swish", "gelu"))
    return next((record for record in plain if substitute(record.formula, z=by) == formula), None)


def _renamed(line: DerivationLine, names: dict[Formula, Formula]) -> DerivationLine:
    return replace(line, formula=transform(line.formula, names.get))


def _with_factor(formula: Formula, factor: Fraction) -> Formula:
    return formula if factor == 1 else light(Product((Number(factor), formula)))


def _times(line: DerivationLine, factor: Formula, *, front: bool = False) -> DerivationLine:
    """Return a line multiplied by a factor, behind it or before it; a leading minus stays in the lead."""
    if factor == ONE:
        return line
    signs: Path = ()
    body = line.formula
    while isinstance(body, Negative):
        body, signs = body.operand, (*signs, 0)
    factors = body.factors if isinstance(body, Product) else (body,)
    grown: Formula = Product((factor, *factors) if front else (*factors, factor))

    def moved(path: Path) -> Path:
        inner = path[len(signs) :] if isinstance(body, Product) else (0, *path[len(signs) :])
        return (*signs, inner[0] + front, *inner[1:]) if inner else signs

    for _ in signs:
        grown = Negative(grown)
    return replace(
        line,
        formula=grown,
        cancelled=tuple(map(moved, line.cancelled)),
        vanishing=tuple(map(moved, line.vanishing)),
    )


def _scaled(whole: Derivation, factor: Fraction) -> Derivation:
    """Return ∂(factor · L)/∂z from ∂L/∂z."""
    if factor == 1:
        return whole
    number = Number(factor)
    lines = [
        line if line.rule is RULES["chain"] else _times(line, number, front=True) for line in whole.steps
    ]
    definitions = tuple(
        Equation(e.left, _with_factor(e.right, factor)) if e.left == whole.of else e
        for e in whole.definitions
    )
    return proven(whole.of, whole.by, lines, definitions=definitions, assumptions=whole.assumptions)
