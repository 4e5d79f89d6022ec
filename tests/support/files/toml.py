"""TOML documents written from Python values, and each of their keys replaced by wrong values."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

WRONG: tuple[object, ...] = (3, 1.5, True, "not valid !", [], [3], {}, {"a": 3})
NONSENSE = ("", "\0", "[", "http://[", "a\nb", "é" * 300, ">=x", "a ; b")
"""Strings that mean nothing, wherever a string may stand."""


def toml_text(document: Mapping[str, Any]) -> str:
    return "".join(f"{json.dumps(key)} = {_inline(value)}\n" for key, value in document.items())


def write_toml(path: Path, document: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(toml_text(document))
    return path


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


def places(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every key and list item below `value`."""
    items: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in items:
        yield (*at, key)
        yield from places(item, (*at, key))


def at(document: Any, place: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - of any shape
    for key in place:
        document = document[key]
    return document


def replaced(document: dict[str, Any], place: tuple[str | int, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    at(changed, place[:-1])[place[-1]] = value
    return changed


def dotted(place: tuple[str | int, ...]) -> str:
    """Return the place as our errors write it: `package[0].name`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).lstrip(".")


def wrong_types(document: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Yield every place with every value of another type."""
    for place in places(document):
        before = at(document, place)
        yield from ((place, value) for value in WRONG if type(value) is not type(before))


def strings(document: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every place of a string with every string of `NONSENSE`."""
    for place in places(document):
        if isinstance(at(document, place), str):
            yield from ((place, value) for value in NONSENSE)
