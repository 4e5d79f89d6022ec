"""Entries kept in the wheel store: what was compressed or compiled once is read back afterwards.

    the data of all entries | a table of them, JSON | its length, 8 bytes | sha256 of all that, 32 bytes

A pack is a cache and nothing else. One that is not as it was written is as good as absent, and one that cannot be
written is not missed.
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_lib.core.store.wheel_store import WheelStore

PACK_SCHEMA = 1
THREADS = 2
_LENGTH = 8
_HASH = 32


def pack_key(**inputs: Any) -> str:
    """The name of a pack: a hash of all that decides about its bytes, the deflate library's version among it."""
    return fingerprint(pack=PACK_SCHEMA, deflate=deflate.__version__, **inputs)


def read_pack(store: WheelStore, key: str) -> dict[str, Entry] | None:
    """The entries of that pack by the labels they were written with; None where there is none."""
    try:
        with store.pack(key).open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        body = content[:-_HASH]
        if hashlib.sha256(body).digest() != content[-_HASH:]:
            return None
        table_end = len(body) - _LENGTH
        table_start = table_end - int.from_bytes(body[table_end:], "little")
        return dict(_entries(body, json.loads(bytes(body[table_start:table_end]))))
    except (OSError, ValueError):
        return None


def read_packs(store: WheelStore, keys: Iterable[str]) -> list[dict[str, Entry] | None]:
    """`read_pack` of each key, in order."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as pool:
        return list(pool.map(lambda key: read_pack(store, key), keys))


def write_pack(store: WheelStore, key: str, entries: Mapping[str, Entry]) -> None:
    """Keep `entries`, each with a label, as the pack of that key."""
    table = [
        [label, each.name, each.executable, each.method, each.crc32, each.size, each.origin, len(each.data)]
        for label, each in entries.items()
    ]
    encoded = json.dumps(table, separators=(",", ":")).encode()
    digest = hashlib.sha256()
    with suppress(StoreError), store.writing() as file:
        for piece in (
            *(each.data for each in entries.values()),
            encoded,
            len(encoded).to_bytes(_LENGTH, "little"),
        ):
            digest.update(piece)
            file.write(piece)
        file.write(digest.digest())
        store.keep_pack(file, key)


def _entries(body: memoryview, table: list[list[Any]]) -> Iterable[tuple[str, Entry]]:
    start = 0
    for label, name, executable, method, crc32, size, origin, length in table:
        end = start + length
        yield label, Entry(name, executable, method, crc32, size, body[start:end], origin)
        start = end
