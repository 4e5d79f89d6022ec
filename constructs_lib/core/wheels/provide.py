"""What a lock asks for → wheels at hand: from the store, from the index, or built here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.progress import readable
from constructs_lib.core.wheels.wheel import Wheel, map_wheel, open_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from constructs_lib.core.index.auth import Access
    from constructs_lib.core.lock.locked import Locked
    from constructs_lib.core.progress import Progress
    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.build_in_container import Container

THREADS = 2
"""Hashing is bound by memory, more threads gain nothing."""


def provide(
    locked: Sequence[Locked],
    store: WheelStore,
    target: Target,
    progress: Progress,
    ready: Callable[[Wheel], object] = lambda _: None,
    container: Container | None = None,
    access: Callable[[], Access] | None = None,
) -> list[Wheel]:
    """Every locked wheel, verified, in the order of `locked`.

    In `container` all source distributions are built, and path dependencies that this machine cannot make a
    pure wheel of. Without one, only what becomes a pure wheel passes.
    `access` makes the credentials that the index is asked with, if it is asked; without it, they are what this
    machine has. `ready` is called once for each wheel, in a worker thread while others are still fetched or verified.
    """
    access = cache(access or _own_access)
    files = [each for each in locked if isinstance(each, LockedFile)]
    if container is None:
        _refuse_without_wheel(files, target)
    wheels = _complete(files, store, progress, ready, access)
    wheels |= _open_all([file for file in files if file.name not in wheels], store, ready)
    damaged = [file for file in files if file.name not in wheels]
    if damaged:
        progress.say(f"{len(damaged)} damaged files in the store are fetched again: {_names(damaged)}")
        wheels |= _complete(damaged, store, progress, ready, access)
        # One that could not be discarded was not fetched either: this says so.
        wheels |= {file.name: open_wheel(file, store) for file in damaged if file.name not in wheels}
    sources = [each for each in locked if not isinstance(each, LockedFile) or not each.is_wheel]
    if sources:
        from constructs_lib.core.wheels.build import Maker

        maker = Maker.of(store, target, progress, access(), container)
        for each in sources:
            wheels[each.name] = maker.wheel(each)
            ready(wheels[each.name])
    return [wheels[each.name] for each in locked]


def _own_access() -> Access:
    from constructs_lib.core.index.auth import Access

    return Access()


def _refuse_without_wheel(files: Iterable[LockedFile], target: Target) -> None:
    for file in files:
        if file.no_wheel and not file.is_wheel:
            msg = (
                f"{file.no_wheel}. Lock another version, choose another runtime or architecture, or let its source "
                f"distribution be built in a container: container=True ({target.build_image}, needs Docker)"
            )
            raise ProjectError(msg)


def _complete(
    files: Iterable[LockedFile],
    store: WheelStore,
    progress: Progress,
    ready: Callable[[Wheel], object],
    access: Callable[[], Access],
) -> dict[str, Wheel]:
    """Fetch what the store lacks; what came, by name: it was verified on arrival and need not be again."""
    missing = [file for file in files if not store.holds(file.sha256, file.suffix)]
    fetched: dict[str, Wheel] = {}
    if not missing:
        return fetched
    from constructs_lib.core.index.fetch import fetch

    def tell(file: LockedFile) -> None:
        wheel = fetched[file.name] = map_wheel(file, store)
        if file.is_wheel:
            ready(wheel)

    with progress.step(f"fetched {len(missing)} files") as step:
        fetch(missing, store, tell, access())
        step.add(readable(sum(store.size(file.sha256, file.suffix) for file in missing)))
    return fetched


def _open_all(
    files: Sequence[LockedFile], store: WheelStore, ready: Callable[[Wheel], object]
) -> dict[str, Wheel]:
    """Those that are as they should be, by name; the others are discarded."""

    def verified(file: LockedFile) -> Wheel | None:
        try:
            wheel = open_wheel(file, store)
        except StoreError:
            store.discard(file.sha256, file.suffix)
            return None
        if file.is_wheel:
            ready(wheel)
        return wheel

    # The largest first, or it would be verified while the other thread has nothing left to do.
    files = sorted(files, key=lambda file: store.size(file.sha256, file.suffix), reverse=True)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
        opened = pool.map(verified, files)
        return {file.name: wheel for file, wheel in zip(files, opened, strict=True) if wheel}


def _names(files: Sequence[LockedFile]) -> str:
    return ", ".join(file.filename for file in files)
