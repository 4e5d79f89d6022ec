"""What a project says of itself."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.errors import ProjectError
from constructs_lib.core.system.secrets import refuse_credentials

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """Parse `text`, which was read from `path`; a ProjectError names the file with line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not valid TOML: {error}"
        raise ProjectError(msg) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file that must exist, be UTF-8 and carry no credentials."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        msg = f"{path} does not exist"
        raise ProjectError(msg) from None
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 at byte {error.start}"
        raise ProjectError(msg) from None
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise ProjectError(msg) from None
    refuse_credentials(text, path)
    return parse_toml(text, path)


@dataclass(frozen=True)
class Project:
    """The folder of a `pyproject.toml`."""

    root: Path

    @classmethod
    def at(cls, entry: str | Path) -> Project:
        """The project in the folder `entry`, a path that may be relative to the working directory."""
        root = Path(entry).resolve()
        if not root.is_dir():
            what = "is not a folder" if root.exists() else "does not exist"
            msg = f"entry {str(entry)!r} {what} ({root}): give the folder that holds pyproject.toml"
            raise ProjectError(msg)
        if not (root / "pyproject.toml").is_file():
            msg = f"{root} holds no pyproject.toml: 'uv init --bare' makes one"
            raise ProjectError(msg)
        return cls(root)

    @property
    def path_pyproject_toml(self) -> Path:
        return self.root / "pyproject.toml"

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        return read_toml(self.path_pyproject_toml)

    @property
    def metadata(self) -> dict[str, Any]:
        """The `[project]` table; empty where there is none, a ProjectError where it is no table."""
        table = self.pyproject.get("project", {})
        if not isinstance(table, dict):
            msg = f"{self.path_pyproject_toml}: project is {table!r}, it must be a table"
            raise ProjectError(msg)
        return table

    @property
    def has_build_system(self) -> bool:
        """Whether the project says how it becomes a wheel (PEP 518)."""
        return "build-system" in self.pyproject


def newest_python(project: Project) -> str:
    """The newest Python of Lambda that `requires-python` allows, `3.13`; the newest of all where it allows none.

    What is wrong with the project is said when it is built.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    newest = list(RUNTIMES.values())[::-1]
    try:
        allowed = SpecifierSet(str(project.metadata.get("requires-python", "")))
    except (ProjectError, InvalidSpecifier):
        return newest[0].python_version
    return next(
        (each.python_version for each in newest if each.full_version in allowed), newest[0].python_version
    )
