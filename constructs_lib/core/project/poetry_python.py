"""Version ranges as Poetry writes them, as specifiers (PEP 440)."""

from __future__ import annotations

import re

from packaging.specifiers import SpecifierSet
from packaging.version import Version

_ALTERNATIVES = re.compile(r"\s*\|\|?\s*")
_PARTS = re.compile(r"\s*,\s*|\s+")
_SPACE = re.compile(r"(?<=[<>=!~^])\s+")
_OPERATOR = re.compile(r"^(\^|~=|~|[<>=!]=?|===)?\s*v?(.*)$")


def poetry_ranges(text: str) -> tuple[SpecifierSet, ...]:
    """Return the alternatives of a version constraint of Poetry; a ValueError for one that is none.

    `^3.10` allows all up to the next major version, `~3.10` up to the next minor one.
    """
    alternatives = _ALTERNATIVES.split(text.strip())
    return tuple(SpecifierSet(",".join(map(_specifier, _parts(alternative)))) for alternative in alternatives)


def _parts(text: str) -> list[str]:
    return [part for part in _PARTS.split(_SPACE.sub("", text)) if part != "*"]


def _specifier(part: str) -> str:
    match = _OPERATOR.match(part)
    operator, version = (match[1] or "", match[2]) if match else ("", part)
    if operator not in ("^", "~"):
        return f"{'==' if operator in ('', '=') else operator}{version}"
    release = Version(version).release
    if operator == "^":
        # The first part that is not zero may not change, or the last one that is written.
        kept = next((place for place, number in enumerate(release) if number), len(release) - 1)
    else:
        kept = min(1, len(release) - 1)
    end = ".".join(map(str, (*release[:kept], release[kept] + 1)))
    return f">={version},<{end}"
