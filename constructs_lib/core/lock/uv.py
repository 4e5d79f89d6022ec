"""uv.lock → pylock.toml."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from constructs_lib.core import process
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.model import Manifest, Resolution
from constructs_lib.core.lock.select import select
from constructs_lib.core.lock.stale import check_uv_lock
from constructs_lib.core.project import parse_toml, read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.project import Project
    from constructs_lib.core.runtime import Target

MANIFEST = "uv.lock"

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

# Settings a person may have for daily work with uv, which would change what an export means.
_UNWANTED = ("UV_LOCKED", "UV_FROZEN", "UV_PROJECT", "UV_WORKING_DIRECTORY", "UV_NO_EXTRA", "UV_PREVIEW")


def resolve(project: Project, target: Target) -> Resolution:
    """What the project's uv.lock installs on `target`, without the project itself and without dev groups."""
    manifest = _read(project.root / MANIFEST)
    check_uv_lock(project.root, read_toml(manifest.path), target)
    exported = process.run([process.find_tool("uv"), *EXPORT], cwd=project.root, env=environment())
    if manifest.path.read_bytes() != manifest.content:
        msg = f"{manifest.path} changed while it was read: build again"
        raise ProjectError(msg)
    pylock = parse_toml(exported, manifest.path)
    return Resolution(manifest, select(pylock, project.root, manifest.path, target))


def environment() -> dict[str, str]:
    """The process's environment for uv, less what would change the meaning of our commands."""
    return {name: value for name, value in os.environ.items() if name not in _UNWANTED}


def _read(path: Path) -> Manifest:
    try:
        return Manifest(path, path.read_bytes())
    except FileNotFoundError:
        msg = f"{path} does not exist: run 'uv lock' in {path.parent} and commit it"
        raise ProjectError(msg) from None
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise ProjectError(msg) from None
