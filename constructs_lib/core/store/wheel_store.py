"""The wheel store: the one cache there is. Every entry is named by its content, so it is right or absent.

    {root}/v1/files/ab/abcd….whl     a wheel or source distribution, by its sha256
    {root}/v1/built/ab/abcd….json    which wheel a source became, by the hash of all that went into it
    {root}/v1/facts/ab/abcd….json    what was found inside a wheel, by its sha256
    {root}/v1/packs/ab/abcd….pack    files that were compressed or compiled here, by the hash of what they came from
    {root}/v1/tmp/                   what is being written

An entry appears by a rename, so processes that work at once see it whole or not at all; two that write the
same entry write the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from constructs_lib.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "v1"
"""Part of every path: a release that writes another form never reads this one's entries."""
ENVIRONMENT_VARIABLE = "CONSTRUCTS_LIB_STORE"
_LEFT_OVER = 24 * 3600
"""Seconds after which nobody is writing a file any more."""


def default_root() -> Path:
    """The folder that `CONSTRUCTS_LIB_STORE` names, else the user's cache folder."""
    if chosen := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("constructs-lib", appauthor=False)


def _hash_note(note: dict[str, Any]) -> str:
    """A note is not named by its content, so it carries the hash of it."""
    return hashlib.sha256(json.dumps(note, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Usage:
    """How much lies in a store."""

    files: int
    size: int
    """Bytes."""


@dataclass(frozen=True)
class WheelStore:
    """Wheels, source distributions and what is known of them, below `root`."""

    root: Path

    @classmethod
    def default(cls) -> WheelStore:
        return cls(default_root())

    def path(self, sha256: str, suffix: str = ".whl") -> Path:
        """Where the file of that content lies or would lie."""
        return self._entry("files", sha256, suffix)

    def holds(self, sha256: str, suffix: str = ".whl") -> bool:
        """Whether such an entry exists; whether its bytes are right shows when it is used."""
        return self.path(sha256, suffix).is_file()

    def size(self, sha256: str, suffix: str = ".whl") -> int:
        """Bytes of such an entry; 0 where there is none."""
        try:
            return self.path(sha256, suffix).stat().st_size
        except OSError:
            return 0

    def discard(self, sha256: str, suffix: str = ".whl") -> None:
        """Remove an entry whose bytes turned out wrong."""
        with suppress(OSError):
            self.path(sha256, suffix).unlink()

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """A new file beside the entries, gone at the end unless `keep` took it."""
        try:
            folder = self.root / SCHEMA / "tmp"
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder)
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            os.close(handle)
            with Path(name).open("wb") as file:  # by its name, which `keep` asks the file for
                yield file
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            with suppress(OSError):
                Path(name).unlink()

    def sweep(self) -> None:
        """Remove what processes that were killed have left half-written; what is younger may be in use."""
        oldest = time.time() - _LEFT_OVER
        with suppress(OSError):
            for path in (self.root / SCHEMA / "tmp").iterdir():
                with suppress(OSError):
                    if path.stat().st_mtime < oldest:
                        path.unlink()

    def keep(self, file: BinaryIO, sha256: str, suffix: str = ".whl") -> Path:
        """Make a written file, whose content the caller has verified, the entry of that name."""
        file.close()
        return self._rename(Path(file.name), self.path(sha256, suffix))

    def pack(self, key: str) -> Path:
        """Where the pack of that key lies or would lie."""
        return self._entry("packs", key, ".pack")

    def keep_pack(self, file: BinaryIO, key: str) -> None:
        """Make a written file, which holds a hash of itself, the pack of that key."""
        file.close()
        self._rename(Path(file.name), self.pack(key))

    def add(self, path: Path, suffix: str = ".whl") -> str:
        """Copy a file of this machine into the store and return its sha256."""
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        with self.writing() as file:
            file.write(content)
            self.keep(file, sha256, suffix)
        return sha256

    def read_note(self, kind: str, key: str) -> dict[str, Any] | None:
        """A small JSON entry (`built`, `facts`), or None; one that is not as it was written is as good as absent."""
        try:
            written = json.loads(self._entry(kind, key, ".json").read_bytes())
            note: dict[str, Any] = written["note"]
            return note if written["sha256"] == _hash_note(note) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_note(self, kind: str, key: str, note: dict[str, Any]) -> None:
        with self.writing() as file:
            file.write(json.dumps({"note": note, "sha256": _hash_note(note)}, sort_keys=True).encode())
            file.close()
            self._rename(Path(file.name), self._entry(kind, key, ".json"))

    def usage(self) -> Usage:
        """Entries of this release's form, which are all that this release would read or remove."""
        sizes = []
        for path in (self.root / SCHEMA).rglob("*"):
            with suppress(OSError):  # another process may be clearing it
                if path.is_file():
                    sizes.append(path.stat().st_size)
        return Usage(len(sizes), sum(sizes))

    def clear(self) -> Usage:
        """Remove every entry, and say what there was; nothing beside the entries is touched."""
        usage = self.usage()
        try:
            shutil.rmtree(self.root / SCHEMA)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise self._unwritable(error) from None
        return usage

    def _entry(self, kind: str, key: str, suffix: str) -> Path:
        return self.root / SCHEMA / kind / key[:2] / f"{key}{suffix}"

    def _rename(self, source: Path, target: Path) -> Path:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
        except OSError as error:
            raise self._unwritable(error) from None
        return target

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(
            f"the wheel store {self.root} cannot be written: {error.strerror}; "
            f"set {ENVIRONMENT_VARIABLE} to a folder with room"
        )
