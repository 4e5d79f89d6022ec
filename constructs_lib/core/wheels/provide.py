"""What a lock asks for → wheels at hand: from the store, from the index, or built here."""

from __future__ import annotations

import hashlib
import mmap
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.lock import LockedDirectory, LockedFile
from constructs_lib.core.wheels.build import BuiltNote, build_directory, build_sdist
from constructs_lib.core.wheels.fetch import fetch
from constructs_lib.core.wheels.model import Wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from constructs_lib.core.lock import Locked
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.runtime import Target
    from constructs_lib.core.wheels.store import WheelStore

THREADS = 2
"""Hashing is bound by memory, more threads gain nothing."""


def provide(
    locked: Sequence[Locked],
    store: WheelStore,
    target: Target,
    progress: Progress,
    arrived: Callable[[Wheel], object] = lambda _: None,
) -> list[Wheel]:
    """Every locked wheel, verified, in the order of `locked`.

    `arrived` is called in a worker thread for each wheel that came from the index, while others still come.
    """
    files = [each for each in locked if isinstance(each, LockedFile)]
    _complete(files, store, progress, arrived)
    wheels = {file.name: wheel for file, wheel in zip(files, _open_all(files, store), strict=True) if wheel}
    damaged = [file for file in files if file.is_wheel and file.name not in wheels]
    if damaged:
        progress.say(f"{len(damaged)} damaged files in the store are fetched again: {_names(damaged)}")
        _complete(damaged, store, progress, arrived)
        wheels |= {file.name: _open(file, store) for file in damaged}
    for each in locked:
        if isinstance(each, LockedDirectory):
            wheels[each.name] = _built(
                each.name, build_directory(each.directory, store, progress), store, target
            )
        elif not each.is_wheel:
            wheels[each.name] = _built(each.name, build_sdist(each, store, progress), store, target)
    return [wheels[each.name] for each in locked]


def open_built(name: str, note: BuiltNote, store: WheelStore) -> Wheel:
    """The wheel that a build left in the store."""
    version = str(parse_wheel_filename(note["filename"])[1])
    file = LockedFile(name, version, note["filename"], note["sha256"], store.path(note["sha256"]))
    return _open(file, store, note["source"])


def _built(name: str, note: BuiltNote, store: WheelStore, target: Target) -> Wheel:
    if parse_wheel_filename(note["filename"])[-1].isdisjoint(target.tags):
        msg = f"{name} was built here as {note['filename']}, which {target} does not install"
        raise ProjectError(msg)
    return open_built(name, note, store)


def _complete(
    files: Iterable[LockedFile], store: WheelStore, progress: Progress, arrived: Callable[[Wheel], object]
) -> None:
    missing = [file for file in files if not store.holds(file.sha256, file.suffix)]
    if not missing:
        return

    def tell(file: LockedFile) -> None:
        if file.is_wheel:
            arrived(_open(file, store))

    with progress.step(f"fetched {len(missing)} files") as step:
        fetch(missing, store, tell)
        size = sum(store.path(file.sha256, file.suffix).stat().st_size for file in missing)
        step.add(f"{size / 1e6:.1f} MB")


def _open_all(files: Sequence[LockedFile], store: WheelStore) -> list[Wheel | None]:
    def verified(file: LockedFile) -> Wheel | None:
        try:
            return _open(file, store)
        except StoreError:
            store.discard(file.sha256, file.suffix)
            return None

    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
        return list(pool.map(lambda file: verified(file) if file.is_wheel else None, files))


def _open(file: LockedFile, store: WheelStore, identity: str | None = None) -> Wheel:
    """Map a stored wheel and verify it; a StoreError says that its bytes are not what its name promises."""
    path = store.path(file.sha256, file.suffix)
    try:
        with path.open("rb") as stored:
            content = memoryview(mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {error}"
        raise StoreError(msg) from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        msg = f"{path} ({file.filename}) is damaged: delete it, it will be fetched again"
        raise StoreError(msg)
    return Wheel(file.name, file.version, file.filename, file.sha256, identity or file.sha256, content)


def _names(files: Sequence[LockedFile]) -> str:
    return ", ".join(file.filename for file in files)
