"""Git repositories, made by the real git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.core.project.repository import git_environment
from tests.support.files.sources import project_toml, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always")
SCM_TOML = """\
[project]
name = "{name}"
dynamic = ["version"]

[build-system]
requires = ["setuptools", "setuptools-scm"]
build-backend = "setuptools.build_meta"

[tool.setuptools_scm]
root = "{root}"
"""
ALLOW_FILE = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
}
"""What makes git take submodules from this machine, which it refuses otherwise."""


@dataclass(frozen=True)
class Repository:
    """A repository with a work tree."""

    root: Path

    @classmethod
    def made(cls, root: Path, files: Mapping[str, str]) -> Repository:
        """Make one with a first commit of `files` on the branch `main`."""
        root.mkdir(parents=True)
        repository = cls(root)
        repository.git("init", "--quiet", "--initial-branch=main")
        repository.commit(files)
        return repository

    @property
    def url(self) -> str:
        return self.root.as_uri()

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *_AUTHOR, *arguments],
            cwd=self.root,
            env=git_environment(os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, files: Mapping[str, str] | None = None) -> str:
        """Commit these files, or nothing new, and return the commit."""
        write_files(self.root, files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=More")
        return self.head

    def tag(self, name: str) -> None:
        self.git("tag", name)


def package_files(name: str, folder: str = "") -> dict[str, str]:
    """Return the files of a pure package below `folder`, which ends with a slash."""
    return {
        f"{folder}pyproject.toml": project_toml(name),
        f"{folder}src/{name}/__init__.py": f"name = {name!r}\n",
        f"{folder}src/{name}/data.txt": "data\n",
    }


def monorepo(root: Path) -> Repository:
    """Return a repository with the project `outer` at its root and `inner` in `packages/inner`."""
    return Repository.made(root, {**package_files("outer"), **package_files("inner", "packages/inner/")})
