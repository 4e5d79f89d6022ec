"""What an installer noted of one distribution, its dist-info.

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
    """Its dist-info."""
    files: frozenset[str]
    """What its RECORD names inside the tree, and its dist-info."""
    sizes: Mapping[str, int | None]
    """Bytes of its files by its RECORD; None where that does not say."""
    requires: tuple[str, ...]
    """What it needs, as PEP 508 writes it."""
    tags: frozenset[Tag]
    """For which Pythons and platforms it was built; empty where it does not say."""
    editable: bool

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def is_dist_info(name: str) -> bool:
    """Whether a folder of that name is one distribution's."""
    return name.endswith(DIST_INFO) and "-" in name.removesuffix(DIST_INFO)


def read_distribution(root: Path, folder: str, own: Iterable[str]) -> Distribution:
    """Read the notes in `folder` of the tree `root`, which holds the files `own`; damaged ones as far as they go."""
    name, _, version = folder.removesuffix(DIST_INFO).partition("-")
    metadata = read_headers(_text(root / folder / "METADATA"))
    sizes = dict(_inside(listed_sizes(_text(root / folder / "RECORD"))))
    return Distribution(
        canonicalize_name(next(iter(metadata["name"]), "") or name),
        next(iter(metadata["version"]), "") or version,
        folder,
        frozenset({*own, *sizes}),
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
    """The file's text; empty where it is missing or no file: reading from a pipe could take for ever."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError as error:
        msg = f"{printable(path)} cannot be read: {error.strerror}"
        raise WheelError(msg) from None


def printable(path: Path) -> str:
    """On one line, whatever letters the name is made of."""
    text = str(path)
    return text if text.isprintable() else repr(text)
