"""The files of locked commits: fetched once by git, and kept in the store as an archive of the work tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from constructs_lib.core.errors import StoreError, ToolError
from constructs_lib.core.log import log
from constructs_lib.core.project.build_backend import read_backend
from constructs_lib.core.project.git_access import RemoteGit, commit_unknown, find_subdirectory
from constructs_lib.core.system.files import reading
from constructs_lib.core.system.signals import unwinding
from constructs_lib.core.wheels.built import build_key
from constructs_lib.core.wheels.fetched_tree import shown_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.core.lock.locked import LockedGit
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore

_KIND = "git"
_SUFFIX = ".tar"
_LFS = b"filter=lfs"
_ALL = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
_NO_OTHER_WAY = frozenset({"git-unreachable", "git-refused"})
"""Failures that another fetch would meet too."""


class Checkout(NamedTuple):
    """A work tree of a locked commit."""

    root: Path
    project: Path
    """The folder of the locked project in it."""


@dataclass(frozen=True)
class GitTrees:
    """The work trees of locked commits."""

    store: WheelStore
    progress: Progress

    @contextmanager
    def checkout(self, locked: LockedGit) -> Iterator[Checkout]:
        """Yield a work tree of the locked commit, which is removed at the end."""
        with unwinding(), tempfile.TemporaryDirectory(prefix="constructs-lib-") as scratch:
            # The last folder's name is shown while the project is built.
            root = Path(scratch).resolve() / "git" / locked.name
            with shown_as(str(locked), root / locked.subdirectory, root):
                self._lay_out(locked, root)
                yield Checkout(root, _project(root, locked))

    def _lay_out(self, locked: LockedGit, root: Path) -> None:
        key = build_key("git tree", locked.url, locked.commit)
        if not self._unpack(key, root) or self._lacks_history(root, locked):
            shutil.rmtree(root, ignore_errors=True)
            what = f"{locked.name} at {locked.commit[:12]}"
            with self.progress.step(f"fetched {what}", f"fetching {what}"):
                self._fetch(locked, root)
            self._pack(key, root)

    @contextmanager
    def project(self, locked: LockedGit) -> Iterator[Path]:
        """Yield the folder of the locked project in such a work tree."""
        with self.checkout(locked) as tree:
            yield tree.project

    def _lacks_history(self, root: Path, locked: LockedGit) -> bool:
        """Return whether the kept tree is too shallow: it was fetched for another project of the repository."""
        return _is_shallow(root) and read_backend(_project(root, locked)).asks_git

    def _fetch(self, locked: LockedGit, root: Path) -> None:
        """Fetch the commit with its submodules; with its history and tags where a backend may ask for them."""
        root.mkdir(parents=True)
        git, commit = RemoteGit(str(locked)), locked.commit
        sha256 = ["--object-format=sha256"] if len(commit) == 64 else []
        git.run(root, "init", "--quiet", "--template=", *sha256)
        git.run(root, "config", "remote.origin.url", locked.url)
        try:
            git.run(root, "fetch", "--quiet", "--depth=1", "--no-tags", "origin", commit)
        except ToolError as error:
            if error.id in _NO_OTHER_WAY:
                raise
            log.debug("%s is fetched whole: %s", locked, error)
            git.run(root, "fetch", "--quiet", "--force", "origin", *_ALL)
        self._check_out(git, root, commit, locked)
        if self._lacks_history(root, locked):
            # The tags of this history follow by themselves when a reference is written.
            reference = f"+{commit}:refs/commit/{commit}"
            git.run(root, "fetch", "--quiet", "--force", "--unshallow", "origin", reference)
        if (root / ".gitmodules").is_file():
            git.run(root, "submodule", "--quiet", "update", "--init", "--recursive")
        _warn_of_pointers(root, locked)
        for path in (root / ".git").rglob("FETCH_HEAD"):
            path.unlink()  # it holds addresses
        _set_plain_modes(root)

    def _check_out(self, git: RemoteGit, root: Path, commit: str, locked: LockedGit) -> None:
        try:
            git.run(root, "cat-file", "-e", f"{commit}^{{commit}}")
        except ToolError:
            raise commit_unknown(str(locked)) from None
        git.run(root, "checkout", "--quiet", "--detach", "--force", commit)
        if git.run(root, "rev-parse", "HEAD").strip() != commit:
            raise commit_unknown(str(locked))

    def _pack(self, key: str, root: Path) -> None:
        """Keep a tree, unless another process has kept one meanwhile that is as deep; a shallower one is replaced."""
        is_shallow = _is_shallow(root)
        note = self.store.read_note(_KIND, key)
        if note is not None and self.store.holds(note["sha256"], _SUFFIX):
            # A note of an earlier release does not have it.
            if is_shallow or not note.get("shallow", True):
                return
        else:
            note = None
        with self.store.writing() as file:
            with tarfile.open(fileobj=file, mode="w:", format=tarfile.PAX_FORMAT) as archive:
                archive.add(root, arcname=".", filter=_without_owner)
            file.flush()
            with Path(file.name).open("rb") as written:
                sha256 = _sha256(written)
            self.store.keep(file, sha256, _SUFFIX)
        self.store.write_note(_KIND, key, {"sha256": sha256, "shallow": is_shallow})
        if note is not None and note["sha256"] != sha256:
            self.store.discard(note["sha256"], _SUFFIX)

    def _unpack(self, key: str, root: Path) -> bool:
        """Unpack a kept tree; return False where there is none that is whole."""
        note = self.store.read_note(_KIND, key)
        if note is None or not self.store.holds(note["sha256"], _SUFFIX):
            return False
        path = self.store.path(note["sha256"], _SUFFIX)
        with reading(path, error=StoreError):
            try:
                file = path.open("rb")
            except FileNotFoundError:  # another process has just replaced it by a deeper one
                return False
            with file:
                if _sha256(file) != note["sha256"]:
                    self.store.discard(note["sha256"], _SUFFIX)
                    return False
                file.seek(0)
                with tarfile.open(fileobj=file, mode="r:") as archive:
                    # The archive was written here. Python 3.10's first releases have no filters.
                    archive.extraction_filter = getattr(tarfile, "tar_filter", None)
                    archive.extractall(root)  # noqa: S202 - see above
        return True


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _project(root: Path, locked: LockedGit) -> Path:
    return find_subdirectory(root, locked.subdirectory, str(locked))


def _is_shallow(root: Path) -> bool:
    return (root / ".git" / "shallow").is_file()


def _warn_of_pointers(root: Path, locked: LockedGit) -> None:
    attributes = root / ".gitattributes"
    if attributes.is_file() and _LFS in attributes.read_bytes():
        log.warning(
            "%s keeps files by Git LFS: they stay pointers in its wheel, as by default with uv", locked
        )


def _set_plain_modes(root: Path) -> None:
    """Give all files and folders the modes of umask 022: a wheel may record them."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        for name in (*folders, *files):
            path = Path(folder, name)
            if not path.is_symlink():
                is_executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if is_executable else 0o644)
