"""The wheels of what a lock file installs: read from the store, fetched from the index, or built."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.lock.locked import LockedFile
from constructs_lib.core.log import TRACE, log, trace
from constructs_lib.core.progress import counted, readable
from constructs_lib.core.wheels.wheel import map_wheel, open_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from constructs_lib.core.lock.locked import Locked
    from constructs_lib.core.target import Target
    from constructs_lib.core.wheels.wheel import Wheel
    from constructs_lib.core.wheels.wheel_source import WheelSource

THREADS = 2
"""Hashing is bound by memory, more threads gain nothing."""
_WORTH_THREADS = 8_000_000
"""Bytes of wheels from which on threads save more time than they take: reading zips holds the interpreter's lock."""
_NAMED = 3
"""Damaged files that a line names."""

T = TypeVar("T")


def acquire(locked: Sequence[Locked], source: WheelSource, read: Callable[[Wheel], T]) -> list[T]:
    """Verify, fetch or build the wheel of each locked package, and return what `read` makes of it, in order.

    `read` is called once for each wheel, and may be in a worker thread while others are still fetched or verified.
    """
    files = [package for package in locked if isinstance(package, LockedFile)]
    if source.container is None:
        _refuse_without_wheel(files, source.target)
    acquisition = _Acquisition(source, read)
    acquisition.fetch_missing(files)
    damaged = acquisition.verify([file for file in files if file.name not in acquisition.verified])
    if damaged:
        log.warning("%s fetched again: %s", *_counted_and_named(damaged))
        acquisition.fetch_missing(damaged)
        acquisition.require([file for file in damaged if file.name not in acquisition.verified])
    acquisition.build([package for package in locked if package.name not in acquisition.results])
    return [acquisition.results[package.name] for package in locked]


def _counted_and_named(damaged: Sequence[LockedFile]) -> tuple[str, str]:
    count = len(damaged)
    files = f"{counted(count, 'damaged file')} in the store {'is' if count == 1 else 'are'}"
    names = ", ".join(file.filename for file in damaged[:_NAMED])
    return files, f"{names} and {count - _NAMED} more" if count > _NAMED else names


def _refuse_without_wheel(files: Iterable[LockedFile], target: Target) -> None:
    """Raise for a source distribution with native code: it must not be built on this machine."""
    for file in files:
        if file.no_wheel and not file.is_wheel:
            raise ProjectError(
                "wheel-missing",
                f"{file.no_wheel}. Lock another version, choose another runtime or architecture, or let its source "
                f"distribution be built in a container: container=True ({target.build_image}, needs Docker)",
            )


class _Acquisition(Generic[T]):
    """The packages of one call of `acquire`, on their way from lock to wheel."""

    def __init__(self, source: WheelSource, read: Callable[[Wheel], T]) -> None:
        self._source = source
        self._store = source.store
        self._read = read
        self.results: dict[str, T] = {}
        """By package name, for the wheels that are at hand."""
        self.verified: set[str] = set()
        """Names of the packages whose file is in the store and sound, source distributions among them."""

    def fetch_missing(self, files: Iterable[LockedFile]) -> None:
        """Fetch the files that the store lacks; they are verified on arrival."""
        files = list(files)
        missing = [file for file in files if not self._store.holds(file.sha256, file.suffix)]
        if log.isEnabledFor(TRACE):
            self._trace(files, missing)
        remote = self._store.remote if self._store.remote and self._store.remote.wheels else None
        if remote and missing:
            missing = self._bring(missing)
        if not missing:
            return
        # 100 ms, most of it for requests: only where the store lacks a file.
        from constructs_lib.core.index.fetch import fetch

        sizes = [file.size for file in missing]
        total = 0 if None in sizes else sum(size or 0 for size in sizes)
        what = counted(len(missing), "file")
        with self._source.progress.step(f"fetched {what}", f"fetching {what}", total) as step:
            fetch(missing, self._store, self._accept_fetched, self._source.access, step.advance)
            step.add(readable(sum(self._store.size(file.sha256, file.suffix) for file in missing)))
        if remote:
            from constructs_lib.core.store.sharing import share_files  # only where there is a remote store

            share_files(self._store, [(file.sha256, file.suffix) for file in missing])

    def _trace(self, files: Sequence[LockedFile], missing: Sequence[LockedFile]) -> None:
        trace("the store %s has %d of %d files", self._store.root, len(files) - len(missing), len(files))
        for file in files:
            state = "missing in" if file in missing else "in"
            trace("%s the store: %s, sha256 %s", state, file.filename, file.sha256)

    def _bring(self, files: Sequence[LockedFile]) -> list[LockedFile]:
        """Take files from the remote store; return those that it has not."""
        from constructs_lib.core.store.sharing import bring_files  # only where there is a remote store

        is_here = bring_files(self._store, [(file.sha256, file.suffix) for file in files])
        for file, is_stored in zip(files, is_here, strict=True):
            if is_stored:
                self._accept_fetched(file)
        return [file for file, is_stored in zip(files, is_here, strict=True) if not is_stored]

    def verify(self, files: Sequence[LockedFile]) -> list[LockedFile]:
        """Verify files of the store; discard and return the damaged ones."""
        sizes = {file.name: self._store.size(file.sha256, file.suffix) for file in files}
        if sum(sizes.values()) < _WORTH_THREADS:
            return [file for file in files if not self._is_sound(file)]
        # The largest first, or it would be verified while the other thread has nothing left to do.
        files = sorted(files, key=lambda file: sizes[file.name], reverse=True)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
            sound = pool.map(self._is_sound, files)
            return [file for file, is_sound in zip(files, sound, strict=True) if not is_sound]

    def require(self, files: Iterable[LockedFile]) -> None:
        """Raise a StoreError for a damaged file that could not be discarded, and so was not fetched again."""
        for file in files:
            self._accept(file, open_wheel(file, self._store))

    def build(self, packages: Sequence[Locked]) -> None:
        """Build the wheels of source distributions and projects."""
        if not packages:
            return
        # 16 ms, with the engine for containers: only where something is built.
        from constructs_lib.core.wheels.builder import WheelBuilder

        builder = WheelBuilder.of(self._source)
        for package in packages:
            self.results[package.name] = self._read(builder.build(package))

    def _accept_fetched(self, file: LockedFile) -> None:
        self._accept(file, map_wheel(file, self._store))

    def _is_sound(self, file: LockedFile) -> bool:
        try:
            wheel = open_wheel(file, self._store)
        except StoreError as error:
            if error.id == "store-unreadable":
                raise
            self._store.discard(file.sha256, file.suffix)
            return False
        self._accept(file, wheel)
        return True

    def _accept(self, file: LockedFile, wheel: Wheel) -> None:
        self.verified.add(file.name)
        if file.is_wheel:
            self.results[file.name] = self._read(wheel)
