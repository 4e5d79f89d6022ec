"""A poetry.lock as Poetry writes it, of schema 2.1 and older ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_lib.core.lock.poetry_lock import content_hash
from constructs_lib.core.project.pyproject import Project
from tests.support.files.locks import Notes

if TYPE_CHECKING:
    from pathlib import Path

SHA = "d" * 64


def package(name: str, version: str = "1.0", tail: str = 'groups = ["main"]', files: str = "") -> str:
    files = files or f'{{ file = "{name}-{version}-py3-none-any.whl", hash = "sha256:{SHA}" }}'
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\nfiles = [{files}]\n{tail}\n'


def write_poetry_lock(
    folder: Path, *packages: str, version: str = "2.1", python: str = ">=3.10", extras: str = ""
) -> Path:
    """Write a lock that fits the folder's pyproject.toml."""
    path = folder / "poetry.lock"
    path.write_text(
        "".join(packages)
        + (f"[extras]\n{extras}\n" if extras else "")
        + f"[metadata]\nlock-version = {json.dumps(version)}\n"
        f'python-versions = "{python}"\ncontent-hash = "{content_hash(Project(folder).pyproject)}"\n'
    )
    return path


class KnownAddresses(Notes):
    """Remembers in memory, and has the address of every file from an earlier build."""

    def read_note(self, kind: str, key: str) -> dict[str, Any] | None:
        if kind == "addresses":
            return {"url": "https://host/file.whl", "index": "https://host/simple"}
        return super().read_note(kind, key)
