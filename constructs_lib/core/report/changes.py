"""Two SBOMs → what has come, gone and changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.version import InvalidVersion, Version

from constructs_lib.core.report.report_error import ReportError
from constructs_lib.core.sbom.reading import Content, Contents, read_sbom

_NOTHING = Content("")
Kind = Literal["added", "removed", "upgraded", "downgraded", "changed"]


@dataclass(frozen=True)
class Change:
    """One distribution that differs. `changed` is the same version with other files, or one that has no order."""

    name: str
    kind: Kind
    before: str
    """Version; empty for what was added."""
    after: str
    """Version; empty for what was removed."""
    unzipped: int
    """Bytes more than before."""
    other_wheel: bool = False
    """The same version, and its wheel has another hash, or only one of the two says which."""


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


def compare_sboms(old_sbom: bytes | str | Path, new_sbom: bytes | str | Path) -> Changes:
    """What the second layer has and the first has not, by their SBOMs: the bytes of each, or the file.

    A component of another tool's SBOM counts as 0 bytes. A ReportError names what is no CycloneDX document.
    """
    return compare_contents(_read(old_sbom), _read(new_sbom))


def compare_contents(old: Contents, new: Contents) -> Changes:
    """The same for what was read already, from SBOMs or from lock files."""
    rows = tuple(
        _change(name, old.get(name, _NOTHING), new.get(name, _NOTHING))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )
    before, after = (sum(each.unzipped for each in contents.values()) for contents in (old, new))
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
        one, other = Version(before), Version(after)
    except InvalidVersion:
        return "changed"
    return "upgraded" if one < other else "downgraded" if one > other else "changed"


def _read(sbom: bytes | str | Path) -> Contents:
    if isinstance(sbom, bytes):
        where, document = "the SBOM", sbom
    else:
        where = str(sbom)
        try:
            document = Path(sbom).read_bytes()
        except OSError as error:
            msg = f"{where} cannot be read: {error.strerror}"
            raise ReportError(msg) from None
    found = read_sbom(document)
    if found is None:
        msg = f"{where} is no CycloneDX document in JSON with names and versions: give the sbom.cdx.json of a layer"
        raise ReportError(msg)
    return found
