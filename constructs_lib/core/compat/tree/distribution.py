"""The notes of an installer about one distribution, its dist-info.

Source: the PyPA specifications "Recording installed projects", "Core metadata" and "Binary distribution format".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.tags import InvalidTag, Tag, parse_tag
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import WheelError
from constructs_lib.core.metadata.core_metadata import read_headers, required
from constructs_lib.core.metadata.record import listed_sizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

DIST_INFO = ".dist-info"


@dataclass(frozen=True)
class Distribution:
    """One installed distribution. Its paths are those in the tree, with forward slashes."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    folder: str
    """The name of its dist-info folder."""
    files: frozenset[str]
    """The files of its RECORD that are inside the tree, and of its dist-info."""
    sizes: Mapping[str, int | None]
    """The sizes of its files by its RECORD; None if that has none."""
    requires: tuple[str, ...]
    """Its requirements (PEP 508)."""
    tags: frozenset[Tag]
    """The tags of its WHEEL file; empty without one."""
    editable: bool

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def is_dist_info(name: str) -> bool:
    """Return True for the name of a distribution's dist-info folder."""
    return name.endswith(DIST_INFO) and "-" in name.removesuffix(DIST_INFO)


def read_distribution(root: Path, folder: str, notes: Iterable[str]) -> Distribution:
    """Read the `notes`, the files of the dist-info `folder` of the tree `root`; skip damaged parts."""
    name, _, version = folder.removesuffix(DIST_INFO).partition("-")
    metadata = read_headers(_text(root / folder / "METADATA"))
    sizes = dict(_inside(listed_sizes(_text(root / folder / "RECORD"))))
    return Distribution(
        canonicalize_name(next(iter(metadata["name"]), "") or name),
        next(iter(metadata["version"]), "") or version,
        folder,
        frozenset({*notes, *sizes}),
        sizes,
        required(metadata),
        frozenset(_tags(read_headers(_text(root / folder / "WHEEL"))["tag"])),
        _is_editable(_text(root / folder / "direct_url.json")),
    )


def _inside(listed: Mapping[str, int | None]) -> Iterator[tuple[str, int | None]]:
    for name, size in listed.items():
        # pip's `--target` moves what RECORD names as `../../share/x` to `share/x` of the tree.
        parts = [part for part in name.split("/") if part not in ("", ".", "..")]
        if parts and not name.startswith("/"):
            yield "/".join(parts), size


def _tags(values: Iterable[str]) -> Iterator[Tag]:
    for value in values:
        try:
            yield from parse_tag(value)
        except (InvalidTag, ValueError):
            continue


def _is_editable(text: str) -> bool:
    try:
        return bool(json.loads(text).get("dir_info", {}).get("editable")) if text else False
    except (ValueError, AttributeError):
        return False


def _text(path: Path) -> str:
    """Return the file's text, or "" if it is missing or no regular file: reading from a pipe might never end."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as error:
        raise WheelError("file-unreadable", f"{printable(path)} cannot be read: {error.strerror}") from None


def printable(path: Path) -> str:
    """Return the path on one line: control characters are escaped."""
    text = str(path)
    return text if text.isprintable() else repr(text)
