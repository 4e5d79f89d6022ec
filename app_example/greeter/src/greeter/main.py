"""Greets whoever the event names, and tells which packages it did that with.

Event: {"name": "Ada", "visit": 3}
"""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import humanize
import pydantic

try:  # not in pyproject.toml: `make demo` adds it, to show a second version of the layer
    from slugify import slugify
except ImportError:
    slugify = None


class Visit(pydantic.BaseModel):
    """Who comes, and for which time."""

    name: str = pydantic.Field(min_length=1, max_length=80)
    visit: int = pydantic.Field(default=1, ge=1)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    try:
        visit = Visit.model_validate(event)
    except pydantic.ValidationError as error:
        return {"error": error.errors(include_url=False, include_input=False)}
    answer = {
        "greeting": f"Hello {visit.name}! This is your {humanize.ordinal(visit.visit)} visit.",
        "python": platform.python_version(),
        **packages(),
    }
    return {**answer, "slug": slugify(visit.name)} if slugify else answer


def packages() -> dict[str, Any]:
    """The folder from which pydantic came (in Lambda that is the layer), and what is installed there."""
    folder = Path(pydantic.__file__).parent.parent
    found = {item.metadata["Name"]: item.version for item in metadata.distributions(path=[str(folder)])}
    return {"imported_from": str(folder), "packages": dict(sorted(found.items()))}
