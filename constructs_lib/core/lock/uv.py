"""uv.lock → pylock.toml."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked import Exported
from constructs_lib.core.project.pyproject import parse_toml
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import LockOptions, Manifest, Notes
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target

# `--frozen` reads the lock as it is and needs no interpreter. `check_uv_lock` has looked at its age before.
EXPORT = (
    "export",
    "--frozen",
    "--format=pylock.toml",
    "--no-emit-project",
    "--no-default-groups",
    "--no-header",
    "--quiet",
)

# Settings a person may have for daily work with uv, which would change what our commands mean.
_UNWANTED = (
    "UV_LOCKED",
    "UV_FROZEN",
    "UV_PROJECT",
    "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY",
    "UV_NO_EXTRA",
    "UV_PREVIEW",
    "UV_REQUIRE_HASHES",
)


def find_lock(project: Project, manifest: str) -> Path | None:
    """The project's uv.lock: its own, or that of the workspace it is a member of."""
    for folder in (project.root, *project.root.parents):
        path = folder / manifest
        if path.is_file() and (folder == project.root or _is_member(project, path)):
            return path
    return None


def export(
    project: Project,
    manifest: Manifest,
    target: Target,
    options: LockOptions,
    notes: Notes | None,
    credentials: Sequence[Credentials],
) -> Exported:
    """Let uv choose extras and groups; paths in its answer are relative to the project."""
    del notes  # 16 ms need no memory
    arguments = [process.find_tool("uv"), *EXPORT, *_chosen(options)]
    with process.running(arguments, cwd=project.root, env=environment(credentials)) as answer:
        _check(project, manifest, target, options)  # which takes as long as uv does
        pylock = answer()
    refuse_credentials(pylock, f"{manifest.path}, exported")
    return Exported(parse_toml(pylock, manifest.path), project.root)


def _check(project: Project, manifest: Manifest, target: Target, options: LockOptions) -> None:
    from constructs_lib.core.lock.stale import check_uv_lock

    lock = parse_toml(manifest.content.decode(errors="replace"), manifest.path)
    try:
        check_uv_lock(manifest.path, lock, project.root, target, options)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        msg = (
            f"{manifest.path} cannot be compared with {project.path_pyproject_toml}, one of them is not valid: "
            f"{process.one_line(str(error))}"
        )
        raise ProjectError(msg) from None


def environment(credentials: Sequence[Credentials] = ()) -> dict[str, str]:
    """The process's environment for uv with `credentials`, less what would change the meaning of our commands."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    if not credentials:
        return kept
    from constructs_lib.core.index.credentials import with_credentials

    return with_credentials(kept, credentials)


def _chosen(options: LockOptions) -> list[str]:
    named = (("--extra", options.extras), ("--group", options.groups), ("--only-group", options.only_groups))
    return [f"{option}={value}" for option, values in named for value in values]


def _is_member(project: Project, path: Path) -> bool:
    """Whether the lock above the project's folder names it as a member of its workspace."""
    lock = parse_toml(path.read_text(encoding="utf-8"), path)
    folders = (
        path.parent / source
        for package in lock.get("package", ())
        for kind, source in package.get("source", {}).items()
        if kind in ("editable", "virtual", "directory")
    )
    return any(folder.resolve() == project.root for folder in folders)
