"""Answers as JSON, with the same result as Lambda's runtime, which uses simplejson."""

from __future__ import annotations

import base64
import json
import math
import os
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_ASCII_ONLY = {"AWS_Lambda_python3.10", "AWS_Lambda_python3.11"}
"""Runtimes that escape all other characters."""


def encode(answer: object, fault: Callable[[str, str], Exception]) -> dict[str, str]:
    """Return the payload: `text`, or `base64` for an answer that is bytes, which Lambda returns as they are."""
    if isinstance(answer, bytes):
        return {"base64": base64.b64encode(answer).decode()}
    try:
        return {"text": to_json(answer)}
    except Exception as error:
        raise fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def to_json(answer: object) -> str:
    """Encode as simplejson: a named tuple is an object, bytes are UTF-8, a Decimal is a number with all its digits."""
    mark = os.urandom(16).hex()

    def default(value: object) -> object:
        if isinstance(value, bytes):
            return value.decode()
        if isinstance(value, Decimal):
            return math.nan if value.is_nan() else f"{mark}{value}"
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    ascii_only = os.environ.get("AWS_EXECUTION_ENV") in _ASCII_ONLY
    text = json.dumps(_plain(answer, ()), default=default, ensure_ascii=ascii_only)
    return re.sub(f'"{mark}([^"]*)"', r"\1", text)


def _plain(value: Any, around: tuple[int, ...]) -> Any:  # noqa: ANN401 - any answer
    """Replace named tuples, and keys that are bytes, which `json` does not take as simplejson does."""
    if not isinstance(value, (dict, list, tuple)):
        return value
    if id(value) in around:
        raise ValueError("Circular reference detected")
    inside = (*around, id(value))
    fields = getattr(value, "_asdict", None)
    if isinstance(value, tuple) and callable(fields):
        value = fields()
    if isinstance(value, dict):
        items = value.items()
        return {key.decode() if isinstance(key, bytes) else key: _plain(item, inside) for key, item in items}
    return [_plain(item, inside) for item in value]
