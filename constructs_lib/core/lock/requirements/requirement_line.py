"""One requirement of a requirements file, as a value: from an index, a file, an address or version control."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet
    from packaging.utils import NormalizedName

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SPACE = re.compile(r"\s")
_PLAIN = "/!'()*+,:=@"
"""The characters that stay unquoted in a fragment: uv does not decode its `subdirectory`, so only what could be misread is quoted."""


def _fragment(subdirectory: str) -> str:
    return f"#subdirectory={quote(subdirectory, safe=_PLAIN)}" if subdirectory else ""


@dataclass(frozen=True)
class RequirementLine:
    """The part that all requirements have: place in the file, name, extras, marker and hashes."""

    where: str
    """File and line."""
    name: NormalizedName | None
    """None where only the build of a folder or an archive can tell."""
    extras: frozenset[str]
    marker: Marker | None
    hashes: frozenset[str]
    """The sha256 that it allows, lower-case hex; empty for no limit."""

    @property
    def label(self) -> str:
        """The requirement as an error names it."""
        return self.name or "the requirement"

    @property
    def is_pinned(self) -> bool:
        """True if it allows one version only."""
        return True

    @property
    def _bracketed(self) -> str:
        return f"[{','.join(sorted(self.extras))}]" if self.extras else ""

    def _at(self, url: str) -> str:
        url = _SPACE.sub(lambda space: quote(space[0]), url)  # white space would end the address
        return f"{self.name}{self._bracketed} @ {url}" if self.name else f"{url}{self._bracketed}"


@dataclass(frozen=True)
class IndexLine(RequirementLine):
    """A distribution of an index."""

    name: NormalizedName
    specifier: SpecifierSet

    def __str__(self) -> str:
        return f"{self.name}{self._bracketed}{self.specifier}"

    @property
    def is_pinned(self) -> bool:
        return any(
            specifier.operator == "==="
            or (specifier.operator == "==" and not specifier.version.endswith(".*"))
            for specifier in self.specifier
        )


@dataclass(frozen=True)
class FileLine(RequirementLine):
    """A folder or an archive of this machine; `-e` and `.` are folders."""

    path: Path
    is_folder: bool
    subdirectory: str = ""

    def __str__(self) -> str:
        return self._at(f"{self.path.as_uri()}{_fragment(self.subdirectory)}")

    @property
    def label(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class UrlLine(RequirementLine):
    """An archive at an address."""

    url: str
    """Without fragment."""
    subdirectory: str = ""

    def __str__(self) -> str:
        return self._at(f"{self.url}{_fragment(self.subdirectory)}")


@dataclass(frozen=True)
class VcsLine(RequirementLine):
    """A project in version control."""

    url: str
    """With its `git+` and all that follows the address."""
    is_editable: bool = False

    def __str__(self) -> str:
        return self._at(self.url)

    @property
    def is_pinned(self) -> bool:
        """True for the full hash of a commit."""
        return _COMMIT.fullmatch(urlsplit(self.url).path.rpartition("@")[2]) is not None
