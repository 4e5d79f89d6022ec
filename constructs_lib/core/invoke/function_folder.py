"""The file system of a function, in a folder: its code, its layers and the packages that Lambda's runtime has."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from constructs_lib.core.archive.extract import extract_all
from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.signals import unwinding
from constructs_lib.core.target import BROUGHT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LAYER, CODE, RUNTIME = "opt", "var/task", "var/runtime"
"""Where Lambda has layers, the function's code, and its own packages."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""The errors of `zipfile` for a zip that is none, has a damaged file, or is encrypted."""


class FunctionPart(NamedTuple):
    """A zip, and the folder of Lambda's file system that it is unpacked into."""

    zip: Path
    folder: str
    """`opt`, `var/task` or `var/runtime`."""


class FunctionFolder(NamedTuple):
    """The places of a function that is laid out."""

    root: Path

    @property
    def code(self) -> Path:
        return self.root / CODE

    @property
    def layers(self) -> Path:
        return self.root / LAYER

    @property
    def runtime(self) -> Path:
        return self.root / RUNTIME

    @property
    def runtime_packages(self) -> Path:
        return self.runtime / "python"

    @property
    def home(self) -> Path:
        """An empty home, which keeps configuration files of this machine away."""
        return self.root / "home"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"


@contextmanager
def laid_out(parts: Sequence[FunctionPart]) -> Iterator[FunctionFolder]:
    """Unpack the parts into a temporary folder, which is removed when the block ends.

    The code and the layers cannot be written to, as in Lambda, unless the user is root.
    """
    prefix = "constructs-lib-invoke-"
    with unwinding(), tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        # Resolved: Python resolves the paths of frames, and macOS' folder is behind a link.
        folder = FunctionFolder(Path(name).resolve())
        try:
            _fill(folder, parts)
            yield folder
        finally:
            _open_folders(folder)


def _fill(folder: FunctionFolder, parts: Sequence[FunctionPart]) -> None:
    try:
        for path in (folder.code, folder.layers, folder.runtime_packages, folder.home, folder.temporary):
            path.mkdir(parents=True)
        for part in parts:
            _unpack(part, folder.root / part.folder)
        _add_runtime_packages(folder.runtime_packages)
        _close(folder)
    except OSError as problem:
        text = f"{folder.root} cannot be written: {problem.strerror or problem}; make room, or set TMPDIR to another folder"
        raise StoreError("file-unwritable", text) from None


def _unpack(part: FunctionPart, folder: Path) -> None:
    try:
        extract_all(part.zip, folder)
    except _DAMAGED as problem:
        raise _invalid(part, problem) from None


def _invalid(part: FunctionPart, problem: Exception) -> ProjectError:
    return ProjectError("archive-invalid", f"{part.zip} is not a zip that can be read: {problem}")


def _close(folder: FunctionFolder) -> None:
    """Take away the rights to write to the code and the layers."""
    for root in (folder.code, folder.layers):
        for place, _, names in os.walk(root):
            for name in names:
                path = Path(place, name)
                path.chmod(path.stat().st_mode & 0o555)
            Path(place).chmod(0o555)


def _open_folders(folder: FunctionFolder) -> None:
    """Give back the rights without which nothing in the folders can be removed."""
    for root in (folder.code, folder.layers):
        for place, _, _ in os.walk(root):
            Path(place).chmod(0o755)


def _add_runtime_packages(folder: Path) -> None:
    """Link boto3 and what it needs from this program's environment, where the parts have not brought them.

    They are pure Python. Where they are not installed here, the function fails as it would without them.
    """
    for module in sorted(BROUGHT.values()):
        spec = find_spec(module)
        if spec is None or spec.origin is None or list(folder.glob(f"{module}*")):
            continue
        path = Path(spec.origin)
        path = path.parent if path.name == "__init__.py" else path
        with suppress(OSError):  # some systems have no links
            (folder / path.name).symlink_to(path)


def find_libraries(parts: Sequence[FunctionPart]) -> list[str]:
    """Return the compiled libraries in the zips, which run on one kind of CPU; refuse parts that are none."""
    names: list[str] = []
    for part in parts:
        if part.folder not in {CODE, LAYER, RUNTIME}:
            text = f"folder is {part.folder!r}, it must be {CODE}, {LAYER} or {RUNTIME}"
            raise ProjectError("option-unknown", text)
        try:
            with reading(part.zip), zipfile.ZipFile(part.zip) as archive:
                names += [name for name in archive.namelist() if _is_library(name.rpartition("/")[2])]
        except _DAMAGED as problem:
            raise _invalid(part, problem) from None
    return names


def _is_library(name: str) -> bool:
    return name.endswith(".so") or ".so." in name
