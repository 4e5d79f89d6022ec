"""Sources → a pure wheel in the store, by `uv build`."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import parse_wheel_filename

from constructs_lib.core import process
from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.project import read_toml
from constructs_lib.core.sources import hash_tree, source_files

if TYPE_CHECKING:
    from constructs_lib.core.lock import LockedFile
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.wheels.store import WheelStore

BUILD_SCHEMA = "1"
"""Raised when the same source would become another wheel; part of the key a built wheel is stored under."""
_EPOCH = "315532800"  # 1980-01-01, the oldest time a zip can hold; build backends write it into the wheel

BuiltNote = dict[str, Any]
"""`filename`, `sha256` of the wheel, and `source`: the hash it is stored under."""


def build_directory(
    directory: Path, store: WheelStore, progress: Progress, files: list[Path] | None = None
) -> BuiltNote:
    """The wheel of a project on this machine; `files` are the relative paths that count, all by default.

    The sources are copied first, so that no build backend leaves anything in the project's folder.
    """
    pyproject = read_toml(directory / "pyproject.toml")
    files = source_files(directory) if files is None else files
    key = _key("directory", hash_tree(directory, files))
    if (note := _known(store, key)) is not None:
        return note
    with (
        progress.step(f"built {directory.name}"),
        tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch,
    ):
        source = directory
        if not _version_comes_from_vcs(pyproject):
            source = Path(scratch) / "source" / directory.name
            _copy(directory, source, files)
        return _build(source, Path(scratch), store, key)


def build_sdist(file: LockedFile, store: WheelStore, progress: Progress) -> BuiltNote:
    """The wheel of a source distribution that lies in the store."""
    key = _key("sdist", file.sha256)
    if (note := _known(store, key)) is not None:
        return note
    with (
        progress.step(f"built {file.filename}"),
        tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch,
    ):
        archive = Path(scratch) / file.filename
        archive.write_bytes(_verified(file.sha256, file.suffix, store))
        return _build(archive, Path(scratch), store, key)


def _key(kind: str, source: str) -> str:
    return hashlib.sha256(f"{BUILD_SCHEMA}\0{kind}\0{source}".encode()).hexdigest()


def _known(store: WheelStore, key: str) -> BuiltNote | None:
    note = store.read_note("built", key)
    if note is None or not store.holds(note["sha256"]):
        return None
    try:
        _verified(note["sha256"], ".whl", store)
    except StoreError:
        return None
    return note


def _verified(sha256: str, suffix: str, store: WheelStore) -> bytes:
    content = store.path(sha256, suffix).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        store.discard(sha256, suffix)
        msg = f"{store.path(sha256, suffix)} was damaged and is removed: build again to fetch it anew"
        raise StoreError(msg)
    return content


def _build(source: Path, scratch: Path, store: WheelStore, key: str) -> BuiltNote:
    out = scratch / "out"
    command = ["build", "--wheel", "--quiet", "--no-python-downloads", f"--python={sys.executable}"]
    process.run(
        [process.find_tool("uv"), *command, f"--out-dir={out}", str(source)],
        cwd=scratch,
        env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH},
    )
    [wheel] = out.glob("*.whl")
    platforms = {tag.platform for tag in parse_wheel_filename(wheel.name)[-1]}
    if platforms != {"any"}:
        msg = (
            f"{source.name} became {wheel.name}, which holds code compiled on this machine: build its wheel for "
            f"Lambda in a container and lock that wheel"
        )
        raise ProjectError(msg)
    note: BuiltNote = {"filename": wheel.name, "sha256": store.add(wheel), "source": key}
    store.write_note("built", key, note)
    return note


def _copy(directory: Path, target: Path, files: list[Path]) -> None:
    for path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(directory / path, target / path)


def _version_comes_from_vcs(pyproject: dict[str, Any]) -> bool:
    """Whether the build asks git for the version, which a copy without `.git` could not answer."""
    if "version" not in pyproject.get("project", {}).get("dynamic", ()):
        return False
    names = []
    for line in pyproject.get("build-system", {}).get("requires", ()):
        try:
            names.append(Requirement(line).name.lower())
        except InvalidRequirement:
            continue
    return any("scm" in name or "vcs" in name for name in names)
