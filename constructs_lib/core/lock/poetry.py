"""The export of poetry.lock to pylock.toml, by Poetry's own export plugin."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.index.credentials import with_credentials
from constructs_lib.core.lock.locked import Exported
from constructs_lib.core.lock.select import parse_pylock
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_credentials

if TYPE_CHECKING:
    from constructs_lib.core.lock.locked import ExportRequest, LockOptions

EXPORT = ("export", "--format=pylock.toml", "--no-interaction", "--no-ansi")
MINIMUM = "Poetry 2 with poetry-plugin-export 1.10 or newer"


def export(request: ExportRequest) -> Exported:
    """Export by Poetry, which chooses extras and groups and refuses a lock that does not fit pyproject.toml.

    An export is remembered in the request's notes, since starting Poetry takes half a second.
    """
    project, manifest, notes = request.project, request.manifest, request.notes
    arguments = [*EXPORT, *_chosen(request.options)]
    inputs = [
        arguments,
        str(project.root),
        manifest.content.hex(),
        project.pyproject.content.hex(),
    ]
    key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
    note = notes.read_note("exports", key) if notes else None
    text = note["pylock"] if note else _run(request, arguments)
    refuse_credentials(text, f"{manifest.path}, exported")
    if notes and not note:
        notes.write_note("exports", key, {"pylock": text})
    return Exported(parse_pylock(text, manifest.path), project.root)


def _run(request: ExportRequest, arguments: list[str]) -> str:
    env = with_credentials(os.environ, request.credentials)
    try:
        return process.run([process.find_tool("poetry"), *arguments], cwd=request.project.root, env=env)
    except ToolError as error:
        if 'command "export" does not exist' in str(error) or "Invalid export format" in str(error):
            raise ToolError(
                "tool-too-old",
                f"poetry cannot export to pylock.toml: it takes {MINIMUM} (pip install 'constructs-lib[poetry]')",
            ) from None
        raise


def _chosen(options: LockOptions) -> list[str]:
    named = (("--extras", options.extras), ("--with", options.groups), ("--only", options.only_groups))
    return [f"{option}={value}" for option, values in named for value in values]
