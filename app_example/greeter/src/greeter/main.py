"""A greeting for the name in the event, with the versions of the packages in use.

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
    """The visitor's name and the number of the visit."""

    name: str = pydantic.Field(min_length=1, max_length=80)
    visit: int = pydantic.Field(default=1, ge=1)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer an event: the entry point for Lambda."""
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
    """Return the folder of pydantic (in Lambda that is the layer) and the packages installed there."""
    folder = Path(pydantic.__file__).parent.parent
    versions = {item.metadata["Name"]: item.version for item in metadata.distributions(path=[str(folder)])}
    return {"imported_from": str(folder), "packages": dict(sorted(versions.items()))}
