"""Conventions of notation: which letter, which indices, in which places. Nothing here changes a number.

A `Notation` turns the identity of a quantity into a math tree. Presets (`presets`) are values of this one class, and a
problem's `[notation]` overrides them key by key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from solver.notation import math as m
from solver.notation.arrays import MARKS, RAISED, STAGES, Axes, squared, subscript
from solver.quantities import Along, Key, Part, Partial, Quantity, Role, Share

Place = int | m.Math
"""A number that an element or a sample has, or the letter that runs over all of them."""

LayerPosition = Literal["subscript", "superscript", "superscript-parentheses", "attached"]
IndexOrder = Literal["to-from", "from-to"]

_VECTORS = frozenset({"x", "t", "a", "h", "b", *MARKS, *STAGES})
"""Bases with one number for each unit."""

_PENALISED = frozenset({"W", "U", "V"})
"""Bases of weights. The loss reads them itself only in its penalty R, whose derivative is not that of the whole loss."""

_STATE_LETTERS = {
    Role.FIRST_MOMENT: m.Symbol("m"),
    Role.SECOND_MOMENT: m.Symbol("v"),
    Role.FIRST_CORRECTED: m.Accent(m.Symbol("m"), "hat"),
    Role.SECOND_CORRECTED: m.Accent(m.Symbol("v"), "hat"),
}


@dataclass(frozen=True)
class Shape:
    """What a notation must know of a problem: how many layers are numbered, and which one is the output.

    Attributes:
        layers: Number of layers; a single one is not numbered.
        weights_from_to: Whether the author's arrays are indexed from-to.
        sample_axis: Whether samples are numbered.
        widths: Units of each layer, from the first; the index of a layer's only unit is left out.
        inputs: Number of inputs.
        axes: How the arrays that are no vectors or weights of a layer are indexed, by name ("K", "Z", "Wq").
        scalars: Names of what is one number for each sample, and so never bold ("mean1").
    """

    layers: int = 1
    weights_from_to: bool = False
    sample_axis: bool = False
    widths: tuple[int, ...] = ()
    inputs: int = 0
    axes: Mapping[str, Axes] = field(default_factory=dict)
    scalars: frozenset[str] = frozenset()

    @property
    def single(self) -> bool:
        """Whether there is one layer alone, so that its number says nothing; beside maps it keeps its number."""
        return self.layers == 1 and not self.axes

    def lone(self, base: str, layer: int | None) -> bool:
        """Return whether a vector has a single element, so that its index says nothing."""
        if base == "x":
            return self.inputs == 1
        width = self.widths[(layer or self.layers) - 1] if self.widths else 0
        return width == 1


@dataclass(frozen=True)
class Notation:
    """Letters and conventions.

    Attributes:
        letters: Base ("x", "t", "W", "b", "a", "h", "L", …, "output", "rate", "delta") -> letter; "hat y" puts a hat on.
        layer_position: Where the layer's number stands.
        index_order: Order of a weight's two indices in its symbol.
        element_weight: Letter of a single weight, where it differs from the matrix ("w" beside "W").
        product: Sign between numbers.
        hadamard: Sign of the elementwise product.
        bold: Whether whole vectors and matrices are set bold.
        arrow: Whether an update is written w ← w − …, or w′ = w − ….
        increment: Whether an update is written as an increment, Δw = −η ∂L/∂w.
        named_layers: "h"/"o" instead of numbers, as in net_{h1}, out_{o1}.
        activation_names: Printed names of activations that this notation changes.
    """

    letters: Mapping[str, str]
    layer_position: LayerPosition = "subscript"
    index_order: IndexOrder = "to-from"
    element_weight: str = ""
    product: Literal["·", "×"] = "·"
    hadamard: Literal["∘", "⊙"] = "∘"
    bold: bool = True
    arrow: bool = True
    increment: bool = False
    named_layers: bool = False
    loss_argument: str = ""
    activation_names: Mapping[str, str] = field(default_factory=dict)

    def letter(self, base: str, *, bold: bool = False) -> m.Math:
        """Return the bare letter of a base: "hat y" is ŷ."""
        return glyph(self.letters.get(base, base), bold=bold and self.bold)

    def bind(self, shape: Shape) -> Letters:
        """Return the notation made ready for one problem."""
        return Letters(self, shape)


def glyph(name: str, *, bold: bool = False) -> m.Math:
    """Return a letter by its name: "y", "η", "net", "hat y", "bar x"."""
    mark, _, rest = name.rpartition(" ")
    letter: m.Math = m.Symbol(rest, "bold" if bold else "auto")
    if mark in ("hat", "bar", "tilde", "vec"):
        return m.Accent(letter, mark)  # type: ignore[arg-type]
    return letter


@dataclass(frozen=True)
class Letters:
    """A notation bound to a problem: every key has a symbol."""

    notation: Notation
    shape: Shape

    def __call__(self, key: Key) -> m.Math:
        """Return the symbol of a key."""
        match key:
            case Partial(of, by) if of.base == "L" and by.base in _PENALISED:
                return derivative(self.notation.letter("R"), self(by))
            case Partial(of, by):
                return derivative(self(of), self(by))
            case Along(_, path):
                return m.Words(f"path {path}")
            case Share(target, reader):
                return m.Script(m.Fenced(self(target), "", "|"), sub=self(reader))
            case Part(name, target):
                return self.part(name, target)
            case Quantity(role=Role.GRADIENT):
                return derivative(self.scalar(key.of), self(key.value))
            case Quantity(role=Role.UPDATED):
                return m.Prime(self(key.value))
            case Quantity(role=Role.VALUE):
                return self._value(key)
            case Quantity():
                return self._state(key)

    def part(self, name: str, target: Quantity) -> m.Math:
        """Return the symbol of an intermediate result; a gradient with the weight decay added is g."""
        if name == "decayed":
            return m.Script(m.Symbol("g"), sub=self(target.value))
        return m.Script(m.Words(name), sub=self(target))

    def scalar(self, name: str) -> m.Math:
        """Return the letter of what is differentiated: the loss, or the network's output."""
        if name == "output" and "output" not in self.notation.letters:
            name = "h"
        return self.notation.letter(name)

    def delta(self, layer: int, *index: int, sample: int | None = None) -> m.Math:
        """Return δ of a layer's pre-activations, or of one unit."""
        return self._indexed(self.notation.letter("delta", bold=not index), layer, index, sample, None)

    def single(self, quantity: Quantity) -> bool:
        """Return whether an array with one element is written like a number, without brackets."""
        return False

    def is_output(self, quantity: Quantity) -> bool:
        """Return whether this is an activation of the last layer."""
        return quantity.base == "h" and quantity.layer == self.shape.layers

    def any_element(self, first: Quantity, index: tuple[m.Math, ...], sample: m.Math | None) -> m.Math:
        """Return the symbol of any element of an array, k in the place of a number.

        Args:
            first: One of the elements.
            index: What stands for its indices.
            sample: What stands for the number of its sample.
        """
        if first.array_name in self.shape.axes:
            letter = self._letter(first.base, whole=False, matrix=False)
            return _script(letter, m.row(*index), None if sample is None else m.Fenced(sample))
        return self._element(first, index, sample)

    def _value(self, quantity: Quantity) -> m.Math:
        axes = self.shape.axes.get(quantity.array_name)
        if axes is not None:
            return self._placed(quantity, axes)
        return self._element(quantity, quantity.index, quantity.sample)

    def _element(self, quantity: Quantity, index: tuple[Place, ...], sample: Place | None) -> m.Math:
        whole = not quantity.index
        base, layer = quantity.base, quantity.layer
        if index and base in _VECTORS and quantity.time is None and self.shape.lone(base, layer):
            index = ()
        if self.is_output(quantity) and "output" in self.notation.letters:
            base, layer = "output", None
        if base == "L" or (layer is None and quantity.time is None and base not in self.notation.letters):
            letter = self.notation.letter(base)
            return letter if whole else self._indexed(letter, None, index, sample, None)
        if base == "W" and not whole:
            index = self._weight_index(quantity.index, layer)
        matrix = base in ("x", "t") and self.shape.sample_axis and whole and quantity.sample is None
        letter = self._letter(base, whole, matrix=matrix)
        if layer is not None and (base in MARKS or base in STAGES):
            letter = self._stage(quantity, whole)
        if quantity.gate:
            letter = m.Script(letter, sub=m.Symbol(quantity.gate))
        if self.notation.named_layers and layer is not None and base in _VECTORS:
            symbol = self._named(letter, layer, index, sample)
        else:
            symbol = self._indexed(letter, layer, index, sample, quantity.time)
        return squared(symbol) if base == "var" and layer is not None else symbol

    def _letter(self, base: str, whole: bool, *, matrix: bool) -> m.Math:
        name = self.notation.letters.get(base, base)
        if base == "W" and not whole and self.notation.element_weight:
            name = self.notation.element_weight
        if matrix and len(name) == 1:
            name = name.upper()
        return glyph(name, bold=whole and self.notation.bold)

    def _stage(self, quantity: Quantity, whole: bool) -> m.Math:
        """Return the letter of a stage between pre-activation and activation: â, μ, γ."""
        base = quantity.base
        if base in MARKS:
            return m.Accent(self._letter("a", whole, matrix=False), MARKS[base])
        one = quantity.array_name in self.shape.scalars
        several = self.shape.sample_axis and quantity.sample is None and base in ("mean", "var")
        bold = whole and self.notation.bold and (several or not one)
        return glyph(self.notation.letters.get(base, STAGES[base]), bold=bold)

    def _placed(self, quantity: Quantity, axes: Axes) -> m.Math:
        """Return K_{21,13}, or a bold K_{21} for the whole channel; an image is a capital letter."""
        channels, place = axes.parts(quantity.index)
        whole = axes.whole(quantity.index)
        base = "W" if quantity.base in RAISED else quantity.base
        matrix = base in ("x", "t") and whole and axes.place == 2
        letter = self._letter(base, whole, matrix=matrix)
        raised = RAISED.get(quantity.base)
        return _script(letter, subscript(channels, place), m.Symbol(raised) if raised else None)

    def _weight_index(self, index: tuple[int, ...], layer: int | None) -> tuple[int, ...]:
        """Turn the author's index order into the notation's; an only unit has no index where that is clear."""
        written = "from-to" if self.shape.weights_from_to else "to-from"
        raised = self.notation.layer_position != "subscript" or self.shape.single
        if raised and self.shape.lone("a", layer):
            return (index[0] if written == "from-to" else index[1],)
        return index if written == self.notation.index_order else index[::-1]

    def _indexed(
        self,
        letter: m.Math,
        layer: int | None,
        index: Sequence[Place],
        sample: Place | None,
        time: int | None,
    ) -> m.Math:
        """Put layer, indices, sample and time at a letter."""
        if self.shape.single:
            layer = None
        position = self.notation.layer_position
        low: list[Place] = [] if time is None else [time]
        sup: list[m.Math] = []
        if layer is not None:
            match position:
                case "subscript":
                    low.append(layer)
                case "superscript":
                    sup.append(m.Digits(str(layer)))
                case "superscript-parentheses":
                    sup.append(m.Fenced(m.Digits(str(layer))))
                case "attached":
                    letter = m.row(letter, m.Digits(str(layer)))
        if sample is not None and self.shape.sample_axis:
            brackets = ("[", "]") if sup else ("(", ")")
            sup.append(m.Fenced(_placed(sample), *brackets))
        low.extend(index)
        return _script(letter, _subscript(low), m.row(*sup) if sup else None)

    def _named(self, letter: m.Math, layer: int, index: Sequence[Place], sample: Place | None) -> m.Math:
        """net_{h1}, out_{o1}: the layer by its letter, then the unit."""
        hidden = self.shape.layers - 1
        name = "o" if layer == self.shape.layers else "h" if hidden == 1 else f"h{layer},"
        sup = m.Fenced(_placed(sample)) if sample is not None and self.shape.sample_axis else None
        sub = m.row(m.Symbol(name[0]), *(m.Digits(text) for text in [name[1:-1]] if text))
        place = _subscript(index)
        if place is not None:
            comma = (m.Operator(","),) if name.endswith(",") else ()
            sub = m.row(sub, *comma, place)
        return _script(letter, sub, sup)

    def _state(self, quantity: Quantity) -> m.Math:
        """m_{W…}: the state's letter with the parameter below it."""
        return m.Script(_STATE_LETTERS[quantity.role], sub=self(quantity.value))


def derivative(of: m.Math, by: m.Math) -> m.Math:
    """Return ∂of/∂by as a fraction."""
    return m.Fraction(m.row(m.Operator("∂"), of), m.row(m.Operator("∂"), by))


def _subscript(places: Sequence[Place]) -> m.Math | None:
    """Return indices side by side while each is one digit (w₁₃₁) or a letter, with commas past that (w_{1,10,3})."""
    numbers = [place for place in places if isinstance(place, int)]
    letters = [place for place in places if not isinstance(place, int)]
    joint = "" if all(number < 10 for number in numbers) else ","
    digits = m.Digits(joint.join(map(str, numbers)))
    if letters:
        return m.row(*([digits] if numbers else []), *letters)
    return digits if numbers else None


def _placed(place: Place) -> m.Math:
    return m.Digits(str(place)) if isinstance(place, int) else place


def _script(letter: m.Math, sub: m.Math | None, sup: m.Math | None) -> m.Math:
    if sub is None and sup is None:
        return letter
    if isinstance(letter, m.Script):  # a gate's letter already has a subscript
        joined = (
            m.row(letter.sub, m.Operator(","), sub) if letter.sub is not None and sub is not None else sub
        )
        return m.Script(letter.base, sub=joined or letter.sub, sup=sup)
    return m.Script(letter, sub=sub, sup=sup)
