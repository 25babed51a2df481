"""Activations, losses and optimizers chosen by name, with parameters where they have some.

`"elu"` or `{ name = "elu", alpha = 0.5 }`. The names, and the parameters that each has, come from the tables of
`solver.functions`: a record added there can be written in a file at once, and its parameters are checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import PlainValidator

from solver.errors import listed, nearest_name
from solver.spec import vocabulary
from solver.spec.fields import Number, number_reader
from solver.spec.findings import Finding, RefusedError
from solver.spec.text import not_among

Reduction = Literal["sum", "mean"]
Options = tuple[tuple[str, Number], ...]
"""Parameters that the file gives, as typed; those left out keep the table's values."""

_T = TypeVar("_T")
_ZERO: Number = 0
_ONE: Number = 1
_SUM: Reduction = "sum"
_MEAN: Reduction = "mean"


@dataclass(frozen=True)
class ActivationChoice:
    """An activation, by its name in `solver.functions`, and its parameters."""

    name: str
    options: Options = ()


@dataclass(frozen=True)
class LossChoice:
    """A loss, and how its terms become one number.

    Attributes:
        name: Its name in `solver.functions`.
        factor: A constant before the whole, such as ½.
        outputs: Whether the terms of one sample are added or averaged.
        samples: The same over samples.
        options: Its parameters, such as huber's delta.
    """

    name: str = "squared_error"
    factor: Number = 1
    outputs: Reduction = "sum"
    samples: Reduction = "mean"
    options: Options = ()


@dataclass(frozen=True)
class OptimizerChoice:
    """An update rule.

    Attributes:
        name: Its name in `solver.functions`.
        learning_rate: η.
        weight_decay: λ of λw added to the gradient.
        form: Variant of the rule ("ema" or "classical"); "" for the rule's own default.
        options: Its parameters, such as beta1, under the names that the table gives them.
    """

    name: str
    learning_rate: Number
    weight_decay: Number = 0
    form: str = ""
    options: Options = ()


def read_activation(value: object) -> ActivationChoice:
    """Return the activation that a name or a table chooses.

    Raises:
        RefusedError: An unknown name or parameter, or a parameter that is no number.
    """
    if isinstance(value, ActivationChoice):
        return value
    table = _Table(value, vocabulary.activations(), "an activation")
    options = table.options(vocabulary.activation_options)
    table.finish()
    return ActivationChoice(table.name, options)


def read_loss(value: object) -> LossChoice:
    """Return the loss that a name or a table chooses.

    Raises:
        RefusedError: An unknown name or key, a factor of 0, a way to reduce that does not exist.
    """
    if isinstance(value, LossChoice):
        return value
    table = _Table(value, vocabulary.losses(), "a loss")
    factor = table.read("factor", _not_zero, _ONE)
    outputs = table.read("outputs", _reduction, _SUM)
    samples = table.read("samples", _reduction, _MEAN)
    options = table.options(vocabulary.loss_options)
    table.finish()
    return LossChoice(table.name, factor, outputs, samples, options)


def read_optimizer(value: object) -> OptimizerChoice:
    """Return the optimizer that a table chooses.

    Raises:
        RefusedError: An unknown name or key, no learning rate, a rate or decay that is negative, a β outside 0 to 1.
    """
    if isinstance(value, OptimizerChoice):
        return value
    if isinstance(value, str) and value in vocabulary.optimizers():
        value = {"name": value}
    table = _Table(value, vocabulary.optimizers(), "an optimizer")
    table.require("learning_rate", "a number, 0 or more")
    rate = table.read("learning_rate", _not_negative, _ZERO)
    decay = table.read("weight_decay", _not_negative, _ZERO)
    forms = vocabulary.optimizer_forms(table.name) if table.name else ()
    form = table.read("form", _form_reader(forms), "") if forms else ""
    options = table.options(vocabulary.optimizer_options, vocabulary.optimizer_aliases)
    table.finish()
    return OptimizerChoice(table.name, rate, decay, form, options)


_not_zero_number = number_reader("a number that is not 0")
_not_negative = number_reader("a number, 0 or more", least=0)
_OPTION_READERS: Mapping[str, Callable[[object], Number]] = {
    "delta": number_reader("a number above 0", above=0),
    "epsilon": _not_negative,
    "beta": number_reader("a number from 0 to 1", least=0, most=1),
    "beta1": number_reader("a number from 0 to 1", least=0, most=1),
    "beta2": number_reader("a number from 0 to 1", least=0, most=1),
}
"""Bounds of parameters, by their names in the tables; any other parameter is any number."""

_any_number = number_reader()


def _not_zero(value: object) -> Number:
    number = _not_zero_number(value)
    if number == 0:
        raise RefusedError(Finding((), "", "0", "a number that is not 0"))
    return number


def _reduction(value: object) -> Reduction:
    if value in ("sum", "mean"):
        return value
    raise not_among(value, ("sum", "mean"), "a way to combine")


def _form_reader(forms: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if isinstance(value, str) and value in forms:
            return value
        raise not_among(value, forms, "a form")

    return read


class _Table:
    """One table (or the bare name that stands for it) while it is read; its faults are raised together at the end."""

    def __init__(self, value: object, names: tuple[str, ...], what: str) -> None:
        self.entries: dict[str, Any] = value if isinstance(value, dict) else {"name": value}
        self.findings: list[Finding] = []
        self._read = ["name"]
        self.name = ""
        name = self.entries.get("name")
        if isinstance(name, str) and name in names:
            self.name = name
        elif not isinstance(value, dict):
            raise not_among(value, names, what)
        elif "name" not in value:
            self.findings.append(Finding(("name",), "missing", expected=f"{what}: {listed(names)}"))
        else:
            self.findings += [finding.under(("name",)) for finding in not_among(name, names, what).findings]

    def require(self, key: str, expected: str) -> None:
        if key not in self.entries:
            self.findings.append(Finding((key,), "missing", expected=expected))

    def read(self, key: str, reader: Callable[[object], _T], default: _T) -> _T:
        self._read.append(key)
        return self._checked(key, reader, default) if key in self.entries else default

    def _checked(self, key: str, reader: Callable[[object], _T], default: _T) -> _T:
        try:
            return reader(self.entries[key])
        except RefusedError as error:
            self.findings += [finding.under((key,)) for finding in error.findings]
            return default

    def options(
        self,
        known: Callable[[str], tuple[str, ...]],
        aliases: Callable[[str], Mapping[str, str]] = lambda _: {},
    ) -> Options:
        """Return the parameters of the named function; every other key that is left is a fault."""
        if not self.name:
            return ()
        names, other_names = known(self.name), aliases(self.name)
        options: dict[str, Number] = {}
        keys = (*self._read, *names)
        for key in self.entries:
            name = other_names.get(key, key)
            if key in self._read:
                continue
            if name not in names:
                nearest = nearest_name(key, keys)
                self.findings.append(Finding((key,), "unknown key", expected=listed(keys), nearest=nearest))
            elif name in options:
                self.findings.append(Finding((key,), f"gives {name} a second time"))
            else:
                options[name] = self._checked(key, _OPTION_READERS.get(name, _any_number), _ONE)
        return tuple(options.items())

    def finish(self) -> None:
        if self.findings:
            raise RefusedError(*self.findings)


class _Schema:
    """The JSON Schema of a choice, made when it is asked for: the tables of functions are not loaded before."""

    def __init__(self, build: Callable[[], dict[str, Any]]) -> None:
        self.build = build

    def __get_pydantic_json_schema__(self, _core: object, _handler: object) -> dict[str, Any]:
        return self.build()


def _activation_schema() -> dict[str, Any]:
    names = vocabulary.activations()
    tables = [_table_schema(name, vocabulary.activation_options(name)) for name in names]
    return {"anyOf": [{"enum": list(names)}, *tables]}


def _loss_schema() -> dict[str, Any]:
    reduction = {"enum": ["sum", "mean"]}
    common = {"factor": {"type": "number"}, "outputs": reduction, "samples": reduction}
    names = vocabulary.losses()
    tables = [_table_schema(name, vocabulary.loss_options(name), common) for name in names]
    return {"anyOf": [{"enum": list(names)}, *tables]}


def _optimizer_schema() -> dict[str, Any]:
    tables = []
    for name in vocabulary.optimizers():
        common: dict[str, Any] = {
            key: {"type": "number", "minimum": 0} for key in ("learning_rate", "weight_decay")
        }
        if vocabulary.optimizer_forms(name):
            common["form"] = {"enum": list(vocabulary.optimizer_forms(name))}
        options = (*vocabulary.optimizer_options(name), *vocabulary.optimizer_aliases(name))
        tables.append(_table_schema(name, options, common, "learning_rate"))
    return {"anyOf": tables}


def _table_schema(
    name: str, options: tuple[str, ...], common: Mapping[str, Any] | None = None, *required: str
) -> dict[str, Any]:
    numbers = {option: {"type": "number"} for option in options}
    return {
        "type": "object",
        "properties": {"name": {"const": name}, **(common or {}), **numbers},
        "required": ["name", *required],
        "additionalProperties": False,
    }


ActivationField = Annotated[ActivationChoice, PlainValidator(read_activation), _Schema(_activation_schema)]
LossField = Annotated[LossChoice, PlainValidator(read_loss), _Schema(_loss_schema)]
OptimizerField = Annotated[OptimizerChoice, PlainValidator(read_optimizer), _Schema(_optimizer_schema)]
