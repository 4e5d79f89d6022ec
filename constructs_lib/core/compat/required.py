"""Required arguments that may also be given in another way, so that the class cannot declare them as required."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class _Required:
    """The value of an argument that was not given."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()
"""The default of a required field that follows an optional one: the earlier tools' positional order asks for that."""


def refuse_missing(instance: DataclassInstance) -> None:
    """Raise the TypeError of a call without a required argument, if a field is still `REQUIRED`."""
    missing = [repr(field.name) for field in fields(instance) if getattr(instance, field.name) is REQUIRED]
    if missing:
        plural = "" if len(missing) == 1 else "s"
        raise TypeError(
            f"{type(instance).__name__}() is missing the required argument{plural} {', '.join(missing)}"
        )
