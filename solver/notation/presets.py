"""Named conventions: those of the lecture notes that ship with the project, and the common textbook ones.

Adding a notation is one entry in `PRESETS`, and its name in `solver.spec.vocabulary`.
"""

from __future__ import annotations

from dataclasses import replace

from solver.notation.convention import LayerPosition, Notation

_COMMON = {
    "x": "x",
    "t": "y",
    "W": "W",
    "b": "b",
    "a": "a",
    "h": "h",
    "output": "hat y",
    "L": "L",
    "rate": "η",
    "delta": "δ",
}

_LAYER_UNIT = Notation(_COMMON, element_weight="w")

PRESETS: dict[str, Notation] = {
    # a = W x + b, h = f(a), ŷ, target y, η: layer first, then the unit, then what it comes from.
    "default": _LAYER_UNIT,
    "a-h": _LAYER_UNIT,
    # Weights W_{layer,from,to}, capital also for one weight, the loss as a function of all parameters.
    "iitm": Notation(_COMMON, index_order="from-to", element_weight="W"),
    "padhai": Notation(_COMMON, element_weight="w"),
    # Matrix calculus: z = W a + b, a = σ(z), layers in raised brackets, ∘ for the elementwise product.
    "matrix": Notation(
        _COMMON | {"a": "z", "h": "a"}, layer_position="superscript-parentheses", element_weight="w", arrow=False
    ),
    # One neuron: z, a = ŷ, cost J, rate α.
    "neuron": Notation(
        {"x": "x", "t": "y", "W": "w", "b": "b", "a": "z", "h": "a", "L": "J", "rate": "α", "delta": "δ"},
        layer_position="superscript", arrow=False,
    ),
    # Hidden h, output y, desired output d, rate α, increments ΔW.
    "phi": Notation(
        {"x": "x", "t": "d", "W": "W", "b": "b", "a": "s", "h": "h", "output": "y", "L": "E", "rate": "α", "delta": "δ"},
        layer_position="superscript", index_order="from-to", increment=True,
    ),
    # Nielsen (2015); Bishop (2006) writes a and z for these two.
    "z-a": Notation(
        _COMMON | {"a": "z", "h": "a", "L": "C"}, layer_position="superscript", element_weight="w", hadamard="⊙"
    ),
    # net and out per unit, o for the output layer, as in Mazur (2015).
    "net-out": Notation(
        {"x": "i", "t": "target", "W": "W", "b": "b", "a": "net", "h": "out", "L": "E", "rate": "η", "delta": "δ"},
        layer_position="superscript-parentheses", element_weight="w", named_layers=True, bold=False,
    ),
    # Hagan, Demuth, Beale: n = W p + b, a = f(n), target t, sensitivities s, rate α.
    "n-a": Notation(
        {"x": "p", "t": "t", "W": "W", "b": "b", "a": "n", "h": "a", "L": "F", "rate": "α", "delta": "s"},
        layer_position="superscript", element_weight="w", arrow=False,
    ),
}  # fmt: skip


def preset(name: str, overrides: dict[str, str] | None = None) -> Notation:
    """Return a preset with single keys replaced.

    Args:
        name: A key of `PRESETS`.
        overrides: Keys of the contract's `[notation]`: input, target, weight, bias, preactivation, activation, output,
            loss, rate, delta, layer_position, index_order, product, hadamard.
    """
    notation = PRESETS[name]
    letters = dict(notation.letters)
    for key, value in (overrides or {}).items():
        match key:
            case "layer_position":
                position: LayerPosition = "attached" if value == "prefix" else value  # type: ignore[assignment]
                notation = replace(notation, layer_position=position)
            case "index_order":
                notation = replace(notation, index_order="from-to" if value == "from-to" else "to-from")
            case "product":
                notation = replace(notation, product="×" if value == "times" else "·")
            case "hadamard":
                notation = replace(notation, hadamard="⊙" if value == "odot" else "∘")
            case "weight":
                letters["W"] = value
                notation = replace(notation, element_weight=value)
            case _:
                letters[_BASES[key]] = value
    return replace(notation, letters=letters)


_BASES = {
    "input": "x", "target": "t", "bias": "b", "preactivation": "a", "activation": "h", "output": "output", "loss": "L",
    "rate": "rate", "delta": "delta",
}  # fmt: skip
