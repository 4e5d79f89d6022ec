"""What a lock asks for → wheels at hand: from the store, from the index, or built here."""

from __future__ import annotations

import hashlib
import mmap
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

from constructs_lib.core.errors import ProjectError, StoreError, ToolError
from constructs_lib.core.lock import LockedDirectory, LockedFile
from constructs_lib.core.progress import readable
from constructs_lib.core.wheels.access import Access
from constructs_lib.core.wheels.build import BuiltNote, NativeCodeError, build_directory, build_sdist
from constructs_lib.core.wheels.container import Container, ContainerBuilds
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
    container: Container | None = None,
    access: Access | None = None,
) -> list[Wheel]:
    """Every locked wheel, verified, in the order of `locked`.

    In `container` all source distributions are built, and path dependencies that this machine cannot make a
    pure wheel of. Without one, only what becomes a pure wheel passes.
    `access` says with which credentials the index is asked; without it, with what this machine has.
    `arrived` is called in a worker thread for each wheel that came from the index, while others still come.
    """
    access = access or Access()
    files = [each for each in locked if isinstance(each, LockedFile)]
    if container is None:
        _refuse_without_wheel(files, target)
    wheels = _complete(files, store, progress, arrived, access)
    wheels |= _open_all([file for file in files if file.name not in wheels], store)
    damaged = [file for file in files if file.name not in wheels]
    if damaged:
        progress.say(f"{len(damaged)} damaged files in the store are fetched again: {_names(damaged)}")
        wheels |= _complete(damaged, store, progress, arrived, access)
        wheels |= {file.name: _open(file, store) for file in damaged if file.name not in wheels}
    builds = ContainerBuilds(container, target, store, progress, access.credentials) if container else None
    for each in locked:
        if isinstance(each, LockedDirectory) or not each.is_wheel:
            note = _build(each, store, target, progress, builds, access)
            wheels[each.name] = _built(each.name, note, store, target)
    return [wheels[each.name] for each in locked]


def _refuse_without_wheel(files: Iterable[LockedFile], target: Target) -> None:
    for file in files:
        if file.no_wheel and not file.is_wheel:
            msg = (
                f"{file.no_wheel}. Lock another version, choose another runtime or architecture, or let its source "
                f"distribution be built in a container: container=True ({target.build_image}, needs Docker)"
            )
            raise ProjectError(msg)


def _build(
    locked: Locked,
    store: WheelStore,
    target: Target,
    progress: Progress,
    builds: ContainerBuilds | None,
    access: Access,
) -> BuiltNote:
    """A wheel from sources. A container builds every source distribution, but a path dependency only if it must.

    Path dependencies are the person's own and mostly pure Python, which needs no Docker.
    """
    try:
        if isinstance(locked, LockedDirectory):
            return build_directory(locked.directory, store, progress, access=access)
        return builds.sdist(locked) if builds else build_sdist(locked, store, progress, access)
    except NativeCodeError as error:
        if builds and isinstance(locked, LockedDirectory):
            return builds.directory(locked, str(parse_wheel_filename(error.filename)[1]))
        msg = f"{error}. Let it be built in a container: container=True ({target.build_image}, needs Docker)"
        raise ProjectError(msg) from None
    except ToolError:
        if builds and isinstance(locked, LockedDirectory):
            return builds.directory(locked)  # this machine may lack a compiler
        raise


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
    files: Iterable[LockedFile],
    store: WheelStore,
    progress: Progress,
    arrived: Callable[[Wheel], object],
    access: Access,
) -> dict[str, Wheel]:
    """Fetch what the store lacks; what came, by name: it was verified on arrival and need not be again."""
    missing = [file for file in files if not store.holds(file.sha256, file.suffix)]
    fetched: dict[str, Wheel] = {}
    if not missing:
        return fetched

    def tell(file: LockedFile) -> None:
        wheel = fetched[file.name] = _map(file, store)
        if file.is_wheel:
            arrived(wheel)

    with progress.step(f"fetched {len(missing)} files") as step:
        fetch(missing, store, tell, access)
        size = sum(store.path(file.sha256, file.suffix).stat().st_size for file in missing)
        step.add(readable(size))
    return fetched


def _open_all(files: Sequence[LockedFile], store: WheelStore) -> dict[str, Wheel]:
    """Those that are as they should be, by name; the others are discarded."""

    def verified(file: LockedFile) -> Wheel | None:
        try:
            return _open(file, store)
        except StoreError:
            store.discard(file.sha256, file.suffix)
            return None

    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
        opened = pool.map(verified, files)
        return {file.name: wheel for file, wheel in zip(files, opened, strict=True) if wheel}


def _open(file: LockedFile, store: WheelStore, identity: str | None = None) -> Wheel:
    """Map a stored wheel and verify it; a StoreError says that its bytes are not what its name promises."""
    wheel = _map(file, store, identity)
    if hashlib.sha256(wheel.content).hexdigest() != file.sha256:
        path = store.path(file.sha256, file.suffix)
        msg = f"{path} ({file.filename}) is damaged: delete it, it will be fetched again"
        raise StoreError(msg)
    return wheel


def _map(file: LockedFile, store: WheelStore, identity: str | None = None) -> Wheel:
    path = store.path(file.sha256, file.suffix)
    try:
        with path.open("rb") as stored:
            content = memoryview(mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {error}"
        raise StoreError(msg) from None
    return Wheel(file.name, file.version, file.filename, file.sha256, identity or file.sha256, content)


def _names(files: Sequence[LockedFile]) -> str:
    return ", ".join(file.filename for file in files)
