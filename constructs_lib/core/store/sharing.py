"""Copies of entries between the wheel store and the remote store behind it.

Reading takes one request for each missing entry. Writing follows when the entry is in the wheel store; nobody depends on
it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from constructs_lib.core.errors import StoreError
from constructs_lib.core.log import trace
from constructs_lib.core.store.remote_connection import WORKERS
from constructs_lib.core.store.remote_entry import RemoteEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import BinaryIO

    from constructs_lib.core.store.wheel_store import WheelStore

Item = TypeVar("Item")
Result = TypeVar("Result")
File = tuple[str, str]
"""A file's sha256 and suffix."""


def bring_note(store: WheelStore, kind: str, key: str) -> None:
    """Copy a note into the wheel store, if the remote store has it."""
    _bring(store, RemoteEntry.of_note(kind, key), lambda file: store.keep_note(file, kind, key))


def share_note(store: WheelStore, kind: str, key: str) -> None:
    """Copy a note into the remote store."""
    _share(store, RemoteEntry.of_note(kind, key), store.note(kind, key))


def outdate_note(store: WheelStore, kind: str, key: str) -> None:
    """Have a note of the remote store replaced, since the file that it names is not to be had."""
    if store.remote is not None:
        store.remote.outdate(RemoteEntry.of_note(kind, key))


def bring_files(store: WheelStore, files: Iterable[File]) -> list[bool]:
    """Copy files into the wheel store; return whether each is there now."""
    return _several(partial(_bring_file, store), files)


def share_files(store: WheelStore, files: Iterable[File]) -> None:
    """Copy files into the remote store."""
    _several(lambda file: _share(store, RemoteEntry.of_file(*file), store.path(*file)), files)


def bring_packs(store: WheelStore, keys: Iterable[str]) -> None:
    """Copy packs into the wheel store, if the remote store has them."""

    def bring(key: str) -> bool:
        return _bring(store, RemoteEntry.of_pack(key), lambda file: store.keep_pack(file, key))

    _several(bring, keys)


def share_packs(store: WheelStore, keys: Iterable[str]) -> None:
    """Copy packs into the remote store."""
    _several(lambda key: _share(store, RemoteEntry.of_pack(key), store.pack(key)), keys)


def _bring_file(store: WheelStore, file: File) -> bool:
    sha256, suffix = file
    return _bring(
        store, RemoteEntry.of_file(sha256, suffix), lambda written: store.keep(written, sha256, suffix)
    )


def _bring(store: WheelStore, entry: RemoteEntry, keep: Callable[[BinaryIO], object]) -> bool:
    if store.remote is None:
        return False
    with suppress(StoreError), store.writing() as file:  # a store that cannot be written does without
        is_received = store.remote.receive(entry, file)
        state = "in" if is_received else "not in"
        trace("%s the remote store %s: %s", state, store.remote.address, entry.name)
        if is_received:
            keep(file)
            return True
    return False


def _share(store: WheelStore, entry: RemoteEntry, path: Path) -> None:
    if store.remote is not None:
        store.remote.offer(entry, path)


def _several(do: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    items = list(items)
    if len(items) < 2:
        return [do(item) for item in items]
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="remote") as pool:
        return list(pool.map(do, items))
