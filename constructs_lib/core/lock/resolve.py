"""The resolution of a project: its lock file, written by any tool, and the files that one target installs.

The tools are the rows of one table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock import uv
from constructs_lib.core.lock.locked import (
    Exported,
    ExportRequest,
    Locked,
    LockedDirectory,
    LockedFile,
    LockOptions,
    Manifest,
    NotChosen,
    Notes,
    Resolution,
)
from constructs_lib.core.log import trace
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.secrets import refuse_credentials
from constructs_lib.core.system.unexpected import guarding

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from packaging.pylock import Pylock

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target


def _in_project(project: Project, manifest: str) -> Path | None:
    path = project.root / manifest
    return path if path.is_file() else None


# The exports of other tools than uv take up to 9 ms to import, and most projects have a uv.lock.
def _export_poetry(request: ExportRequest) -> Exported:
    from constructs_lib.core.lock import poetry

    return poetry.export(request)


def _export_requirements(request: ExportRequest) -> Exported:
    from constructs_lib.core.lock import pip

    return pip.export(request)


def _export_pdm(request: ExportRequest) -> Exported:
    from constructs_lib.core.lock import pdm_lock

    return pdm_lock.export(request)


def _export_pipenv(request: ExportRequest) -> Exported:
    from constructs_lib.core.lock import pipfile_lock

    return pipfile_lock.export(request)


def _export_pylock(request: ExportRequest) -> Exported:
    from constructs_lib.core.lock import pylock

    return pylock.export(request)


class LockTool(NamedTuple):
    """The way to find, make and export the lock file of one tool."""

    manifest: str
    command: str
    """The command that makes the lock file, of `{source}` where it reads a file of any name."""
    export: Callable[[ExportRequest], Exported]
    find: Callable[[Project, str], Path | None] = _in_project


TOOLS = {
    "uv": LockTool("uv.lock", "uv lock", uv.export, find=uv.find_lock),
    "poetry": LockTool("poetry.lock", "poetry lock", _export_poetry),
    "pdm": LockTool("pdm.lock", "pdm lock", _export_pdm),
    "pipenv": LockTool("Pipfile.lock", "pipenv lock", _export_pipenv),
    "pip": LockTool(
        "requirements.txt",
        "uv pip compile --generate-hashes {source} -o requirements.txt",
        _export_requirements,
    ),
    "pylock": LockTool("pylock.toml", "uv pip compile {source} -o pylock.toml", _export_pylock),
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
    trace("the lock file of %s is %s", project.root, path)
    with reading(path):
        manifest = Manifest(path, path.read_bytes())
    refuse_credentials(manifest.content.decode(errors="replace"), path)
    # What the SBOM needs of pyproject.toml is checked before anything is fetched, not when the zip is written.
    _ = (project.name, project.version)
    request = ExportRequest(project, manifest, target, options, notes, credentials, requires_of)
    with guarding(path):
        return _resolved(tool, request)


def _resolved(tool: LockTool, request: ExportRequest) -> Resolution:
    project, manifest, target, options = request.project, request.manifest, request.target, request.options
    path = manifest.path
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
    locked, project_notes = _without_project(locked, project, path)
    return Resolution(
        manifest,
        locked,
        exported.warnings,
        exported.may_be_incomplete,
        project_notes,
        _not_chosen(exported.pylock, locked),
    )


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


def _without_project(
    locked: tuple[Locked, ...], project: Project, manifest: Path
) -> tuple[tuple[Locked, ...], tuple[str, ...]]:
    """Return the packages less the project itself, which many exports name, and a note on it."""
    projects = [
        package
        for package in locked
        if isinstance(package, LockedDirectory) and package.directory == project.root
    ]
    notes = [
        f"{manifest} locks the project itself ({package.name}): it is not in its layer, but in its source zip"
        for package in projects
    ]
    return tuple(package for package in locked if package not in projects), tuple(notes)


def _not_chosen(pylock: Pylock, locked: Sequence[Locked]) -> NotChosen:
    chosen = {package.name for package in locked}
    names = sorted({package.name for package in pylock.packages} - chosen)
    return NotChosen(tuple(names), tuple(pylock.extras or ()), tuple(pylock.dependency_groups or ()))


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
    from constructs_lib.core.lock.remedies import command_for, tool_for  # 1 ms: only for this error

    name = build_tool or tool_for(project)
    tool = TOOLS[name]
    others = [row.manifest for row in TOOLS.values() if row is not tool]
    nor = "" if build_tool else f" (nor {', '.join(others)})"
    return ProjectError(
        "lock-missing",
        f"{project.root / tool.manifest} does not exist{nor}: {command_for(project, name, tool.command)}",
    )
