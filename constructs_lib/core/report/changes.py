"""Two SBOMs → what has come, gone and changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from packaging.version import InvalidVersion, Version

from constructs_lib.core.report.errors import ReportError

_SIZE = "constructs-lib:unzipped"
Kind = Literal["added", "removed", "upgraded", "downgraded", "changed"]


@dataclass(frozen=True)
class Change:
    """One distribution that differs. `changed` is the same version with another size, or one that has no order."""

    name: str
    kind: Kind
    before: str
    """Version; empty for what was added."""
    after: str
    """Version; empty for what was removed."""
    unzipped: int
    """Bytes more than before."""


@dataclass(frozen=True)
class Changes:
    """What differs between two layers, by name."""

    rows: tuple[Change, ...]
    before: int
    """Unzipped bytes of all distributions."""
    after: int

    @property
    def unzipped(self) -> int:
        """Bytes more than before."""
        return self.after - self.before


def compare(old_sbom: bytes | str | Path, new_sbom: bytes | str | Path) -> Changes:
    """What the second layer has and the first has not, by their SBOMs: the bytes of each, or the file.

    A component of another tool's SBOM counts as 0 bytes. A ReportError names what is no CycloneDX document.
    """
    old, new = _read(old_sbom), _read(new_sbom)
    rows = tuple(
        _change(name, old.get(name, ("", 0)), new.get(name, ("", 0)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )
    return Changes(rows, sum(size for _, size in old.values()), sum(size for _, size in new.values()))


def _change(name: str, old: tuple[str, int], new: tuple[str, int]) -> Change:
    return Change(name, _kind(old[0], new[0]), old[0], new[0], new[1] - old[1])


def _kind(before: str, after: str) -> Kind:
    if not before:
        return "added"
    if not after:
        return "removed"
    try:
        one, other = Version(before), Version(after)
    except InvalidVersion:
        return "changed"
    return "upgraded" if one < other else "downgraded" if one > other else "changed"


def _read(sbom: bytes | str | Path) -> dict[str, tuple[str, int]]:
    """Name → version and unzipped bytes."""
    where = "the SBOM" if isinstance(sbom, bytes) else str(sbom)
    try:
        document = json.loads(sbom if isinstance(sbom, bytes) else Path(sbom).read_bytes())
        if document["bomFormat"] != "CycloneDX":
            raise ValueError  # noqa: TRY301 - the same answer as for every other shape
        return {
            str(each["name"]): (str(each["version"]), _size(each)) for each in document.get("components", [])
        }
    except OSError as error:
        msg = f"{where} cannot be read: {error.strerror}"
        raise ReportError(msg) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        msg = f"{where} is no CycloneDX document in JSON with names and versions: give the sbom.cdx.json of a layer"
        raise ReportError(msg) from None


def _size(component: dict[str, Any]) -> int:
    return sum(int(each["value"]) for each in component.get("properties", []) if each["name"] == _SIZE)
