"""The comparison of two layers by their SBOMs: distributions added, removed and changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from packaging.version import InvalidVersion, Version

from constructs_lib.core.argument_types import typed
from constructs_lib.core.errors import ReportError
from constructs_lib.core.sbom.reading import Content, Contents, read_sbom
from constructs_lib.core.system.files import reading

_ABSENT = Content("")
_REMEDY = "give the sbom.cdx.json of a layer"
Kind: TypeAlias = Literal["added", "removed", "upgraded", "downgraded", "changed"]


@dataclass(frozen=True)
class Change:
    """One distribution that differs.

    Its kind is `changed` for the same version with other files, and for versions that cannot be ordered.
    """

    name: str
    kind: Kind
    before: str
    """The old version; empty for an added distribution."""
    after: str
    """The new version; empty for a removed distribution."""
    unzipped: int
    """Bytes more than before."""
    other_wheel: bool = False
    """The same version from a wheel with another hash, or a hash in only one of the SBOMs."""


@dataclass(frozen=True)
class Changes:
    """All differences between two layers, by name."""

    rows: tuple[Change, ...]
    before: int
    """Unzipped bytes of all distributions."""
    after: int

    @property
    def unzipped(self) -> int:
        """Bytes more than before."""
        return self.after - self.before


@typed
def compare_sboms(old_sbom: bytes | str | Path, new_sbom: bytes | str | Path) -> Changes:
    """Compare two layers by their SBOMs: the bytes of each, or its file.

    A component of another tool's SBOM counts as 0 bytes. Raises a ReportError for anything but a CycloneDX document.
    """
    return compare_contents(_read(old_sbom), _read(new_sbom))


def compare_contents(old: Contents, new: Contents) -> Changes:
    """Compare the contents of two layers, as read from SBOMs or from lock files."""
    rows = tuple(
        _change(name, old.get(name, _ABSENT), new.get(name, _ABSENT))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )
    before, after = (sum(content.unzipped for content in contents.values()) for contents in (old, new))
    return Changes(rows, before, after)


def _change(name: str, old: Content, new: Content) -> Change:
    return Change(
        name,
        _kind(old.version, new.version),
        old.version,
        new.version,
        new.unzipped - old.unzipped,
        other_wheel=old.version == new.version and old.sha256 != new.sha256,
    )


def _kind(before: str, after: str) -> Kind:
    if not before:
        return "added"
    if not after:
        return "removed"
    try:
        old, new = Version(before), Version(after)
    except InvalidVersion:
        return "changed"
    return "upgraded" if old < new else "downgraded" if old > new else "changed"


def _read(sbom: bytes | str | Path) -> Contents:
    if isinstance(sbom, bytes):
        origin, document = "the SBOM", sbom
    else:
        origin = str(sbom)
        with reading(sbom, _REMEDY, ReportError):
            document = Path(sbom).read_bytes()
    contents = read_sbom(document)
    if contents is None:
        raise ReportError(
            "sbom-invalid", f"{origin} is no CycloneDX document in JSON with names and versions: {_REMEDY}"
        )
    return contents
