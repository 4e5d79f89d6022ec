"""Sources → a pure wheel in the store, by `uv build`."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.index.auth import Access
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.project.source_files import hash_tree, source_files
from constructs_lib.core.system import process
from constructs_lib.core.system.secrets import refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore

BUILD_SCHEMA = "1"
"""Raised when the same source would become another wheel; part of the key a built wheel is stored under."""
EPOCH = "315532800"  # 1980-01-01, the oldest time a zip can hold; build backends write it into the wheel

BuiltNote = dict[str, Any]
"""`filename`, `sha256` of the wheel, and `source`: the hash it is stored under."""


class NativeCodeError(ProjectError):
    """A source became a wheel with code that was compiled on this machine."""

    def __init__(self, name: str, filename: str) -> None:
        super().__init__(f"{name} became {filename}, which holds code compiled on this machine")
        self.filename = filename


def build_directory(
    directory: Path,
    store: WheelStore,
    progress: Progress,
    files: list[Path] | None = None,
    access: Access | None = None,
) -> BuiltNote:
    """The wheel of a project on this machine; `files` are the relative paths that count, all by default.

    The sources are copied first, so that no build backend leaves anything in the project's folder.
    `access` says where the build's own requirements come from; without it, this project's settings for uv do.
    """
    pyproject = read_pyproject(directory / "pyproject.toml")
    access = access or Access(project=directory)
    files = source_files(directory) if files is None else files
    key = build_key("directory", hash_tree(directory, files))
    from_vcs = pyproject.is_version_from_vcs
    if not from_vcs and (note := known_build(store, key)) is not None:
        return note
    if not from_vcs and (native := store.read_note("native", key)) is not None:
        raise NativeCodeError(directory.name, native["filename"])
    with (
        progress.step(f"built {directory.name}"),
        tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch,
    ):
        if from_vcs:
            # A tag changes the version without changing a file: the answer is not kept, and its name counts.
            note = _build(directory, Path(scratch), store, key, access)
            return {**note, "source": build_key(key, note["filename"])}
        source = Path(scratch) / "source" / directory.name
        _copy(directory, source, files)
        return _build(source, Path(scratch), store, key, access)


def build_sdist(
    file: LockedFile, store: WheelStore, progress: Progress, access: Access | None = None
) -> BuiltNote:
    """The wheel of a source distribution that lies in the store."""
    key = build_key("sdist", file.sha256)
    if (note := known_build(store, key)) is not None:
        return note
    if (native := store.read_note("native", key)) is not None:
        raise NativeCodeError(file.filename, native["filename"])
    with (
        progress.step(f"built {file.filename}"),
        tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch,
    ):
        archive = Path(scratch) / file.filename
        archive.write_bytes(verified_file(file.sha256, file.suffix, store))
        return _build(archive, Path(scratch), store, key, access or Access())


def build_key(*inputs: str) -> str:
    """The hash that a built wheel is stored under; `inputs` are all that went into it."""
    return hashlib.sha256("\0".join([BUILD_SCHEMA, *inputs]).encode()).hexdigest()


def known_build(store: WheelStore, key: str) -> BuiltNote | None:
    """What an earlier build left, if its wheel is there and whole."""
    note = store.read_note("built", key)
    if note is None or not store.holds(note["sha256"]):
        return None
    try:
        verified_file(note["sha256"], ".whl", store)
    except StoreError:
        return None
    return note


def verified_file(sha256: str, suffix: str, store: WheelStore) -> bytes:
    """A file of the store; a damaged one is removed and a StoreError."""
    content = store.path(sha256, suffix).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        store.discard(sha256, suffix)
        msg = f"{store.path(sha256, suffix)} was damaged and is removed: build again to fetch it anew"
        raise StoreError(msg)
    return content


def _build(source: Path, scratch: Path, store: WheelStore, key: str, access: Access) -> BuiltNote:
    out = scratch / "out"
    command = ["build", "--wheel", "--quiet", "--no-python-downloads", f"--python={sys.executable}"]
    # Without it uv would not see the project's indexes, and take the build's requirements from PyPI.
    project = [f"--project={access.project}"] if access.project else []
    process.run(
        [process.find_tool("uv"), *command, *project, f"--out-dir={out}", str(source)],
        cwd=scratch,
        env={**environment(access.credentials), "SOURCE_DATE_EPOCH": EPOCH},
    )
    [wheel] = out.glob("*.whl")
    refuse_secrets_in_wheel(wheel, access.credentials)
    platforms = {tag.platform for tag in parse_wheel_filename(wheel.name)[-1]}
    if platforms != {"any"}:
        store.write_note("native", key, {"filename": wheel.name})
        raise NativeCodeError(source.name, wheel.name)
    note: BuiltNote = {"filename": wheel.name, "sha256": store.add(wheel), "source": key}
    store.write_note("built", key, note)
    return note


def refuse_secrets_in_wheel(wheel: Path, credentials: Sequence[Credentials]) -> None:
    """Raise a ProjectError, before it is kept, if a wheel that was built here holds a password."""
    if not credentials:
        return
    secrets = [each.secret for each in credentials]
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            refuse_secrets(f"{wheel.name}: {name}", archive.read(name), secrets)


def _copy(directory: Path, target: Path, files: list[Path]) -> None:
    for path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(directory / path, target / path)
