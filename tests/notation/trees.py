"""Random formulas of every kind, no larger than a page of them can be judged."""

from __future__ import annotations

from hypothesis import strategies as st

from solver.notation import math as m

NAMES = st.sampled_from(
    [*"xyzwabhfLWTSEn", *"ηδσαθΦλεφ", "net", "out", "softmax", "log", "exp", "tanh", "ŷ", "∇"]
)
STYLES = st.sampled_from(["auto", "auto", "auto", "bold", "upright", "calligraphic"])
SIGNS = st.sampled_from([*"=≈+−·×∘⊙←∈,<>≤≥≠→⇒/±", "-", "∂", "⋯"])
TONES = st.sampled_from(["path-1", "path-2", "path-3", "path-4", "path-5", "muted", "ink", "wrong"])
FENCES = st.sampled_from([("(", ")"), ("[", "]"), ("{", "}"), ("|", "|"), ("‖", "‖"), ("⌊", "⌋"), ("(", "")])
WORDS = st.sampled_from(["path 1", "if ", "otherwise", "sum over all paths", "50% of a_b & c", "x < y", ""])


def digits() -> st.SearchStrategy[m.Digits]:
    """Numbers as documents print them: a few decimals, sometimes negative, sometimes scientific."""
    mantissa = st.builds(
        lambda sign, value, places: f"{sign}{value:.{places}f}",
        st.sampled_from(["", "", "-"]),
        st.floats(0, 99.99, allow_nan=False),
        st.sampled_from([0, 1, 2, 4]),
    )
    return st.builds(m.Digits, mantissa, st.sampled_from([None, None, None, -5, 12]))


def leaves() -> st.SearchStrategy[m.Math]:
    """Formulas without parts."""
    indexed = st.builds(
        lambda name, index: m.Script(m.Symbol(name), m.Digits(str(index))), NAMES, st.integers(1, 333)
    )
    return st.one_of(
        indexed,
        digits(),
        st.builds(m.Symbol, NAMES, STYLES),
        st.builds(
            m.Accent,
            st.builds(m.Symbol, st.sampled_from("yxh")),
            st.sampled_from(["hat", "bar", "tilde", "vec"]),
        ),
        st.builds(m.Words, WORDS),
        st.builds(m.Blank, st.sampled_from([2.0, 4.0])),
    )


def rows(parts: st.SearchStrategy[m.Math], longest: int = 6) -> st.SearchStrategy[m.Math]:
    """Parts side by side, most of them with a sign between."""
    sign = st.one_of(
        st.builds(m.Operator, SIGNS), st.just(m.Row(())), st.builds(m.Space, st.sampled_from([0.17, 1.0]))
    )
    pairs = st.lists(st.tuples(sign, parts), min_size=1, max_size=longest)
    return pairs.map(lambda found: m.row(*(part for pair in found for part in pair)))


def _matrix(parts: st.SearchStrategy[m.Math]) -> st.SearchStrategy[m.Math]:
    return st.tuples(
        st.integers(1, 4), st.integers(1, 4), st.sampled_from([("[", "]"), ("(", ")"), ("|", "|")])
    ).flatmap(
        lambda shape: st.lists(
            st.lists(parts, min_size=shape[1], max_size=shape[1]).map(tuple),
            min_size=shape[0],
            max_size=shape[0],
        ).map(lambda found: m.Matrix(tuple(found), *shape[2]))
    )


def _larger(parts: st.SearchStrategy[m.Math]) -> st.SearchStrategy[m.Math]:
    part = st.one_of(parts, rows(parts, 4))
    maybe = st.one_of(st.none(), parts)
    return st.one_of(
        rows(parts),
        st.builds(m.Fraction, part, part, st.booleans()),
        st.builds(m.Script, parts, maybe, maybe),
        st.builds(lambda body, fence: m.Fenced(body, *fence), part, FENCES),
        _matrix(parts),
        st.lists(st.tuples(part, part), min_size=1, max_size=3).map(lambda lines: m.CasesOf(tuple(lines))),
        st.builds(m.Underbrace, part, st.builds(m.Words, WORDS)),
        st.builds(m.Accent, parts, st.sampled_from(["hat", "bar", "tilde", "vec"])),
        st.builds(m.Prime, parts, st.integers(1, 2)),
        st.builds(m.Root, part),
        st.builds(m.BigOperator, st.sampled_from(["Σ", "Π", "max", "argmax", "∫"]), part, maybe, maybe),
        st.builds(m.Boxed, part),
        st.builds(m.Struck, part),
        st.builds(m.Toned, part, TONES),
    )


def trees(size: int = 12) -> st.SearchStrategy[m.Math]:
    """Formulas of every kind."""
    return st.recursive(leaves(), _larger, max_leaves=size)
