"""Wheels that were built, kept in the store under the hash of everything that went into them."""

from __future__ import annotations

import hashlib
import zipfile
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import StoreError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.log import trace
from constructs_lib.core.project.source_files import LeftOut
from constructs_lib.core.store.sharing import bring_files, outdate_note, share_files
from constructs_lib.core.store.store_folder import unreadable_entry
from constructs_lib.core.system.secrets import refuse_secrets
from constructs_lib.core.wheels.wheel import Wheel, open_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from constructs_lib.core.index.credentials import Credentials
    from constructs_lib.core.store.wheel_store import WheelStore

BUILD_SCHEMA = "1"
"""Raised when the same source would become another wheel; part of the key a built wheel is stored under."""
EPOCH = "315532800"  # 1980-01-01, the oldest time a zip can hold; build backends write it into the wheel


class BuiltWheel(NamedTuple):
    """A built wheel in the store."""

    filename: str
    sha256: str
    source: str
    """Its origin, for the fingerprint of a layer: a key of `build_key`, or its `content_key`."""
    left_out: tuple[LeftOut, ...] = ()
    """The project's files that stayed out for a reason worth a note."""

    @property
    def name(self) -> str:
        """The distribution's normalized name."""
        return str(parse_wheel_filename(self.filename)[0])

    @property
    def version(self) -> str:
        return str(parse_wheel_filename(self.filename)[1])

    def open(self, name: str, store: WheelStore) -> Wheel:
        """Return it as a wheel of the distribution `name`, identified by its source."""
        file = LockedFile(name, self.version, self.filename, self.sha256, store.path(self.sha256))
        return replace(open_wheel(file, store, self.source), left_out=self.left_out)


def build_key(*inputs: str) -> str:
    """Return the hash that a built wheel is stored under; `inputs` are all that went into it."""
    return hashlib.sha256("\0".join([BUILD_SCHEMA, *inputs]).encode()).hexdigest()


def read_built(store: WheelStore, key: str) -> BuiltWheel | None:
    """Return the wheel of an earlier build, if it is in the store and whole, or comes so from the remote store."""
    note = store.read_note("built", key)
    if note is None:
        return None
    if not _has_whole(store, note["sha256"]):
        outdate_note(store, "built", key)
        return None
    trace("in the store, built before: %s, key %s", note["filename"], key)
    left_out = [LeftOut(project, reason, tuple(names)) for project, reason, names in note.get("left_out", ())]
    return BuiltWheel(note["filename"], note["sha256"], note["source"], tuple(left_out))


def _has_whole(store: WheelStore, sha256: str) -> bool:
    """Return whether the store has a wheel; one that is absent or damaged is looked for in the remote store."""
    for _ in range(2):
        if not store.holds(sha256) and not any(bring_files(store, [(sha256, ".whl")])):
            return False
        with suppress(StoreError):
            read_verified(store, sha256, ".whl")
            return True
    return False


def note_built(store: WheelStore, key: str, built: BuiltWheel) -> None:
    """Have a wheel of the store found under `key`, also by other machines."""
    # The wheel first: another machine that finds the note looks for it.
    share_files(store, [(built.sha256, ".whl")])
    store.write_note("built", key, built._asdict())


def keep_built(
    store: WheelStore,
    key: str | None,
    wheel: Path,
    source: str | None = None,
    left_out: Iterable[LeftOut] = (),
) -> BuiltWheel:
    """Copy the file `wheel` into the store; it is found again under `key`, which is its `source` by default."""
    built = BuiltWheel(wheel.name, store.add(wheel), source or key or content_key(wheel), tuple(left_out))
    if key is not None:
        note_built(store, key, built)
    return built


def content_key(wheel: Path) -> str:
    """Return a key of a wheel's unpacked files: the same on hosts whose zlib packs them otherwise.

    RECORD is not counted: it stays out of layers, and lists the same files.
    """
    with zipfile.ZipFile(wheel) as archive:
        rows = sorted(
            f"{info.filename}\0{info.external_attr >> 16 & 0o111}\0{hashlib.sha256(archive.read(info)).hexdigest()}"
            for info in archive.infolist()
            if not info.filename.endswith(".dist-info/RECORD")
        )
    return build_key("content", *rows)


def read_verified(store: WheelStore, sha256: str, suffix: str) -> bytes:
    """Read a file of the store; remove it and raise a StoreError if it is damaged."""
    path = store.path(sha256, suffix)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable_entry(path, error) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        store.discard(sha256, suffix)
        raise StoreError(
            "store-damaged",
            f"{path} was damaged and is removed: build again to fetch it anew",
        )
    return content


def refuse_secrets_in_wheel(wheel: Path, credentials: Sequence[Credentials]) -> None:
    """Raise a ProjectError if a file of a built wheel holds a password: it is not kept then."""
    if not credentials:
        return
    secrets = [credential.secret for credential in credentials]
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            refuse_secrets(f"{wheel.name}: {name}", archive.read(name), secrets)
