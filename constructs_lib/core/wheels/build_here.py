"""Pure wheels built from sources on this machine, by `uv build`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.project.pyproject import read_pyproject
from constructs_lib.core.project.source_files import hash_tree, source_files
from constructs_lib.core.system import process
from constructs_lib.core.wheels.built import (
    EPOCH,
    BuiltWheel,
    build_key,
    keep_built,
    read_built,
    read_verified,
    refuse_secrets_in_wheel,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore


class NativeCodeError(ProjectError):
    """A source became a wheel with code that was compiled on this machine."""

    filename: str
    """The wheel's."""

    @classmethod
    def of(cls, name: str, filename: str) -> NativeCodeError:
        """Return the error for the source `name`, which became the wheel `filename`."""
        error = cls("native-code", f"{name} became {filename}, which holds code compiled on this machine")
        error.filename = filename
        return error


@dataclass(frozen=True)
class BuildsHere:
    """The builds of one artifact on this machine."""

    store: WheelStore
    progress: Progress
    access: Access
    """For the requirements of build backends, which come from the indexes in its project's settings for uv."""

    def directory(self, directory: Path, files: list[Path] | None = None) -> BuiltWheel:
        """Build a project's wheel; `files` are the relative paths that count, by default all of its sources.

        The sources are copied first, so that no build backend leaves anything in the project's folder.
        """
        files = source_files(directory) if files is None else files
        key = build_key("directory", hash_tree(directory, files))
        if read_pyproject(directory / "pyproject.toml").is_version_from_vcs:
            # A tag changes the version without changing a file: the wheel is built each time, and its name counts.
            with self._scratch(directory.name) as scratch:
                built = self._build(directory, scratch, key)
            return built._replace(source=build_key(key, built.filename))
        if (built_before := self._read(key, directory.name)) is not None:
            return built_before
        with self._scratch(directory.name) as scratch:
            source = scratch / "source" / directory.name
            _copy(directory, source, files)
            return self._build(source, scratch, key)

    def sdist(self, file: LockedFile) -> BuiltWheel:
        """Build the wheel of a source distribution that is in the store."""
        key = build_key("sdist", file.sha256)
        if (built_before := self._read(key, file.filename)) is not None:
            return built_before
        with self._scratch(file.filename) as scratch:
            archive = scratch / file.filename
            archive.write_bytes(read_verified(self.store, file.sha256, file.suffix))
            return self._build(archive, scratch, key)

    def _read(self, key: str, name: str) -> BuiltWheel | None:
        """Return what was built under `key` before; raise if that was a wheel with native code."""
        built = read_built(self.store, key)
        if built is None and (native := self.store.read_note("native", key)) is not None:
            raise NativeCodeError.of(name, native["filename"])
        return built

    @contextmanager
    def _scratch(self, name: str) -> Iterator[Path]:
        """Time the build of `name` in a temporary folder."""
        with (
            self.progress.step(f"built {name}"),
            tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder,
        ):
            yield Path(folder)

    def _build(self, source: Path, scratch: Path, key: str) -> BuiltWheel:
        out, access = scratch / "out", self.access
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
        if {tag.platform for tag in parse_wheel_filename(wheel.name)[-1]} != {"any"}:
            self.store.write_note("native", key, {"filename": wheel.name})
            raise NativeCodeError.of(source.name, wheel.name)
        return keep_built(self.store, key, wheel)


def _copy(directory: Path, target: Path, files: list[Path]) -> None:
    for path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(directory / path, target / path)
