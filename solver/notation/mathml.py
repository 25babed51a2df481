"""Mathematics as MathML Core, the part of MathML that browsers agree on.

What Core has no element for is left to the style sheet by class: frames (`boxed`), strokes through what cancels
(`struck`), tones (`tone-path-1`), blanks and bold letters. Everything is escaped here; the result is well-formed XML.
"""

from __future__ import annotations

from typing import Final, assert_never

from solver.notation import math as m
from solver.notation.atoms import (
    flat,
    is_letter,
    left_atom,
    node,
    resolved,
    right_atom,
    space_between,
    wants_thin_space,
)
from solver.notation.columns import paddings
from solver.notation.letters import BIG_SIGNS, SPELLINGS, marked, sign_of
from solver.notation.tones import known_tone
from solver.notation.width import DISPLAY, fence_size, measure
from solver.notation.xml_text import xml_text

_MARKS: Final = {"hat": "^", "bar": "¯", "tilde": "~", "vec": "→"}
_SCRIPT_CAPITALS: Final = dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True))
_SCRIPT_A: Final = 0x1D49C
_AXIS: Final = 0.25
_THIN_SPACE: Final = '<mspace width="0.167em"/>'


def mathml(math: m.Math, display: bool = False) -> str:
    """Return a formula as one `<math>` element.

    Args:
        math: The formula.
        display: Whether it stands alone on its line, where fractions and sums are set large.
    """
    block = ' display="block"' if display else ""
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{block}>{mathml_body(math)}</math>'


def mathml_body(math: m.Math) -> str:
    """Return a formula as MathML without the `<math>` around it: one element."""
    return _of(math)


def _of(math: m.Math) -> str:  # noqa: C901 - one case a class
    match node(math):
        case m.Symbol(name, style):
            return _symbol(name, style)
        case m.Digits(text, exponent):
            return _digits(text, exponent)
        case m.Operator(sign):
            return _sign(sign)
        case m.Row():
            return _row(flat(math))
        case m.Fraction(numerator, denominator, small):
            fraction = f"<mfrac>{_of(numerator)}{_of(denominator)}</mfrac>"
            return f'<mstyle displaystyle="false">{fraction}</mstyle>' if small else fraction
        case m.Script(base, sub, sup):
            return _scripts(_of(base), sub, sup)
        case m.Prime(base, count):
            return f"<msup>{_of(base)}<mo>{'′' * count}</mo></msup>"
        case m.Fenced(body, left, right):
            stretch = _stretch(body)
            return f"<mrow>{_fence(left, 'prefix', stretch)}{_of(body)}{_fence(right, 'postfix', stretch)}</mrow>"
        case m.Matrix(rows, left, right):
            return f"<mrow>{_fence(left, 'prefix')}{_table(rows)}{_fence(right, 'postfix')}</mrow>"
        case m.CasesOf(lines):
            cells = "".join(_table_row([_of(value), _of(condition)], "left") for value, condition in lines)
            return f"<mrow>{_fence('{', 'prefix')}<mtable>{cells}</mtable></mrow>"
        case m.Underbrace(body, note):
            brace = f'<munder>{_of(body)}<mo stretchy="true">⏟</mo></munder>'
            return f"<munder>{brace}{_of(note)}</munder>"
        case m.Accent(body, mark):
            return _accent(_of(body), mark, wide=not is_letter(body))
        case m.Root(body):
            return f"<msqrt>{_of(body)}</msqrt>"
        case m.BigOperator() as big:
            return _big(big)
        case m.Words(text):
            return f"<mtext>{_words(text)}</mtext>"
        case m.Boxed(body):
            return f'<mrow class="boxed">{_of(body)}</mrow>'
        case m.Struck(body):
            return f'<mrow class="struck">{_of(body)}</mrow>'
        case m.Toned(body, tone):
            return f'<mrow class="tone-{known_tone(tone)}">{_of(body)}</mrow>'
        case m.Blank(width):
            return f'<mspace class="blank" width="{width:g}em" height="1em" depth="0.4em"/>'
        case m.Space(width):
            return f'<mspace width="{width:g}em"/>'
        case _ as never:
            assert_never(never)


def _symbol(name: str, style: str) -> str:
    taken_apart = marked(name) if len(name) == 1 else None
    if taken_apart is not None:
        return _accent(_symbol(taken_apart[0], style), taken_apart[1])
    if style == "calligraphic" and len(name) == 1 and "A" <= name <= "Z":
        return f"<mi>{_SCRIPT_CAPITALS.get(name) or chr(_SCRIPT_A + ord(name) - ord('A'))}</mi>"
    upright = ' mathvariant="normal"' if len(name) == 1 and style in ("upright", "bold") else ""
    bold = ' class="bold"' if style == "bold" else ""
    return f"<mi{upright}{bold}>{xml_text(name)}</mi>"


def _digits(text: str, exponent: int | None) -> str:
    number = text.replace("-", "−")
    mantissa = f"<mn>{xml_text(number)}</mn>"
    if number.startswith("−"):
        mantissa = f'<mrow><mo form="prefix">−</mo><mn>{xml_text(number[1:])}</mn></mrow>'
    if exponent is None:
        return mantissa
    return f"<mrow>{mantissa}<mo>×</mo><msup><mn>10</mn>{_digits(str(exponent), None)}</msup></mrow>"


def _sign(sign: str, *, prefix: bool = False) -> str:
    known = sign_of(sign)
    shown = xml_text(SPELLINGS.get(sign, sign))
    if known is not None and known.kind == "ordinary" and shown in "∂∇∞⊤∀∃":
        return f'<mi mathvariant="normal">{shown}</mi>'
    if known is not None and shown in "⋯…⋮⋱":
        return f"<mi>{shown}</mi>"
    if shown == "/":
        return '<mo lspace="0" rspace="0">/</mo>'
    return f'<mo form="prefix">{shown}</mo>' if prefix else f"<mo>{shown}</mo>"


def _row(parts: tuple[m.Math, ...]) -> str:
    atoms = resolved([(left_atom(part), right_atom(part)) for part in parts])
    pieces: list[str] = []
    for i, part in enumerate(parts):
        if i and not _is_sign(part) and not _is_sign(parts[i - 1]):
            space = space_between(atoms[i - 1][1], atoms[i][0], script=False)
            if space or wants_thin_space(parts[i - 1], part):
                pieces.append(_THIN_SPACE)
        if isinstance(part, m.Operator) and left_atom(part) == "binary" and atoms[i][0] == "ordinary":
            pieces.append(_sign(part.sign, prefix=True))
        else:
            pieces.append(_of(part))
    return f"<mrow>{''.join(pieces)}</mrow>"


def _is_sign(math: m.Math) -> bool:
    return isinstance(math, m.Operator) and left_atom(math) != "inner"


def _scripts(base: str, sub: m.Math | None, sup: m.Math | None) -> str:
    if sub is not None and sup is not None:
        return f"<msubsup>{base}{_of(sub)}{_of(sup)}</msubsup>"
    if sub is not None:
        return f"<msub>{base}{_of(sub)}</msub>"
    return f"<msup>{base}{_of(sup)}</msup>" if sup is not None else base


def _fence(fence: str, form: str, stretch: str = ' stretchy="true"') -> str:
    return f'<mo form="{form}" lspace="0" rspace="0"{stretch}>{xml_text(fence)}</mo>' if fence else ""


def _stretch(body: m.Math) -> str:
    """Return whether brackets grow with their body, and how far: not over a brace below a part of it, or a sum's limits.

    Around a low body they must not: browsers then take a glyph with white on both sides.
    """
    extent = measure(body)
    if fence_size(extent, DISPLAY) <= 1:
        return ' stretchy="false"'
    height, depth = extent.covered
    if (height, depth) == (extent.height, extent.depth):
        return ' stretchy="true"'
    return f' stretchy="true" maxsize="{max(1.0, 2 * max(height - _AXIS, depth + _AXIS)):.2f}em"'


def _table(rows: tuple[tuple[m.Math, ...], ...]) -> str:
    pads = [paddings(column) for column in zip(*rows, strict=True)]
    text = ""
    for i, row in enumerate(rows):
        cells = ""
        for j, cell in enumerate(row):
            column = pads[j]
            hidden = f"<mphantom><mn>{column[i]}</mn></mphantom>" if column and column[i] else ""
            kind = ' class="number"' if column is not None else ""
            cells += f"<mtd{kind}>{_of(cell)}{hidden}</mtd>"
        text += f"<mtr>{cells}</mtr>"
    return f"<mtable>{text}</mtable>"


def _table_row(cells: list[str], kind: str) -> str:
    return "<mtr>" + "".join(f'<mtd class="{kind}">{cell}</mtd>' for cell in cells) + "</mtr>"


def _accent(body: str, mark: str, *, wide: bool = False) -> str:
    stretch = "true" if wide else "false"
    return f'<mover accent="true">{body}<mo stretchy="{stretch}">{_MARKS[mark]}</mo></mover>'


def _big(math: m.BigOperator) -> str:
    known = BIG_SIGNS.get(math.sign)
    head = f"<mo>{known}</mo>" if known else f"<mo>{xml_text(math.sign)}</mo>"
    if known == "∫":
        head = _scripts(head, math.sub, math.sup)
    elif math.sub is not None and math.sup is not None:
        head = f"<munderover>{head}{_of(math.sub)}{_of(math.sup)}</munderover>"
    elif math.sub is not None:
        head = f"<munder>{head}{_of(math.sub)}</munder>"
    elif math.sup is not None:
        head = f"<mover>{head}{_of(math.sup)}</mover>"
    return f"<mrow>{head}{_of(math.body)}</mrow>"


def _words(text: str) -> str:
    # Browsers drop spaces at the ends of a text element.
    inner = text.strip(" ")
    if not inner:
        return "\u00a0" * len(text)
    lead = len(text) - len(text.lstrip(" "))
    trail = len(text) - len(text.rstrip(" "))
    return "\u00a0" * lead + xml_text(inner) + "\u00a0" * trail
