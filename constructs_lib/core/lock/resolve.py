"""A project's lock file, whichever tool wrote it → what one target installs. Tools are the rows of one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock import pylock, uv
from constructs_lib.core.lock.locked import Exported, Locked, LockOptions, Manifest, Notes, Resolution
from constructs_lib.core.project.pyproject import read_toml
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target


def _in_the_project(project: Project, manifest: str) -> Path | None:
    path = project.root / manifest
    return path if path.is_file() else None


# Loaded for a lock file of theirs alone: most projects have uv's.
def _poetry(*given: Any) -> Exported:
    from constructs_lib.core.lock import poetry

    return poetry.export(*given)


def _pip(*given: Any) -> Exported:
    from constructs_lib.core.lock import pip

    return pip.export(*given)


def _check_pip(manifest: Manifest, locked: Sequence[Locked]) -> tuple[str, ...]:
    from constructs_lib.core.lock import pip

    return pip.check(manifest, locked)


def _no_check(manifest: Manifest, locked: Sequence[Locked]) -> tuple[str, ...]:
    del manifest, locked
    return ()


@dataclass(frozen=True)
class LockTool:
    """How one tool's lock file is found, made and exported."""

    manifest: str
    command: str
    """What a person runs to make the lock file."""
    export: Callable[[Project, Manifest, Target, LockOptions, Notes | None, Sequence[Credentials]], Exported]
    check: Callable[[Manifest, Sequence[Locked]], tuple[str, ...]] = _no_check
    """What is wrong with the selection raises; what deserves a second look is returned."""
    find: Callable[[Project, str], Path | None] = _in_the_project


TOOLS = {
    "uv": LockTool("uv.lock", "uv lock", uv.export, find=uv.find_lock),
    "poetry": LockTool("poetry.lock", "poetry lock", _poetry),
    "pip": LockTool(
        "requirements.txt",
        "uv pip compile --generate-hashes pyproject.toml -o requirements.txt",
        _pip,
        _check_pip,
    ),
    "pylock": LockTool("pylock.toml", "pip lock or pdm export", pylock.export),
}


def resolve(
    project: Project,
    target: Target,
    options: LockOptions | None = None,
    notes: Notes | None = None,
    credentials: Sequence[Credentials] = (),
) -> Resolution:
    """What the project's lock file installs on `target`, without the project itself.

    `notes` remembers exports that are slow; the tool that exports is told of `credentials`. A ProjectError says what
    is wrong with the lock and how to mend it.
    """
    options = options or LockOptions()
    tool, path = _find(project, options.build_tool)
    manifest = _read(path)
    refuse_credentials(manifest.content.decode(errors="replace"), path)
    read_toml(project.path_pyproject_toml)  # refuses what carries credentials
    exported = tool.export(project, manifest, target, options, notes, credentials)
    if path.read_bytes() != manifest.content:
        msg = f"{path} changed while it was read: build again"
        raise ProjectError(msg)
    from constructs_lib.core.lock.select import select

    locked = select(exported, path, target)
    return Resolution(manifest, locked, tool.check(manifest, locked))


def _find(project: Project, build_tool: str | None) -> tuple[LockTool, Path]:
    if build_tool is not None and build_tool not in TOOLS:
        msg = f"build_tool {build_tool!r} is unknown: choose one of {', '.join(TOOLS)}"
        raise ProjectError(msg)
    rows = {name: tool for name, tool in TOOLS.items() if build_tool in (None, name)}
    found = [
        (name, tool, path)
        for name, tool in rows.items()
        if (path := tool.find(project, tool.manifest)) is not None
    ]
    if not found:
        wanted = TOOLS[build_tool or "uv"]
        others = (
            "" if build_tool else f" (nor {', '.join(t.manifest for n, t in TOOLS.items() if n != 'uv')})"
        )
        path = project.root / wanted.manifest
        msg = f"{path} does not exist{others}: run '{wanted.command}' in {project.root} and commit it"
        raise ProjectError(msg)
    if len(found) > 1:
        names = " and ".join(path.name for _, _, path in found)
        choices = " or ".join(f"build_tool={name!r}" for name, _, _ in found)
        msg = f"{project.root} has {names}: say which one decides with {choices}"
        raise ProjectError(msg)
    [(_, tool, path)] = found
    return tool, path


def _read(path: Path) -> Manifest:
    try:
        return Manifest(path, path.read_bytes())
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise ProjectError(msg) from None
