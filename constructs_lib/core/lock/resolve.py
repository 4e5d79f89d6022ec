"""The resolution of a project: its lock file, written by any tool, and the files that one target installs.

The tools are the rows of one table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock import pylock, uv
from constructs_lib.core.lock.locked import (
    Exported,
    ExportRequest,
    Locked,
    LockedFile,
    LockOptions,
    Manifest,
    Notes,
    Resolution,
)
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target


def _in_project(project: Project, manifest: str) -> Path | None:
    path = project.root / manifest
    return path if path.is_file() else None


# Poetry's and pip's exports take 3 to 9 ms to import, and most projects have a uv.lock.
def _export_poetry(request: ExportRequest) -> Exported:
    from constructs_lib.core.lock import poetry

    return poetry.export(request)


def _export_requirements(request: ExportRequest) -> Exported:
    from constructs_lib.core.lock import pip

    return pip.export(request)


class LockTool(NamedTuple):
    """The way to find, make and export the lock file of one tool."""

    manifest: str
    command: str
    """The command that makes the lock file."""
    export: Callable[[ExportRequest], Exported]
    find: Callable[[Project, str], Path | None] = _in_project


TOOLS = {
    "uv": LockTool("uv.lock", "uv lock", uv.export, find=uv.find_lock),
    "poetry": LockTool("poetry.lock", "poetry lock", _export_poetry),
    "pip": LockTool(
        "requirements.txt",
        "uv pip compile --generate-hashes pyproject.toml -o requirements.txt",
        _export_requirements,
    ),
    "pylock": LockTool("pylock.toml", "pip lock or pdm export", pylock.export),
}


def resolve(
    project: Project,
    target: Target,
    options: LockOptions | None = None,
    notes: Notes | None = None,
    credentials: Sequence[Credentials] = (),
    requires_of: Callable[[Path], Sequence[str]] | None = None,
) -> Resolution:
    """Return the files that the project's lock file installs on `target`, without the project itself.

    `notes` remembers exports that are slow; `credentials` are for the tool that exports. `requires_of` asks a
    build backend for the requirements of a project, where only it knows them. A ProjectError names the
    problem of the lock and its remedy.
    """
    options = options or LockOptions()
    tool, path = _find(project, options.build_tool)
    with reading(path):
        manifest = Manifest(path, path.read_bytes())
    refuse_credentials(manifest.content.decode(errors="replace"), path)
    # What the SBOM needs of pyproject.toml is checked before anything is fetched, not when the zip is written.
    _ = (project.name, project.version)
    request = ExportRequest(project, manifest, target, options, notes, credentials, requires_of)
    exported = tool.export(request)
    project.pyproject.requirements.chosen(options.extras, options.groups, options.only_groups)
    with reading(path):
        is_unchanged = path.read_bytes() == manifest.content
    if not is_unchanged:
        raise ProjectError("lock-changed", f"{path} changed while it was read: build again")
    from constructs_lib.core.lock.select import select  # 11 ms: uv's export loads it while uv works

    locked = select(exported, path, target)
    if any(isinstance(file, LockedFile) and file.is_release_open for file in locked):
        from constructs_lib.core.lock.whole_release import complete  # 7 ms: only for source distributions

        locked = complete(locked, exported, request)
    _refuse_other_files(locked, exported)
    return Resolution(manifest, locked, exported.warnings, may_be_incomplete=exported.may_be_incomplete)


def _refuse_other_files(locked: Sequence[Locked], exported: Exported) -> None:
    """Raise for a file whose sha256 is none of those that the lock file allows for its distribution."""
    for file in locked:
        allowed = exported.hashes.get(file.name)
        if isinstance(file, LockedFile) and allowed and file.sha256 not in allowed.sha256:
            raise ProjectError(
                "hash-not-allowed",
                f"{allowed.where}: the index has {file.filename} with sha256 {file.sha256}, which is none of the hashes "
                f"the file allows for {file.name}: find out why before you export it again",
            )


def _find(project: Project, build_tool: str | None) -> tuple[LockTool, Path]:
    if build_tool is not None and build_tool not in TOOLS:
        raise ProjectError(
            "build-tool-unknown", f"build_tool {build_tool!r} is unknown: choose one of {', '.join(TOOLS)}"
        )
    candidates = [
        (name, tool, path)
        for name, tool in TOOLS.items()
        if build_tool in (None, name) and (path := tool.find(project, tool.manifest)) is not None
    ]
    if not candidates:
        raise _lock_missing(project, build_tool)
    if len(candidates) > 1:
        names = " and ".join(path.name for _, _, path in candidates)
        choices = " or ".join(f"build_tool={name!r}" for name, _, _ in candidates)
        raise ProjectError(
            "lock-ambiguous", f"{project.root} has {names}: choose the one that decides with {choices}"
        )
    [(_, tool, path)] = candidates
    return tool, path


def _lock_missing(project: Project, build_tool: str | None) -> ProjectError:
    tool = TOOLS[build_tool or "uv"]
    names = [row.manifest for row in TOOLS.values() if row is not tool]
    nor = "" if build_tool else f" (nor {', '.join(names)})"
    return ProjectError(
        "lock-missing",
        f"{project.root / tool.manifest} does not exist{nor}: run '{tool.command}' in {project.root} and commit it",
    )
