"""The export of uv.lock to pylock.toml, by uv."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.locked import Exported
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import ExportRequest, LockOptions
    from constructs_lib.core.project.pyproject import Project

# `--frozen` reads the lock as it is and needs no interpreter; `check_uv_lock` compares it with pyproject.toml.
EXPORT = (
    "export",
    "--frozen",
    "--format=pylock.toml",
    "--no-emit-project",
    "--no-default-groups",
    "--no-header",
    "--quiet",
)

_REQUIRED = r"Required\s+uv\s+version\s+`([^`]+)`\s+does\s+not\s+match\s+the\s+running\s+version\s+`([^`]+)`"

# Settings for daily work with uv that would change the meaning of our commands.
UNWANTED = (
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
    """Return the path of the project's uv.lock, or of the workspace's that it is a member of."""
    path = project.root / manifest
    if path.is_file():
        return path
    between: Path | None = None
    for folder in project.root.parents:
        path = folder / manifest
        if path.is_file() and _is_member(project, path):
            if between is not None:
                raise _hidden(project, path, between)
            return path
        if between is None and (folder / "pyproject.toml").is_file():
            between = folder / "pyproject.toml"  # uv looks no further up for a workspace
    return None


def _hidden(project: Project, lock: Path, between: Path) -> ProjectError:
    return ProjectError(
        "workspace-hidden",
        f"{project.root} is a member in {lock}, but uv does not see that workspace from there: it looks no further up "
        f"than {between}. Lock the member alone with 'uv lock' in {project.root}, or move it out of {between.parent}",
    )


def _is_member(project: Project, path: Path) -> bool:
    """Return whether the uv.lock above the project names its folder as a local project."""
    # 11 ms: only where a folder above has a uv.lock.
    from constructs_lib.core.lock.uv_lock import read_uv_lock

    lock = read_uv_lock(path)
    return any(lock.is_at(package, project.root) for package in lock.folders.values())


def export(request: ExportRequest) -> Exported:
    """Export by uv, which chooses extras and groups; paths in its answer are relative to the project."""
    project, manifest = request.project, request.manifest
    arguments = [process.find_tool("uv"), *EXPORT, *_chosen(request.options)]
    with process.running(arguments, cwd=project.root, env=environment(request.credentials)) as answer:
        # uv works for 16 ms: as long as these imports and the comparison take.
        from constructs_lib.core.lock.select import parse_pylock
        from constructs_lib.core.lock.stale import check_uv_lock
        from constructs_lib.core.lock.uv_lock import parse_uv_lock

        lock = parse_uv_lock(manifest.content, manifest.path)
        check_uv_lock(lock, project, request.target, request.options, request.requires_of)
        try:
            text = answer()
        except process.ExitError as error:
            raise _other_version(error, arguments[0], project) or error from None
    refuse_credentials(text, f"{manifest.path}, exported")
    return Exported(parse_pylock(text, manifest.path), project.root)


def _other_version(error: process.ExitError, program: str, project: Project) -> ToolError | None:
    """Return the error of a `required-version` that the program is not; None for any other failure."""
    match = re.search(_REQUIRED, error.stderr)
    if match is None:
        return None
    required, running = match.groups()
    return ToolError(
        "uv-version",
        f"{project.root} takes uv {required} ([tool.uv] required-version), and this environment has uv {running} "
        f"({program}). Install another one beside constructs-lib, with 'uv pip install \"uv{required}\"' or pip, or "
        f"change required-version",
    )


def environment(credentials: Sequence[Credentials] = ()) -> dict[str, str]:
    """Return the process's environment with `credentials`, less what would change the meaning of our commands."""
    variables = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    if not credentials:
        return variables
    from constructs_lib.core.index.credentials import with_credentials  # 2 ms: only for a private index

    return with_credentials(variables, credentials)


def _chosen(options: LockOptions) -> list[str]:
    named = (("--extra", options.extras), ("--group", options.groups), ("--only-group", options.only_groups))
    return [f"{option}={value}" for option, values in named for value in values]
