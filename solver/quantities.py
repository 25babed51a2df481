"""What a number in a solution *is*, independent of the letter that a document shows for it.

Every value, gradient, updated parameter and optimizer state is addressed by a `Quantity`: a base ("W"), the layer,
gate or time step it belongs to, an index counted from 1, and the role it plays. Notations turn quantities into
letters, the JSON form turns them into names, and neither can change a number: both only read this identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What is said about the named object: its value, its gradient, its value after an update, optimizer state."""

    VALUE = "value"
    GRADIENT = "gradient"
    UPDATED = "updated"
    FIRST_MOMENT = "m"
    SECOND_MOMENT = "v"
    FIRST_CORRECTED = "mhat"
    SECOND_CORRECTED = "vhat"

    # Every look-up of a quantity asks for it; Enum's own is a call in Python.
    __hash__ = object.__hash__


_STATE = {Role.FIRST_MOMENT, Role.SECOND_MOMENT, Role.FIRST_CORRECTED, Role.SECOND_CORRECTED}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One named object of a problem, or one element of it.

    Attributes:
        base: The contract's letter: "x", "t", "W", "b", "a", "h", "L", "U", "K", … or a name of an expression.
        layer: 1-based layer, where the contract numbers it ("W1").
        gate: Gate of a recurrent cell ("f" in "U_f").
        time: 1-based time step; in JSON it is the first axis of the array. Step 0 is the state before the first one, an
            array of its own ("h0").
        row: Row of the JSON array, where it is not the time step: a read-out at the last step alone is row 1.
        sample: 1-based sample; in JSON it is the first axis, and shown only where there are several samples.
        index: 1-based position within one sample and one time step; empty for the whole array.
        role: Value, gradient, updated value or optimizer state.
        of: The scalar that a gradient differentiates: "L", or the output of an expression.
    """

    base: str
    layer: int | None = None
    gate: str | None = None
    time: int | None = None
    sample: int | None = None
    index: tuple[int, ...] = ()
    role: Role = Role.VALUE
    of: str = "L"
    row: int | None = None

    @property
    def array_name(self) -> str:
        """The contract's name of the whole array: "W1", "U_f", "h0", "dL/dW1", "W1'", "m_W1"."""
        plain = self.base
        if self.layer is not None:
            plain += str(self.layer)
        if self.gate is not None:
            plain += f"_{self.gate}"
        if self.time == 0:
            plain += "0"
        if self.role is Role.GRADIENT:
            return f"d{self.of}/d{plain}"
        if self.role is Role.UPDATED:
            return plain + "'"
        if self.role in _STATE:
            return f"{self.role.value}_{plain}"
        return plain

    @property
    def position(self) -> tuple[int, ...]:
        """The index as the contract prints it: time step or sample first, then the index within it."""
        # Step 0 is in no stack of steps.
        time = (self.row or self.time) or None
        lead = tuple(axis for axis in (time, self.sample) if axis is not None)
        return lead + self.index

    def __str__(self) -> str:
        if not self.position:
            return self.array_name
        return f"{self.array_name}[{','.join(map(str, self.position))}]"

    # Every number of a document is looked up by its quantity: these constructors are what a derived one costs, and
    # `dataclasses.replace` takes five times as long.

    def _like(self, sample: int | None, index: tuple[int, ...], role: Role, of: str) -> Quantity:
        return Quantity(self.base, self.layer, self.gate, self.time, sample, index, role, of, self.row)

    def at(self, *index: int) -> Quantity:
        """Return the element with this 1-based index."""
        return self._like(self.sample, index, self.role, self.of)

    def of_sample(self, sample: int | None) -> Quantity:
        """Return the same object for one sample (or for none in particular)."""
        return self if sample == self.sample else self._like(sample, self.index, self.role, self.of)

    @property
    def whole(self) -> Quantity:
        """The array that this element belongs to, of no particular sample."""
        return self if self.sample is None and not self.index else self._like(None, (), self.role, self.of)

    def gradient(self, of: str = "L") -> Quantity:
        """Return ∂L/∂(this quantity) as a quantity."""
        return self._like(self.sample, self.index, Role.GRADIENT, of)

    def updated(self) -> Quantity:
        """Return this parameter after the update."""
        return self._like(self.sample, self.index, Role.UPDATED, self.of)

    def state(self, role: Role) -> Quantity:
        """Return the optimizer state `role` of this parameter."""
        return self._like(self.sample, self.index, role, self.of)

    @property
    def value(self) -> Quantity:
        """The plain value that this gradient, update or state is about."""
        return self._like(self.sample, self.index, Role.VALUE, "L")


@dataclass(frozen=True, slots=True)
class Partial:
    """The local derivative ∂of/∂by of two neighbouring elements: one factor of the chain rule."""

    of: Quantity
    by: Quantity

    def __str__(self) -> str:
        return f"d{self.of}/d{self.by}"


@dataclass(frozen=True, slots=True)
class Along:
    """The product of the factors along one path: a term of the sum that makes `target`, a gradient.

    Attributes:
        target: The gradient of one element.
        path: Number of the path, from 1.
    """

    target: Quantity
    path: int

    def __str__(self) -> str:
        return f"{self.target} along path {self.path}"


@dataclass(frozen=True, slots=True)
class Share:
    """What one reader hands back, ∂L/∂reader · ∂reader/∂v: a term of the sum that makes `target` where several read v.

    Attributes:
        target: The gradient ∂L/∂v.
        reader: Who reads v.
    """

    target: Quantity
    reader: Quantity

    def __str__(self) -> str:
        return f"{self.target} through {self.reader}"


@dataclass(frozen=True, slots=True)
class Part:
    """A named intermediate result of one line that is neither a quantity nor a factor, such as a slope or a sum of terms.

    Attributes:
        name: What it is: "slope", "penalty", "backpropagated", …
        target: The quantity that it is a part of.
    """

    name: str
    target: Quantity

    def __str__(self) -> str:
        return f"{self.name} of {self.target}"


Key = Quantity | Partial | Along | Share | Part
"""Everything that a line of a solution can determine, and so everything that a formula can read."""
