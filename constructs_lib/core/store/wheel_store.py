"""The wheel store, the library's only cache. Every entry is named by its content or sealed, so it is right or absent.

    {root}/v1/files/ab/abcd….whl     a wheel, source distribution or git tree, by its sha256
    {root}/v1/built/ab/abcd….json    the wheel that was built from a source, by the hash of all its inputs
    {root}/v1/git/ab/abcd….json      the tree of a commit, by repository and commit
    {root}/v1/facts/ab/abcd….json    facts about a wheel, by its sha256
    {root}/v1/packs/ab/abcd….pack    files that were compressed or compiled here, by the hash of their inputs
    {root}/v1/tmp/                   files that are being written

An entry appears by a rename, so concurrent processes see it complete or not at all; two that write the same file
write the same bytes, and of two notes with one key each is right. The store does not write by
`system.files.atomic_write`: an entry's name is known only after its content was written, a temporary file must not be
listed among the entries, and a killed process's file is swept. Files have the mode that the umask gives, since a store
may belong to several users.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from constructs_lib.core.errors import StoreError
from constructs_lib.core.store.store_folder import SCHEMA, default_root, unwritable_folder, warn_if_open
from constructs_lib.core.store.store_key import SEAL_SIZE, is_sealed_note, seal
from constructs_lib.core.system.files import mark_in_use, reading, remove_unused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.core.store.remote_store import RemoteStore

REMOTE_VARIABLE = "CONSTRUCTS_LIB_REMOTE_STORE"
SHARED_NOTES = frozenset({"built", "native"})
"""The kinds of notes that the remote store has too: those that spare a build, and hold no address and no path."""
_LEFT_OVER = 24 * 3600
"""Seconds after which a temporary file is no longer being written."""
_KEY = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"\.[0-9A-Za-z]{1,10}")


class Usage(NamedTuple):
    """Number and size of a store's files."""

    files: int
    size: int
    """Bytes."""


@dataclass(frozen=True)
class WheelStore:
    """Wheels, source distributions and notes about them, below `root`."""

    root: Path
    """The folder."""
    remote: RemoteStore | None = None
    """The store behind it that machines share."""

    @classmethod
    def default(cls) -> WheelStore:
        """Return this user's store: the folder that `CONSTRUCTS_LIB_STORE` names, else one in the cache folder."""
        return cls.at(default_root())

    @classmethod
    def at(cls, root: Path) -> WheelStore:
        """Return the store in the folder `root`; a warning if every user of this machine may write it.

        `CONSTRUCTS_LIB_REMOTE_STORE` names the remote store behind it.
        """
        warn_if_open(root)
        remote = None
        if address := os.environ.get(REMOTE_VARIABLE):
            from constructs_lib.core.store.remote_store import RemoteStore  # only for those who set it

            remote = RemoteStore.configured(address, os.environ)
        return cls(root, remote)

    def path(self, sha256: str, suffix: str = ".whl") -> Path:
        """Return the path of the file with that content, whether it exists or not."""
        return self._entry("files", sha256, suffix)

    def holds(self, sha256: str, suffix: str = ".whl") -> bool:
        """Return whether such an entry exists; its bytes are verified when it is used."""
        try:
            return self.path(sha256, suffix).is_file()
        except OSError:  # a folder that this user may not enter
            return False

    def size(self, sha256: str, suffix: str = ".whl") -> int:
        """Return the size of such an entry; 0 where there is none."""
        try:
            return self.path(sha256, suffix).stat().st_size
        except OSError:
            return 0

    def discard(self, sha256: str, suffix: str = ".whl") -> None:
        """Remove an entry whose bytes are wrong."""
        with suppress(OSError):
            self.path(sha256, suffix).unlink()

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """Yield a new file beside the entries; it is removed at the end unless `keep` made it an entry."""
        try:
            folder = self.root / SCHEMA / "tmp"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / os.urandom(12).hex()  # not by `tempfile`, whose files no other user may read
            file = path.open("xb")
        except OSError as error:
            raise unwritable_folder(self.root, error) from None
        mark_in_use(file.fileno())
        try:
            with file:
                yield file
        except OSError as error:
            raise unwritable_folder(self.root, error) from None
        finally:
            with suppress(OSError):
                path.unlink()

    def sweep(self) -> None:
        """Remove half-written files of killed processes; one that a process has open stays, and one of this day."""
        oldest = time.time() - _LEFT_OVER
        with suppress(OSError):
            for path in (self.root / SCHEMA / "tmp").iterdir():
                remove_unused(path, oldest)

    def keep(self, file: BinaryIO, sha256: str, suffix: str = ".whl") -> Path:
        """Make a written file, whose sha256 the caller has verified, the entry of that name."""
        file.close()
        return self._rename(Path(file.name), self.path(sha256, suffix))

    def pack(self, key: str) -> Path:
        """Return the path of the pack of that key, whether it exists or not."""
        return self._entry("packs", key, ".pack")

    def keep_pack(self, file: BinaryIO, key: str) -> None:
        """Make a written file, which ends with its own hash, the pack of that key."""
        file.close()
        self._rename(Path(file.name), self.pack(key))

    def add(self, path: Path, suffix: str = ".whl") -> str:
        """Copy a local file into the store and return its sha256."""
        with reading(path, error=StoreError):
            content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        with self.writing() as file:
            file.write(content)
            self.keep(file, sha256, suffix)
        return sha256

    def read_note(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return a small JSON entry (`built`, `facts`); None unless it was written so with this machine's key."""
        note = self._read_note(kind, key)
        if note is None and self.remote is not None and kind in SHARED_NOTES:
            from constructs_lib.core.store.sharing import bring_note  # only where there is a remote store

            bring_note(self, kind, key)
            note = self._read_note(kind, key)
        return note

    def _read_note(self, kind: str, key: str) -> dict[str, Any] | None:
        try:
            content = self.note(kind, key).read_bytes()
        except OSError:
            return None
        if not is_sealed_note(f"{kind}/{key}", content):
            return None
        note: dict[str, Any] = json.loads(content[SEAL_SIZE:])
        return note

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None:
        """Keep a small JSON value under a hash; a store that cannot be written does without."""
        content = json.dumps(note).encode()
        # Not suppressed: a key that is no key is an error, unlike a full disk.
        sealed = seal(f"{kind}/{key}".encode(), content)
        with suppress(StoreError), self.writing() as file:
            file.write(sealed + content)
            self.keep_note(file, kind, key)
        if self.remote is not None and kind in SHARED_NOTES:
            from constructs_lib.core.store.sharing import share_note  # only where there is a remote store

            share_note(self, kind, key)

    def note(self, kind: str, key: str) -> Path:
        """Return the path of the note of that key, whether it exists or not."""
        return self._entry(kind, key, ".json")

    def keep_note(self, file: BinaryIO, kind: str, key: str) -> None:
        """Make a written file, which begins with its seal, the note of that key."""
        file.close()
        self._rename(Path(file.name), self.note(kind, key))

    def usage(self) -> Usage:
        """Count the entries in this release's format, the only ones that it reads or removes."""
        sizes = []
        for path in (self.root / SCHEMA).rglob("*"):
            with suppress(OSError):  # another process may be clearing it
                if path.is_file():
                    sizes.append(path.stat().st_size)
        return Usage(len(sizes), sum(sizes))

    def prune(self, before: float) -> Usage:
        """Remove the entries that were neither read nor written since that time, and return what they were.

        A reading counts where the file system notes it (`relatime` does once a day).
        """
        sizes = []
        for path in (self.root / SCHEMA).rglob("*"):
            with suppress(OSError):  # another process may be clearing it
                status = path.lstat()
                if stat.S_ISREG(status.st_mode) and max(status.st_atime, status.st_mtime) < before:
                    path.unlink()
                    sizes.append(status.st_size)
        return Usage(len(sizes), sum(sizes))

    def clear(self) -> Usage:
        """Remove every entry and return what there was; nothing beside the entries is touched."""
        import shutil  # 4 ms, with all that it can unpack: a build needs none of it

        usage = self.usage()
        try:
            shutil.rmtree(self.root / SCHEMA)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise unwritable_folder(self.root, error) from None
        return usage

    def _entry(self, kind: str, key: str, suffix: str) -> Path:
        if not _KEY.fullmatch(key) or not _SUFFIX.fullmatch(suffix):
            # Values of a lock file come here: they must not name a place outside of the store.
            raise StoreError("hash-invalid", f"{key[:80]!r} with {suffix[:20]!r} names no file by its sha256")
        return self.root / SCHEMA / kind / key[:2] / f"{key}{suffix}"

    def _rename(self, source: Path, target: Path) -> Path:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
        except OSError as error:
            raise unwritable_folder(self.root, error) from None
        return target
