"""The base of all models of what a teacher writes: frozen, closed, and able to say what a table could have held."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator

from solver.spec.fields import Reading


class Model(BaseModel):
    """One table of a file. An unknown key is a fault; nothing changes once it is read."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    @model_validator(mode="before")
    @classmethod
    def _note(cls, data: Any, info: ValidationInfo) -> Any:
        # An unknown key is compared with the keys of the model that read its table; pydantic does not tell which.
        if isinstance(info.context, Reading) and isinstance(data, dict):
            info.context.models[id(data)] = cls
        return data

    def given(self, name: str) -> bool:
        """Return whether the file gives this field itself, rather than leaving it at its default."""
        return name in self.model_fields_set


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys of a model's table as a file spells them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())
