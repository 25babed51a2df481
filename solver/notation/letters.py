"""Which letters and signs mathematics uses, and what each is called in TeX.

One table for all emitters. A sign has a class, as in TeX: relations and infix signs bring their own space, a prefix or
an index does not. Letters that are written with a mark ("ŷ") are taken apart into the letter and the mark.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["relation", "binary", "ordinary", "punctuation", "inner"]
Mark = Literal["hat", "bar", "tilde", "vec"]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign in TeX: its command, its class and the width of its glyph in em."""

    tex: str
    kind: Kind
    width: float


GREEK: Final[dict[str, str]] = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ϵ": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu",
    "ξ": "xi", "π": "pi", "ϖ": "varpi", "ρ": "rho", "ϱ": "varrho", "σ": "sigma", "ς": "varsigma", "τ": "tau",
    "υ": "upsilon", "φ": "varphi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon",
    "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
"""Greek letters that have a command of their own (the others look like Latin ones)."""

LATIN_TWINS: Final[dict[str, str]] = {
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P",
    "Τ": "T", "Χ": "X", "ο": "o",
}  # fmt: skip
"""Greek letters without a command, and the Latin letter that looks the same."""

OTHER_LETTERS: Final[dict[str, str]] = {
    "ℓ": "ell", "∞": "infty", "∇": "nabla", "∂": "partial", "⊤": "top", "∅": "emptyset", "ℏ": "hbar",
}  # fmt: skip
"""Signs that a notation may use as a letter."""

FUNCTIONS: Final = frozenset(
    {"arg", "cos", "cosh", "dim", "exp", "ln", "log", "max", "min", "sin", "sinh", "tan", "tanh"}
)
"""Names that TeX itself knows as upright function names."""

OPERATOR_NAMES: Final = FUNCTIONS | frozenset(
    {"argmax", "argmin", "diag", "sign", "sgn", "sigmoid", "softmax", "softplus", "relu", "ReLU", "ELU", "GELU", "abs",
     "elu", "gelu", "swish", "step", "sqrt", "tr", "Var", "Cov", "mean", "LeakyReLU", "leaky_relu"}
)  # fmt: skip
"""Names of functions: a small space stands between them and an argument without brackets."""

_GLYPHS: Final[tuple[tuple[str, str, Kind, float], ...]] = (
    ("=", "=", "relation", 0.778), ("≈", r"\approx", "relation", 0.778), ("≠", r"\neq", "relation", 0.778),
    ("<", "<", "relation", 0.778), (">", ">", "relation", 0.778), ("≤", r"\leq", "relation", 0.778),
    ("≥", r"\geq", "relation", 0.778), ("≡", r"\equiv", "relation", 0.778), ("∝", r"\propto", "relation", 0.778),
    ("∼", r"\sim", "relation", 0.778), ("≪", r"\ll", "relation", 1.0), ("≫", r"\gg", "relation", 1.0),
    ("∈", r"\in", "relation", 0.667), ("∉", r"\notin", "relation", 0.667), ("⊂", r"\subset", "relation", 0.778),
    ("←", r"\leftarrow", "relation", 1.0), ("→", r"\rightarrow", "relation", 1.0),
    ("⇒", r"\Rightarrow", "relation", 1.0), ("⇐", r"\Leftarrow", "relation", 1.0),
    ("⇔", r"\Leftrightarrow", "relation", 1.0), ("↔", r"\leftrightarrow", "relation", 1.0),
    ("↦", r"\mapsto", "relation", 1.0), ("∣", r"\mid", "relation", 0.278), ("⟂", r"\perp", "relation", 0.778),
    ("≔", r"\mathrel{:=}", "relation", 1.056), (":", ":", "relation", 0.278),
    ("+", "+", "binary", 0.778), ("−", "-", "binary", 0.778), ("±", r"\pm", "binary", 0.778),
    ("∓", r"\mp", "binary", 0.778), ("·", r"\cdot", "binary", 0.278), ("×", r"\times", "binary", 0.778),
    ("÷", r"\div", "binary", 0.778), ("∘", r"\circ", "binary", 0.5), ("⊙", r"\odot", "binary", 0.778),
    ("⊗", r"\otimes", "binary", 0.778), ("⊕", r"\oplus", "binary", 0.778), ("∗", r"\ast", "binary", 0.5),
    ("⋆", r"\star", "binary", 0.5), ("∧", r"\wedge", "binary", 0.667), ("∨", r"\vee", "binary", 0.667),
    ("∪", r"\cup", "binary", 0.667), ("∩", r"\cap", "binary", 0.667),
    ("∂", r"\partial", "ordinary", 0.586), ("∇", r"\nabla", "ordinary", 0.833), ("∞", r"\infty", "ordinary", 1.0),
    ("/", "/", "ordinary", 0.5), ("!", "!", "ordinary", 0.278), (".", ".", "ordinary", 0.278),
    ("⊤", r"\top", "ordinary", 0.778), ("∀", r"\forall", "ordinary", 0.556), ("∃", r"\exists", "ordinary", 0.556),
    ("¬", r"\neg", "ordinary", 0.667), ("|", r"\vert", "ordinary", 0.278), ("‖", r"\Vert", "ordinary", 0.5),
    ("⋮", r"\vdots", "ordinary", 0.278), ("′", r"\prime", "ordinary", 0.275),
    (",", ",", "punctuation", 0.278), (";", ";", "punctuation", 0.278),
    ("⋯", r"\cdots", "inner", 1.167), ("…", r"\ldots", "inner", 1.167), ("⋱", r"\ddots", "inner", 1.167),
)  # fmt: skip

SIGNS: Final[dict[str, Sign]] = {sign: Sign(tex, kind, width) for sign, tex, kind, width in _GLYPHS}
"""Signs by their Unicode character."""

SPELLINGS: Final[dict[str, str]] = {
    "-": "−", "*": "∗", "<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "<-": "←", "=>": "⇒", "...": "⋯", "~": "∼",
    "⋅": "·", "∙": "·", "˙": "·", ":=": "≔", "∥": "‖", "||": "‖", "∕": "/", "⟶": "→", "⟵": "←",
}  # fmt: skip
"""Other spellings of a sign, and the one in the table."""

_MARKS: Final[dict[str, Mark]] = {
    "\u0302": "hat",
    "\u0304": "bar",
    "\u0305": "bar",
    "\u0303": "tilde",
    "\u20d7": "vec",
}

BIG_SIGNS: Final[dict[str, str]] = {"Σ": "∑", "∑": "∑", "sum": "∑", "Π": "∏", "∏": "∏", "prod": "∏", "∫": "∫"}
"""Signs of big operators, in any spelling, and their own character."""


def sign_of(text: str) -> Sign | None:
    """Return the sign that this text spells, or None for one that the table does not have."""
    return SIGNS.get(SPELLINGS.get(text, text))


def marked(letter: str) -> tuple[str, Mark] | None:
    """Return a letter and its mark ("ŷ" is "y" with a hat), or None where there is no mark that mathematics uses."""
    apart = unicodedata.normalize("NFD", letter)
    if len(apart) == 2 and apart[1] in _MARKS:
        return apart[0], _MARKS[apart[1]]
    return None
