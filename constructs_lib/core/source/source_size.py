"""The size of a source, compared with Lambda's limit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from constructs_lib.core.aws_facts import LIMIT_TEXT, UNZIPPED_LIMIT
from constructs_lib.core.inspect.findings import MAX_NAMES, Finding
from constructs_lib.core.inspect.layer_checks import WARN_AT

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTH = 3
"""Folders of a path that a text names."""


def check_source_size(sizes: Mapping[str, int]) -> list[Finding]:
    """Compare the bytes of all files, by path, with Lambda's limit; name the largest folders."""
    total = sum(sizes.values())
    if total <= WARN_AT * UNZIPPED_LIMIT:
        return []
    exact = f"{total:_}".replace("_", " ")
    share = (
        f"the source has {total / 1e6:.1f} MB ({exact} bytes) unzipped of the {LIMIT_TEXT} that a function and all "
        f"its layers may have"
    )
    largest = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in _largest(sizes))
    if total > UNZIPPED_LIMIT:
        return [Finding("too-large", f"{share}; exclude one of the largest: {largest}")]
    return [Finding("nearly-too-large", f"{share}; consider excluding one of the largest: {largest}")]


def _largest(sizes: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the largest folders with their sizes; a file in no folder counts by itself."""
    folders: Counter[str] = Counter()
    for path, size in sizes.items():
        parents = path.split("/")[:-1][:_DEPTH]
        folders["/".join(parents) + "/" if parents else path] += size
    return sorted(folders.items(), key=lambda row: (-row[1], row[0]))[:MAX_NAMES]
