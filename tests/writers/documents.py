"""Documents made by hand from every kind of node, for the writers."""

from __future__ import annotations

from solver.document import nodes as n
from solver.figures.scene import Circle, Label, Line, Scene
from solver.notation import math as m

X, L, ETA = m.Symbol("x"), m.Symbol("L"), m.Symbol("η")
DEL, EQUALS, MINUS, DOT = m.Operator("∂"), m.Operator("="), m.Operator("−"), m.Operator("·")


def number(text: str, exponent: int | None = None) -> m.Digits:
    return m.Digits(text, exponent)


def indexed(letter: str, index: str) -> m.Script:
    return m.Script(m.Symbol(letter), number(index))


def y_hat(index: str) -> m.Script:
    return m.Script(m.Accent(m.Symbol("y"), "hat"), number(index))


def derivative(of: m.Math, by: m.Math) -> m.Fraction:
    return m.Fraction(m.row(DEL, of), m.row(DEL, by))


def words(*parts: str | m.Math | n.Inline) -> n.Phrase:
    """Plain strings, formulas and inline nodes as one phrase."""
    return tuple(
        n.Text(part) if isinstance(part, str) else n.InlineMath(part) if isinstance(part, m.Math) else part
        for part in parts
    )


def line(left: m.Math | None, *steps: str | m.Math, tag: str | None = None) -> n.EquationLine:
    """A line from relations and bodies in turn."""
    pairs = zip(steps[::2], steps[1::2], strict=True)
    return n.EquationLine(
        left, tuple(n.Step(str(sign), body) for sign, body in pairs if isinstance(body, m.Math)), tag
    )


W131, H13, A13 = indexed("w", "131"), indexed("h", "13"), indexed("a", "13")


def _one(body: m.Math) -> m.Math:
    return m.Toned(body, "path-1")


def _two(body: m.Math) -> m.Math:
    return m.Toned(body, "path-2")


NETWORK = Scene(
    6.0,
    2.4,
    (
        Line((1.0, 1.2), (3.0, 1.8), "path-1", arrow=True),
        Line((1.0, 1.2), (3.0, 0.6), "path-2", arrow=True),
        Line((3.0, 1.8), (5.0, 1.2), "path-1"),
        Line((3.0, 0.6), (5.0, 1.2), "path-2"),
        Circle((1.0, 1.2), 0.4, H13, "highlighted"),
        Circle((3.0, 1.8), 0.4, y_hat("1"), "output"),
        Circle((3.0, 0.6), 0.4, y_hat("2"), "output"),
        Circle((5.0, 1.2), 0.4, L, "loss"),
        Label((3.0, 2.3), number("0.7703"), "value", size="tiny"),
    ),
)

BACKWARD = n.Section(
    words("Backward pass: ", m.row(DEL, L, m.Operator("/"), DEL, W131)),
    (
        n.Paragraph(
            words(
                "The weight ",
                W131,
                " joins ",
                indexed("x", "1"),
                " to the third hidden neuron. From there the loss is",
                " reached along two paths, ",
                n.Tone(words("through ", y_hat("1")), "path-1"),
                " and ",
                n.Tone(words("through ", y_hat("2")), "path-2"),
                "; each contributes one product.",
            )
        ),
        n.Figure(NETWORK, "Two paths from h₁₃ to the loss", words("The two paths of ", W131, ".")),
        n.Equation(
            (
                (
                    line(
                        derivative(L, W131),
                        "=",
                        m.row(
                            m.Fenced(
                                m.row(
                                    m.Underbrace(
                                        _one(m.row(derivative(L, y_hat("1")), derivative(y_hat("1"), H13))),
                                        m.Words("path 1"),
                                    ),
                                    m.Operator("+"),
                                    m.Underbrace(
                                        _two(m.row(derivative(L, y_hat("2")), derivative(y_hat("2"), H13))),
                                        m.Words("path 2"),
                                    ),
                                )
                            ),
                            derivative(H13, A13),
                            derivative(A13, W131),
                        ),
                        tag="1",
                    ),
                ),
            )
        ),
        n.Paragraph(words("Each factor in turn.")),
        n.Equation(
            (
                (
                    line(
                        _one(derivative(L, y_hat("1"))),
                        "=",
                        m.row(number("2"), m.Fenced(m.row(number("0.7703"), MINUS, number("1")))),
                        "≈",
                        number("-0.4593"),
                    ),
                    line(
                        _two(derivative(L, y_hat("2"))),
                        "=",
                        m.row(number("2"), m.Fenced(m.row(number("0.2297"), MINUS, number("0")))),
                        "≈",
                        number("0.4593"),
                    ),
                ),
                (
                    line(_one(derivative(y_hat("1"), H13)), "=", number("0.2")),
                    line(_two(derivative(y_hat("2"), H13)), "=", number("0.3")),
                ),
            ),
            small=True,
        ),
        n.Equation(
            (
                (
                    line(
                        _one(m.Words("path 1")),
                        "=",
                        m.row(m.Fenced(number("-0.4593")), DOT, number("0.1769")),
                        "=",
                        number("-0.003159"),
                        tag="2",
                    ),
                ),
                (
                    line(
                        _two(m.Words("path 2")),
                        "=",
                        m.row(number("0.4593"), DOT, number("0.1769")),
                        "≈",
                        number("0.004739"),
                        tag="3",
                    ),
                ),
                (line(derivative(L, W131), "=", m.Boxed(number("0.001580"))),),
            )
        ),
        n.Note(
            words("As in the notes, each ", y_hat("1"), " stands alone."),
            (
                n.Paragraph(
                    words(
                        "With the cross terms the gradient is ",
                        number("0.003159"),
                        ", see ",
                        n.EquationReference("2"),
                        ".",
                    )
                ),
            ),
            "warning",
        ),
    ),
)

UPDATE = n.Section(
    words("Update"),
    (
        n.Paragraph(words("With learning rate ", m.row(ETA, EQUALS, number("1")), ",")),
        n.Equation(
            ((line(W131, "←", m.row(W131, MINUS, ETA, derivative(L, W131)), "=", number("-0.3016")),),)
        ),
        n.Section(
            words("All of it"),
            (
                n.Equation(
                    (
                        (
                            line(
                                m.Script(m.Symbol("W", "bold"), number("1")),
                                "=",
                                m.Matrix(((number("0.1"), number("-0.25")), (number("2"), m.Operator("⋯")))),
                            ),
                        ),
                    )
                ),
                n.Table(
                    (words("Parameter"), words("Gradient of ", L), words("Note")),
                    (
                        (words(W131), words(number("0.001580")), words("two paths")),
                        (words(indexed("w", "111")), words(number("1.5", -7)), words("a | b")),
                    ),
                    "lrc",
                    words("Before and after."),
                ),
                n.Listing(
                    ((n.Paragraph(words("First ", X, ".")),), (n.Paragraph(words("Second.")),)), ordered=True
                ),
                n.Listing(((n.Paragraph(words("A point.")), n.Equation(((line(L, "=", X),),))),)),
                n.Together(
                    (
                        n.Paragraph(
                            words(
                                "What cancels: ",
                                m.row(m.Struck(X), EQUALS, m.Blank(3.0)),
                                ", ",
                                n.Strong(words("bold ", X)),
                                ", ",
                                n.Emphasis(words("slanted")),
                                " and ",
                                n.Link(words("a link"), "https://example.org/a_b?c=%20#d"),
                                ".",
                            )
                        ),
                        n.AnswerSpace(2.0),
                    )
                ),
                n.PageBreak(),
                n.Note(words("Check."), (n.Equation(((line(L, "=", X),),)),)),
            ),
            level=2,
        ),
    ),
)

SAMPLE = n.Document(
    "Multiple paths", (BACKWARD, UPDATE), "PadhAI, Backpropagation: the light math version", "Worked solution"
)


def everywhere(text: str) -> n.Document:
    """A document that holds one text in every field that can hold text; headings and table cells hold its beginning."""
    whole = (n.Text(text),)
    phrase = (n.Text(text[:400]),)
    inside = m.row(m.Symbol(text[:200] or "x"), EQUALS, m.Words(text[:200]), m.Operator(text[:40] or "="))
    blocks: tuple[n.Block, ...] = (
        n.Paragraph(
            (*phrase, n.InlineMath(inside), n.Strong(phrase), n.Emphasis(phrase), n.Tone(phrase, text))
        ),
        n.Paragraph((n.Link(phrase, text), n.EquationReference(text[:60]), n.Text(" end"))),
        n.Equation(((line(inside, "=", m.Underbrace(X, m.Words(text[:60])), tag=text[:40]),),)),
        n.Figure(Scene(3.0, 1.0, (Circle((1.0, 0.5), 0.4, X),)), text, phrase),
        n.Table((phrase, words("second")), ((phrase, words(X)), (words("a"), phrase)), "lr", phrase),
        n.Note(phrase, (n.Paragraph(whole),), "warning"),
        n.Listing(((n.Paragraph(whole),), (n.Paragraph(phrase),))),
    )
    return n.Document(text, (n.Section(phrase, blocks), n.Section(phrase, blocks[:1], 2)), text, text, text)


HOSTILE: dict[str, str] = {
    "commands": r"\input{/etc/passwd} \write18{rm -rf /} \end{document} \csname x\endcsname ^^5c",
    "specials": r"100% of $x$ & y_1 #1 ~ ^ \ { }",
    "braces": "}}}{{{ {{}} }{",
    "dollars": "$ $$ $x$ $`x`$ \\$ a$b$c",
    "html": '<script>alert(1)</script> <b>bold</b> &amp; &lt; <img src=x onerror="y"> <!-- --> ]]>',
    "markdown": "# head\n- item\n1. one\n> quote\n[x](http://evil.example) ![i](y) `code` *a* _b_ ~~c~~ | d |",
    "shortcodes": "--- :smile: @user #12 www.evil.example a@b.example https://evil.example",
    "templates": "<< x >> <% for %> <# c #> {{ y }} {% z %}",
    "emoji": "naïve café 😀 👩‍👩‍👧 ✓ → ≤ αβγ Ω № ﬁ",
    "right to left": "שלום עולם مرحبا \u202eevil\u202c",
    "controls": "a\x00b\x07c\x1b[31md\u200be\ufeff\ud800f\r\ng\th",
    "markers": "- not a list",
    "equals": "=====",
    "blank": " ",
    "empty": "",
    "long word": "Donaudampfschiff" * 625,
    "long text": "many words in a row, " * 480,
    "accents": "Z\u0301\u0323a\u0300\u0301\u0302 ệ ő Ł ß Đ",
}
