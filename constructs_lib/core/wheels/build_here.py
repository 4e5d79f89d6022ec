"""Pure wheels built from sources on this machine, by `uv build`."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import ProjectError, ToolError
from constructs_lib.core.lock.uv import environment
from constructs_lib.core.log import log
from constructs_lib.core.project.repository import git_environment
from constructs_lib.core.system import process
from constructs_lib.core.wheels.build_inputs import BuildInputs
from constructs_lib.core.wheels.built import (
    EPOCH,
    BuiltWheel,
    build_key,
    content_key,
    keep_built,
    read_built,
    read_verified,
    refuse_secrets_in_wheel,
)
from constructs_lib.core.wheels.left_out import note_dropped, tidy_wheel
from constructs_lib.core.wheels.work_tree import TREE, copy_work_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore

_OUT = "out"
_LINES_QUOTED = 3
"""Lines of a failed build that its error quotes."""
_UV_ERROR = "error: Failed to build"


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

    def directory(
        self, directory: Path, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
    ) -> BuiltWheel:
        """Build a project's wheel as its backend makes it in place; nothing is written into the project.

        A backend that may write into the folder gets a copy of the whole work tree. Secrets, ignored files, and what
        `include` and `exclude` leave out are taken out of the result.
        """
        directory = directory.resolve()
        inputs = BuildInputs(directory, include, exclude, self.access.project)
        key = inputs.key if inputs.backend.repeatable else None
        if key and (built_before := self._read(key, directory.name)) is not None:
            return built_before
        with self._scratch(directory.name) as scratch:
            source = directory
            if inputs.backend.writes:
                siblings = not inputs.backend.repeatable
                source = copy_work_tree(directory, scratch, inputs.dropped, with_siblings=siblings)
            wheel = self._build(source, scratch, key, directory)
            tidy_wheel(wheel, inputs.choice)
            if inputs.backend.writes:
                note_dropped(wheel, inputs.choice, inputs.dropped)
            return keep_built(self.store, key, wheel, content_key(wheel))

    def sdist(self, file: LockedFile) -> BuiltWheel:
        """Build the wheel of a source distribution that is in the store."""
        key = build_key("sdist", file.sha256)
        if (built_before := self._read(key, file.filename)) is not None:
            return built_before
        with self._scratch(file.filename) as scratch:
            archive = scratch / file.filename
            archive.write_bytes(read_verified(self.store, file.sha256, file.suffix))
            return keep_built(self.store, key, self._build(archive, scratch, key, Path(file.filename)))

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
            yield Path(folder).resolve()

    def _build(self, source: Path, scratch: Path, key: str | None, shown: Path) -> Path:
        """Build the wheel of `source`, which messages name as `shown`; raise for native code and for secrets."""
        try:
            run_uv_build(source, scratch, self.access)
        except process.ExitError as error:
            raise build_error(error, source, shown, scratch / TREE) from None
        [wheel] = (scratch / _OUT).glob("*.whl")
        refuse_secrets_in_wheel(wheel, self.access.credentials)
        if {tag.platform for tag in parse_wheel_filename(wheel.name)[-1]} != {"any"}:
            if key is not None:
                self.store.write_note("native", key, {"filename": wheel.name})
            raise NativeCodeError.of(shown.name, wheel.name)
        return wheel


def run_uv_build(source: Path, scratch: Path, access: Access) -> None:
    """Build the wheel of `source` into the folder `out` of `scratch`; nothing is written beside the sources."""
    command = ["build", "--wheel", "--no-python-downloads", f"--python={sys.executable}"]
    # Without it uv would not see the project's indexes, and take the build's requirements from PyPI.
    project = [f"--project={access.project}"] if access.project else []
    process.run(
        [process.find_tool("uv"), *command, *project, f"--out-dir={scratch / _OUT}", str(source)],
        cwd=scratch,
        env={**git_environment(environment(access.credentials)), **_variables(scratch)},
    )


def _variables(scratch: Path) -> dict[str, str]:
    """Return the variables of a build that leaves nothing beside its sources."""
    settings = scratch / "distutils.cfg"
    # Setuptools would make `build` and `*.egg-info` in the project, and take along what earlier builds left there.
    settings.write_text(f"[build]\nbuild_base = {scratch / 'build'}\n[egg_info]\negg_base = {scratch}\n")
    return {
        "SOURCE_DATE_EPOCH": EPOCH,
        "DIST_EXTRA_CONFIG": str(settings),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def build_error(error: process.ExitError, source: Path, shown: Path, copies: Path) -> ToolError:
    """Return the error of a failed build: the last lines of the backend, with the project's own path.

    `copies` is the folder of the copied work tree, in which `source` may lie.
    """
    text = error.stderr
    if source.is_relative_to(copies):
        original = shown.parents[len(source.relative_to(copies).parts) - 1]
        text = text.replace(str(copies), str(original))
    text = text.replace(str(source), str(shown))
    log.debug("%s", text)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("hint: ")]
    # uv reports its own failure behind the backend's lines.
    end = next((number for number, line in enumerate(lines) if line.startswith(_UV_ERROR)), len(lines))
    said = (
        [line for line in lines[:end] if not line.startswith("Building wheel")] or lines[end + 1 :] or lines
    )
    return ToolError("build-failed", f"{shown} cannot be built: {' | '.join(said[-_LINES_QUOTED:])}")
