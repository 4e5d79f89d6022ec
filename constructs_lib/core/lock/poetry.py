"""poetry.lock → pylock.toml, by Poetry's own export plugin."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.index.credentials import with_credentials
from constructs_lib.core.lock.locked import Exported
from constructs_lib.core.project.pyproject import parse_toml
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import LockOptions, Manifest, Notes
    from constructs_lib.core.project.pyproject import Project
    from constructs_lib.core.target import Target

EXPORT = ("export", "--format=pylock.toml", "--no-interaction", "--no-ansi")
MINIMUM = "Poetry 2 with poetry-plugin-export 1.10 or newer"


def export(
    project: Project,
    manifest: Manifest,
    target: Target,
    options: LockOptions,
    notes: Notes | None,
    credentials: Sequence[Credentials],
) -> Exported:
    """Let Poetry choose extras and groups; an export is remembered, since starting Poetry takes half a second.

    Poetry refuses a lock that does not fit pyproject.toml.
    """
    del target  # the export names the files of all platforms
    arguments = [*EXPORT, *_chosen(options)]
    inputs = [
        arguments,
        str(project.root),
        manifest.content.hex(),
        project.path_pyproject_toml.read_bytes().hex(),
    ]
    key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
    note = notes.read_note("exports", key) if notes else None
    answer = note["pylock"] if note else _run(project, arguments, credentials)
    refuse_credentials(answer, f"{manifest.path}, exported")
    if notes and not note:
        notes.write_note("exports", key, {"pylock": answer})
    return Exported(parse_toml(answer, manifest.path), project.root)


def _run(project: Project, arguments: list[str], credentials: Sequence[Credentials]) -> str:
    env = with_credentials(os.environ, credentials)
    try:
        return process.run([process.find_tool("poetry"), *arguments], cwd=project.root, env=env)
    except ToolError as error:
        if 'command "export" does not exist' in str(error) or "Invalid export format" in str(error):
            msg = f"poetry cannot export to pylock.toml: it takes {MINIMUM} (pip install 'constructs-lib[poetry]')"
            raise ToolError(msg) from None
        raise


def _chosen(options: LockOptions) -> list[str]:
    named = (("--extras", options.extras), ("--with", options.groups), ("--only", options.only_groups))
    return [f"{option}={value}" for option, values in named for value in values]
