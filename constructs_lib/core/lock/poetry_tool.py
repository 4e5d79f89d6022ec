"""The packages of a poetry.lock that only Poetry can choose: its schema is older than 2.1."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.index.credentials import with_credentials
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from constructs_lib.core.lock.locked import ExportRequest, LockOptions
    from constructs_lib.core.lock.poetry_lock import PoetryLock, PoetryPackage

# Constraints have no extras and nothing editable: a name, a version or an address, and a marker.
EXPORT = (
    "export",
    "--format=constraints.txt",
    "--without-hashes",
    "--without-urls",
    "--no-interaction",
    "--no-ansi",
)
_STALE = "changed significantly"
_NO_EXPORT = ('command "export" does not exist', "Invalid export format")


def ask_poetry(lock: PoetryLock, request: ExportRequest) -> list[tuple[PoetryPackage, str]]:
    """Return the packages that Poetry exports, each with its marker; an answer is remembered in the request's notes.

    Poetry refuses a lock that does not fit pyproject.toml.
    """
    project, manifest, notes = request.project, request.manifest, request.notes
    arguments = [*EXPORT, *_selected(request.options)]
    inputs = [arguments, str(project.root), manifest.content.hex(), project.pyproject.content.hex()]
    key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
    note = notes.read_note("exports", key) if notes else None
    text = note["constraints"] if note else _run(lock, request, arguments)
    refuse_credentials(text, f"{manifest.path}, exported")
    if notes and not note:
        notes.write_note("exports", key, {"constraints": text})
    return [
        _row(lock, line) for line in text.splitlines() if line.strip() and not line.startswith(("#", "-"))
    ]


def _row(lock: PoetryLock, line: str) -> tuple[PoetryPackage, str]:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        raise ToolError(
            "tool-failed", f"poetry exports {line!r} from {lock.path}, which is no requirement"
        ) from None
    name = canonicalize_name(requirement.name)
    for package in lock.packages:
        if package.name == name and (
            requirement.url or requirement.specifier.contains(package.version, prereleases=True)
        ):
            return package, str(requirement.marker or "")
    raise ProjectError("lock-invalid", f"{lock.path} has no {requirement}, which Poetry exports from it")


def _run(lock: PoetryLock, request: ExportRequest, arguments: list[str]) -> str:
    env = with_credentials(os.environ, request.credentials)
    root = request.project.root
    try:
        return process.run([process.find_tool("poetry"), *arguments], cwd=root, env=env)
    except ToolError as error:
        text = str(error)
        if any(part in text for part in _NO_EXPORT):
            from constructs_lib.core.extras import install_command  # rarely needed

            raise ToolError(
                "tool-too-old",
                f"poetry has no export: it takes Poetry with poetry-plugin-export ({install_command('poetry')})",
            ) from None
        if _STALE in text:
            raise ProjectError(
                "lock-stale",
                f"{lock.path} is stale: {request.project.path_pyproject_toml} changed since it was made. Run 'poetry "
                f"lock' in {root} and commit the result",
            ) from None
        if lock.is_complete or error.id == "tool-missing":
            raise
        raise ProjectError(
            "lock-too-old",
            f"{lock.path} has schema {lock.version or 'none'}, which Poetry does not export ({_reason(error)}). Run 'poetry "
            f"lock' of Poetry 2 in {root}, which keeps the versions, and commit the result",
        ) from None


def _reason(error: ToolError) -> str:
    """Return Poetry's last words that are no warning."""
    text = error.stderr if isinstance(error, process.ExitError) else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip() and "arning" not in line]
    return process.one_line("\n".join(lines[-2:]), 300)


def _selected(options: LockOptions) -> list[str]:
    named = (("--extras", options.extras), ("--with", options.groups), ("--only", options.only_groups))
    return [f"{option}={value}" for option, values in named for value in values]
