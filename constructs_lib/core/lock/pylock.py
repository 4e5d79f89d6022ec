"""pylock.toml, as PDM, pip, uv and others write it: nothing to convert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Exported
from constructs_lib.core.project.pyproject import parse_toml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import LockOptions, Manifest, Notes
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target


def export(
    project: Project,
    manifest: Manifest,
    target: Target,
    options: LockOptions,
    notes: Notes | None,
    credentials: Sequence[Credentials],
) -> Exported:
    """Extras and groups are chosen by markers when the file is selected from (PEP 751)."""
    del target, notes, credentials
    if options.only_groups:
        msg = f"{manifest.path} cannot be asked for only_groups={options.only_groups}: use groups"
        raise ProjectError(msg)
    pylock = parse_toml(manifest.content.decode(errors="replace"), manifest.path)
    for what, asked, known in (
        ("extra", options.extras, pylock.get("extras", ())),
        ("group", options.groups, pylock.get("dependency-groups", ())),
    ):
        for each in asked:
            if each not in known:
                msg = f"{manifest.path} has no {what} {each!r}: it has {', '.join(known) or 'none'}"
                raise ProjectError(msg)
    return Exported(pylock, project.root, options.extras, options.groups)
