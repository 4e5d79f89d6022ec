"""Shared libraries that auditwheel copied into a wheel, named by their files.

auditwheel (and what follows it) puts them into `{distribution}.libs/` and adds a hash to each name:
`libjpeg-6dc8d115.so.62.4.0`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_lib.core.sbom.bundled import Component
from constructs_lib.core.sbom.component_values import LONGEST_NAME, text

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDER = ".libs"
# A library that was copied twice, from another wheel, has two hashes.
_LIBRARY = re.compile(r"(.+?)(?:-[0-9a-f]{8})*\.so((?:\.[0-9A-Za-z]+)*)")


def copied_libraries(paths: Iterable[str], named: Iterable[str]) -> list[Component]:
    """Return the libraries among the wheel's `paths`, without those that `named` has, the names in its documents."""
    documented = {_plain(name) for name in named}
    matches = ((path, _match(path)) for path in sorted(set(paths)))
    return [
        # The version of the interface, which libtool puts into the name, not always the release's.
        Component(text(match[1], LONGEST_NAME), text(match[2][1:], LONGEST_NAME), file=path)
        for path, match in matches
        if match and _plain(match[1]) not in documented
    ]


def _match(path: str) -> re.Match[str] | None:
    folders, _, name = path.rpartition("/")
    folder = folders.rpartition("/")[2]
    return _LIBRARY.fullmatch(name) if folder.endswith(_FOLDER) or folder.startswith(_FOLDER) else None


def _plain(name: str) -> str:
    return name.lower().removeprefix("lib")
