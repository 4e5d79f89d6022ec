"""Small projects with sources, as people write them."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from tests.support.builders.uv import UV_BUILD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def project_toml(name: str, dependencies: Sequence[str] = (), tail: str = "") -> str:
    listed = ", ".join(f'"{each}"' for each in dependencies)
    return (
        f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.10"\n'
        f"dependencies = [{listed}]\n\n{UV_BUILD}\n{tail}"
    )


def write_src_project(root: Path, name: str, dependencies: Sequence[str] = (), tail: str = "") -> Path:
    """Write a package in `src/` with a data file and a subpackage; uv's own backend builds it without a network."""
    return write_files(
        root,
        {
            "pyproject.toml": project_toml(name, dependencies, tail),
            f"src/{name}/__init__.py": "x = 1\n",
            f"src/{name}/data.txt": "data\n",
            f"src/{name}/sub/__init__.py": "",
        },
    )


def write_sdist(name: str, files: Mapping[str, str], pyproject: str = "") -> bytes:
    """Return a source distribution of version 1.0."""
    whole = {"pyproject.toml": pyproject or project_toml(name), **files}
    whole["PKG-INFO"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in whole.items():
            info = tarfile.TarInfo(f"{name}-1.0/{path}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()
