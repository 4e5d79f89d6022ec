"""pylock.toml, as PDM, pip, uv and other tools write it: it needs no export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Exported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs_lib.core.lock.locked import ExportRequest, Manifest


def export(request: ExportRequest) -> Exported:
    """Parse the file; markers choose extras and groups when it is selected from (PEP 751)."""
    from constructs_lib.core.lock.select import parse_pylock  # 11 ms: uv's export loads it while uv works

    manifest, options = request.manifest, request.options
    if options.only_groups:
        raise ProjectError(
            "selection-unsupported",
            f"{manifest.path} cannot be asked for only_groups={options.only_groups}: use groups",
        )
    pylock = parse_pylock(manifest.content.decode(errors="replace"), manifest.path)
    extras = _selected(manifest, "extra", options.extras, pylock.extras or ())
    groups = _selected(manifest, "group", options.groups, pylock.dependency_groups or ())
    return Exported(pylock, request.project.root, extras, groups, may_be_incomplete=True)


def _selected(
    manifest: Manifest, kind: str, asked: Iterable[str], available: Iterable[str]
) -> tuple[str, ...]:
    """Return the normalized names of `asked`; a ProjectError for one that the file does not have."""
    names = {canonicalize_name(name) for name in available}
    for name in asked:
        if canonicalize_name(name) not in names:
            raise ProjectError(
                "selection-unknown",
                f"{manifest.path} has no {kind} {name!r}: it has {', '.join(sorted(names)) or 'none'}",
            )
    return tuple(map(canonicalize_name, asked))
