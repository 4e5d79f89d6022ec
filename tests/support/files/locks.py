"""A pylock.toml, and what a lock file gives for one target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_lib.core.lock.resolve import resolve
from constructs_lib.core.project.pyproject import Project
from constructs_lib.core.target import Target

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.lock.locked import LockOptions

TARGET = Target("3.12")
SHA = "c" * 64
PYLOCK = f"""\
lock-version = "1.0"
created-by = "test"
extras = ["fast"]
dependency-groups = ["dev"]

[[packages]]
name = "main"
version = "1.0"
wheels = [{{ url = "https://example.org/main-1.0-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]

[[packages]]
name = "quick"
version = "1.0"
marker = "'fast' in extras"
wheels = [{{ url = "https://example.org/quick-1.0-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]

[[packages]]
name = "helper"
version = "1.0"
marker = "'dev' in dependency_groups"
wheels = [{{ url = "https://example.org/helper-1.0-py3-none-any.whl", hashes = {{ sha256 = "{SHA}" }} }}]
"""


class Notes:
    """Remembers in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, Any]] = {}

    def read_note(self, kind: str, key: str) -> dict[str, Any] | None:
        return self.kept.get((kind, key))

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None:
        self.kept[kind, key] = note


def names(project: Path, options: LockOptions | None = None, notes: Notes | None = None) -> list[str]:
    return [each.name for each in resolve(Project.at(project), TARGET, options, notes).locked]
