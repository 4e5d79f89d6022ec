"""The sources that are built in a container: a source distribution, and a project with the work tree around it.

A project is built in a copy of its work tree, whose git directory the container sees as well: its backend finds the
files, folders beside it and versions that it would find in place.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from constructs_lib.core.project.build_backend import reaches_outside
from constructs_lib.core.project.repository import find_work_tree, git_state
from constructs_lib.core.project.secret_files import holds_secrets
from constructs_lib.core.project.source_files import hash_tree
from constructs_lib.core.system.docker.settings import Mount
from constructs_lib.core.wheels.archive_limit import refuse_large_archive
from constructs_lib.core.wheels.build_inputs import BuildInputs
from constructs_lib.core.wheels.build_settings import VERSION_VARIABLES
from constructs_lib.core.wheels.built import build_key, content_key, read_verified
from constructs_lib.core.wheels.distutils_settings import SETTINGS_VARIABLE, write_distutils_settings
from constructs_lib.core.wheels.left_out import note_dropped, tidy_wheel
from constructs_lib.core.wheels.wheel_modules import refuse_without_module
from constructs_lib.core.wheels.work_tree import (
    GIT_DIRECTORY,
    TREE,
    WorkTree,
    copy_work_tree,
    is_environment,
    untracked_files,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.core.lock.locked import LockedDirectory, LockedFile
    from constructs_lib.core.project.source_files import LeftOut
    from constructs_lib.core.store.wheel_store import WheelStore

IN = "/constructs-lib/in"
"""The folder in the container with files for the build; it is read-only."""
_TREE = "/constructs-lib/tree"
_BESIDE = "/constructs-lib/beside"
_SETTINGS = "distutils.cfg"
_ELF = b"\x7fELF"


@dataclass(frozen=True)
class Prepared:
    """A source that lies ready for the container."""

    path: str
    """In the container."""
    mounts: Sequence[Mount] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    handed: Mapping[str, str] = field(default_factory=dict)
    """Variables whose values are in no argument list."""
    needs_git: bool = False


class ContainerSource(Protocol):
    """A source that becomes a wheel in a container."""

    @property
    def name(self) -> str:
        """The distribution's name."""
        ...

    @property
    def place(self) -> Path | str:
        """The file, folder or repository that messages name."""
        ...

    @property
    def key(self) -> tuple[str, ...] | None:
        """The inputs of the build, less its image and target; None for a build that is not kept."""
        ...

    def prepare(self, folder: Path) -> Prepared:
        """Lay the source ready; `folder` is seen as `IN`."""
        ...

    def finish(self, wheel: Path) -> list[LeftOut]:
        """Remove what does not belong into a built wheel."""
        ...

    def identity(self, wheel: Path, key: str | None) -> str | None:
        """Return what a layer's fingerprint takes for the wheel; None is `key`."""
        ...


@dataclass(frozen=True)
class SdistSource:
    """A source distribution in the store."""

    file: LockedFile
    store: WheelStore

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def place(self) -> Path:
        return Path(self.file.filename)

    @property
    def key(self) -> tuple[str, ...]:
        folder = self.file.subdirectory
        return ("sdist", self.file.sha256, folder) if folder else ("sdist", self.file.sha256)

    def prepare(self, folder: Path) -> Prepared:
        content = read_verified(self.store, self.file.sha256, self.file.suffix)
        refuse_large_archive(content, self.file.filename)  # pip in the container has no limit
        (folder / self.file.filename).write_bytes(content)
        path = f"{IN}/{self.file.filename}"
        if subdirectory := self.file.subdirectory:
            path = f"file://{quote(path)}#subdirectory={quote(subdirectory)}"
        return Prepared(path)

    def finish(self, wheel: Path) -> list[LeftOut]:
        del wheel  # a publisher's files are all meant
        return []

    def identity(self, wheel: Path, key: str | None) -> str | None:
        del wheel, key
        return None


@dataclass(frozen=True)
class TreeSource:
    """A project's folder, in a copy of the work tree around it."""

    locked: LockedDirectory
    inputs: BuildInputs
    scratch: Path
    """Where the copy is made."""

    @classmethod
    def of(cls, locked: LockedDirectory, uv_project: Path | None, scratch: Path) -> TreeSource:
        return cls(locked, BuildInputs(locked.directory.resolve(), None, None, uv_project), scratch)

    @property
    def name(self) -> str:
        return self.locked.name

    @property
    def place(self) -> Path:
        return self.inputs.directory

    @cached_property
    def key(self) -> tuple[str, ...] | None:
        if self.inputs.backend.repeatable:
            return ("tree", self.inputs.key)
        if self._links_out:
            return None  # what they lead to may hold anything
        return ("tree", self.inputs.key, self._tree_hash, git_state(self.place))

    def prepare(self, folder: Path) -> Prepared:
        # As on this machine, setuptools must not take along what lies in the project's `build`.
        write_distutils_settings(folder / _SETTINGS, "/tmp")  # noqa: S108 - in the container
        return Prepared(
            f"{_TREE}/{self._copy.relative_to(self.scratch / TREE).as_posix()}",
            self._mounts(),
            {
                SETTINGS_VARIABLE: f"{IN}/{_SETTINGS}",
                "GIT_OPTIONAL_LOCKS": "0",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            {name: value for name, value in os.environ.items() if name.startswith(VERSION_VARIABLES)},
            needs_git=self.inputs.backend.needs_git and find_work_tree(self.place) is not None,
        )

    def finish(self, wheel: Path) -> list[LeftOut]:
        inputs = self.inputs
        dropped = note_dropped(wheel, inputs.choice, inputs.dropped, inputs.dropped_outside)
        left_out = [*tidy_wheel(wheel, inputs.choice), *dropped]
        refuse_without_module(wheel, inputs)
        return left_out

    def identity(self, wheel: Path, key: str | None) -> str | None:
        """Hash the project's files and what the build made of them, less compiled code.

        Compilers need not give the same bytes twice, and another commit need not mean another wheel.
        """
        if key is None:
            return content_key(wheel)
        inputs = self.inputs
        files = [path for path in inputs.files if path not in inputs.ignored]
        whole = "" if inputs.backend.repeatable else self._tree_hash
        return build_key("container tree", hash_tree(self.place, files), whole, wheel.name, _pure_key(wheel))

    @cached_property
    def _copy(self) -> Path:
        """The project in the copied work tree."""
        inputs = self.inputs
        dropped = {self.place / path for path in inputs.dropped} | inputs.dropped_outside
        # Without a work tree around it, a build may reach the folders beside the project.
        with_siblings = find_work_tree(self.place) is None and reaches_outside(self.place)
        tree = WorkTree(
            self.place, dropped | self._private_files, inputs.outside, with_siblings=with_siblings
        )
        return copy_work_tree(tree, self.scratch)

    @property
    def _private_files(self) -> frozenset[Path]:
        """The files for secrets that are in no commit, so that no version depends on them."""
        root = find_work_tree(self.place)
        untracked = untracked_files(root, WorkTree(self.place, outside=self.inputs.outside)) if root else ()
        paths = [self.place / path for path in (self.inputs.ignored if root else self.inputs.files)]
        return frozenset(
            path
            for path in (*untracked, *paths)
            if path.is_file() and holds_secrets(path.parts, path.read_bytes)
        )

    @cached_property
    def _paths(self) -> list[Path]:
        """The files and links of the copied work tree."""
        _ = self._copy
        walked = os.walk(self.scratch / TREE)
        paths = (Path(folder, name) for folder, folders, names in walked for name in (*folders, *names))
        return sorted(path for path in paths if path.is_symlink() or path.is_file())

    @cached_property
    def _links_out(self) -> Mapping[Path, Path]:
        """The links of the copy, with their targets, to what a build may read and what was not copied."""
        around = find_work_tree(self.place) or self.place.parent
        links = {path: path.readlink() for path in self._paths if path.is_symlink()}
        return {
            link: target
            for link, target in links.items()
            if target.is_relative_to(around)
            and (target.is_dir() or target.is_file())
            and not is_environment(target)
        }

    @cached_property
    def _tree_hash(self) -> str:
        """A hash of the whole copy: a backend that is not known may read all of it."""
        tree = self.scratch / TREE
        files = [
            path.relative_to(tree) for path in self._paths if not path.is_symlink() and path.name != ".git"
        ]
        links = [
            (path.relative_to(tree).as_posix(), str(path.readlink()))
            for path in self._paths
            if path.is_symlink()
        ]
        return build_key(hash_tree(tree, files), repr(links))

    def _mounts(self) -> list[Mount]:
        _ = self._copy
        mounts = [Mount(self.scratch / TREE, _TREE, writable=True)]
        git = self.scratch / GIT_DIRECTORY
        if git.is_dir() and sys.platform != "win32":
            # At the same paths as here, since git's files name each other by them.
            common_directory = Path(os.fsdecode((git / "commondir").read_bytes()).strip())
            mounts += [Mount(git, str(git), writable=True), Mount(common_directory, str(common_directory))]
        links = {} if self.inputs.backend.repeatable else self._links_out
        for number, (link, target) in enumerate(links.items()):
            mounts.append(Mount(target, f"{_BESIDE}/{number}"))
            link.unlink()
            link.symlink_to(mounts[-1].target)
        return mounts


def _pure_key(wheel: Path) -> str:
    """Return a key of a wheel's files, less RECORD and code that was compiled."""
    rows = []
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            content = archive.read(info)
            if not content.startswith(_ELF) and not info.filename.endswith(".dist-info/RECORD"):
                rows.append(f"{info.filename}\0{hashlib.sha256(content).hexdigest()}")
    return build_key(*sorted(rows))
