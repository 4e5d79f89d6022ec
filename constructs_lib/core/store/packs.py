"""Packs: entries kept in the wheel store, which were compressed or compiled once and are read back afterwards.

    the data of all entries | a table of them, JSON | its length, 8 bytes | the seal of its key and all that, 32 bytes

A pack is only a cache. One that was not written so with this machine's key counts as absent, and a build does not fail
because one cannot be written.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import deflate

from constructs_lib.core.archive.entry import Entry
from constructs_lib.core.errors import StoreError
from constructs_lib.core.fingerprint import fingerprint
from constructs_lib.core.log import trace
from constructs_lib.core.store.store_key import SEAL_SIZE, is_sealed_pack, seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_lib.core.store.wheel_store import WheelStore

PACK_SCHEMA = 1
THREADS = 2
_LENGTH = 8


def pack_key(**inputs: Any) -> str:
    """Return the name of a pack: a hash of all that determines its bytes, with the deflate library's version."""
    return fingerprint(pack=PACK_SCHEMA, deflate=deflate.__version__, **inputs)


def read_pack(store: WheelStore, key: str) -> dict[str, Entry] | None:
    """Return the entries of a pack by their labels; None where there is no such pack."""
    try:
        with store.pack(key).open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if not is_sealed_pack(key, content):
            return None
        body = content[:-SEAL_SIZE]
        table_end = len(body) - _LENGTH
        table_start = table_end - int.from_bytes(body[table_end:], "little")
        return dict(_entries(body, json.loads(bytes(body[table_start:table_end]))))
    except (OSError, ValueError):
        return None


def read_packs(store: WheelStore, keys: Iterable[str]) -> list[dict[str, Entry] | None]:
    """Return `read_pack` of each key, in order; a missing pack may come from the remote store."""
    keys = list(keys)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
        packs = list(pool.map(lambda key: read_pack(store, key), keys))
    missing = [key for key, pack in zip(keys, packs, strict=True) if pack is None]
    trace("the store has %d of %d packs of compiled or compressed files", len(keys) - len(missing), len(keys))
    if store.remote is None or not missing:
        return packs
    from constructs_lib.core.store.sharing import bring_packs  # only where there is a remote store

    bring_packs(store, missing)
    return [read_pack(store, key) if pack is None else pack for key, pack in zip(keys, packs, strict=True)]


def share_packs(store: WheelStore, keys: Iterable[str]) -> None:
    """Offer packs that were written here to the remote store, if there is one."""
    if store.remote is not None:
        from constructs_lib.core.store import sharing  # only where there is a remote store

        sharing.share_packs(store, keys)


def write_pack(store: WheelStore, key: str, entries: Mapping[str, Entry]) -> None:
    """Write `entries` by their labels as the pack of that key."""
    # In the order that `_entries` reads. No named tuple: with thousands of rows it took half as long again.
    table = [
        (label, file.name, file.executable, file.method, file.crc32, file.size, file.origin, len(file.data))
        for label, file in entries.items()
    ]
    encoded = json.dumps(table, separators=(",", ":")).encode()
    pieces = [*(entry.data for entry in entries.values()), encoded, len(encoded).to_bytes(_LENGTH, "little")]
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    sealed = seal(key.encode(), digest.digest())  # a key that is no key is an error, unlike a full disk
    with suppress(StoreError), store.writing() as file:
        file.writelines(pieces)
        file.write(sealed)
        store.keep_pack(file, key)


def _entries(body: memoryview, table: list[list[Any]]) -> Iterable[tuple[str, Entry]]:
    """Yield label and entry of each row of the table; the data follows that of the row before."""
    start = 0
    for label, name, executable, method, crc32, size, origin, length in table:
        end = start + length
        yield label, Entry(name, executable, method, crc32, size, body[start:end], origin)
        start = end
