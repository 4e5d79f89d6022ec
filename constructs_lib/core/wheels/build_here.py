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
from constructs_lib.core.project.repository import git_environment
from constructs_lib.core.system import process
from constructs_lib.core.system.signals import unwinding
from constructs_lib.core.wheels.build_failure import BuildPlace, build_error
from constructs_lib.core.wheels.build_inputs import BuildInputs, surroundings
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
from constructs_lib.core.wheels.distutils_settings import SETTINGS_VARIABLE, write_distutils_settings
from constructs_lib.core.wheels.extension_modules import extensions_of_project, extensions_of_sdist
from constructs_lib.core.wheels.left_out import note_dropped, tidy_wheel
from constructs_lib.core.wheels.wheel_modules import refuse_without_module
from constructs_lib.core.wheels.work_tree import copy_work_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.lock.locked import LockedFile
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore

_SOURCES_NAMED = 3
_OUT = "out"


class NativeCodeError(ProjectError):
    """A source whose wheel holds code that is compiled, or would with a compiler."""

    @classmethod
    def of(cls, name: str, filename: str) -> NativeCodeError:
        """Return the error for the source `name`, which became the wheel `filename`."""
        return cls("native-code", f"{name} became {filename}, which holds code compiled on this machine")

    @classmethod
    def declared(cls, name: str, sources: Sequence[str]) -> NativeCodeError:
        """Return the error for one that declares extension modules: the same whether they were compiled or not."""
        more = f" and {len(sources) - _SOURCES_NAMED} more" if len(sources) > _SOURCES_NAMED else ""
        return cls(
            "native-code",
            f"{name} declares extension modules ({', '.join(sources[:_SOURCES_NAMED])}{more}): a wheel from this "
            f"machine holds code for this machine, or lacks them where there is no compiler",
        )


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
        if extensions := extensions_of_project(directory, inputs.files):
            raise NativeCodeError.declared(directory.name, extensions)
        key = inputs.key if inputs.is_kept else None
        if key and (built_before := self._read(key, directory.name)) is not None:
            return built_before
        with self._scratch(directory.name) as scratch:
            source = directory
            if inputs.needs_copy:
                source = copy_work_tree(inputs.work_tree, scratch)
            wheel = self._build(source, scratch, key, directory)
            left_out = tidy_wheel(wheel, inputs.choice)
            if inputs.needs_copy:
                left_out += note_dropped(wheel, inputs.choice, inputs.dropped, inputs.dropped_outside)
            refuse_without_module(wheel, inputs)
            return keep_built(self.store, key, wheel, content_key(wheel), left_out)

    def sdist(self, file: LockedFile) -> BuiltWheel:
        """Build the wheel of a source distribution that is in the store, unless that declares extension modules."""
        if extensions := self._extensions(file):
            raise NativeCodeError.declared(file.filename, extensions)
        key = build_key("sdist", file.sha256, *surroundings(self.access.project))
        if (built_before := self._read(key, file.filename)) is not None:
            return built_before
        with self._scratch(file.filename) as scratch:
            archive = scratch / file.filename
            archive.write_bytes(read_verified(self.store, file.sha256, file.suffix))
            wheel = self._build(archive, scratch, key, Path(file.filename))
            return keep_built(self.store, key, wheel, content_key(wheel))

    def _extensions(self, file: LockedFile) -> list[str]:
        """Return the sources of a source distribution's extension modules; it is read once."""
        key = build_key("sdist", file.sha256)
        note = self.store.read_note("extensions", key)
        if note is None:
            note = {
                "sources": extensions_of_sdist(
                    read_verified(self.store, file.sha256, file.suffix), file.filename
                )
            }
            self.store.write_note("extensions", key, note)
        return list(note["sources"])

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
            self.progress.step(f"built {name}", f"building {name}"),
            unwinding(),
            tempfile.TemporaryDirectory(prefix="constructs-lib-") as folder,
        ):
            yield Path(folder).resolve()

    def _build(self, source: Path, scratch: Path, key: str | None, shown: Path) -> Path:
        """Build the wheel of `source`, which messages name as `shown`; raise for native code and for secrets."""
        run_uv_build(source, self.access, BuildPlace(source, scratch, shown))
        [wheel] = (scratch / _OUT).glob("*.whl")
        refuse_secrets_in_wheel(wheel, self.access.credentials)
        if {tag.platform for tag in parse_wheel_filename(wheel.name)[-1]} != {"any"}:
            if key is not None:
                self.store.write_note("native", key, {"filename": wheel.name})
            raise NativeCodeError.of(shown.name, wheel.name)
        return wheel


def run_uv_build(source: Path, access: Access, place: BuildPlace) -> None:
    """Build the wheel of `source` into the folder `out` of the scratch folder; nothing is written beside the sources.

    Errors name the project as `place` shows it.
    """
    scratch = place.scratch
    command = ["build", "--wheel", "--no-python-downloads", f"--python={sys.executable}"]
    # Without it uv would not see the project's indexes, and take the build's requirements from PyPI.
    project = [f"--project={access.project}"] if access.project else []
    try:
        process.run(
            [process.find_tool("uv"), *command, *project, f"--out-dir={scratch / _OUT}", str(source)],
            cwd=scratch,
            env={**git_environment(environment(access.credentials)), **_variables(scratch)},
        )
    except process.ExitError as error:
        raise build_error(error.stderr, place) from None
    except process.TimeLimitError as error:
        raise ToolError(error.id, str(error).replace(str(scratch), str(place.shown))) from None


def _variables(scratch: Path) -> dict[str, str]:
    """Return the variables of a build that leaves nothing beside its sources."""
    settings = scratch / "distutils.cfg"
    write_distutils_settings(settings, str(scratch))
    return {
        "SOURCE_DATE_EPOCH": EPOCH,
        SETTINGS_VARIABLE: str(settings),
        # What uv and a backend leave among the temporary files is removed too, also after an interrupt.
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
