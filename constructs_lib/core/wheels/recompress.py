"""The entries of wheels, each as small as its publisher or the deflate library's highest level makes it."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import deflate

from constructs_lib.core.archive.entry import DEFLATED, LEVEL, Entry
from constructs_lib.core.store.packs import pack_key, read_packs, share_packs, write_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from constructs_lib.core.store.wheel_store import WheelStore
    from constructs_lib.core.wheels.wheel import Wheel


def smallest(wheels: Mapping[Wheel, list[Entry]], store: WheelStore) -> list[list[Entry]]:
    """Return the entries of each wheel, recompressed where that is smaller. The store keeps those, by wheel."""
    keys = [
        wheel_pack_key(wheel, entries, kind="wheel", level=LEVEL["smallest"])
        for wheel, entries in wheels.items()
    ]
    packs = dict(zip(keys, read_packs(store, keys), strict=True))
    missing = {key: entries for key, entries in zip(keys, wheels.values(), strict=True) if packs[key] is None}
    smaller = _recompressed([entry for entries in missing.values() for entry in entries])
    for key, entries in missing.items():
        packs[key] = pack = {entry.name: smaller[id(entry)] for entry in entries if id(entry) in smaller}
        write_pack(store, key, pack)
    share_packs(store, missing)
    return [
        [(packs[key] or {}).get(entry.name, entry) for entry in entries]
        for key, entries in zip(keys, wheels.values(), strict=True)
    ]


def _recompressed(entries: Sequence[Entry]) -> dict[int, Entry]:
    """Return the entries that became smaller, by the `id` of the original entry."""
    # The deflate library releases the interpreter's lock. Largest first: no long one is left for the end.
    largest_first = sorted(entries, key=lambda entry: -entry.size)
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="compress") as pool:
        pairs = zip(largest_first, pool.map(_smaller, largest_first), strict=True)
        return {id(entry): smaller for entry, smaller in pairs if smaller is not entry}


def _smaller(entry: Entry) -> Entry:
    packed = bytes(deflate.deflate_compress(entry.content(), LEVEL["smallest"]))
    return entry._replace(method=DEFLATED, data=packed) if len(packed) < len(entry.data) else entry


def wheel_pack_key(wheel: Wheel, entries: Iterable[Entry], **inputs: Any) -> str:
    """Return the key of a pack of these entries of a wheel; a release may take others of the same wheel."""
    names = hashlib.sha256("\n".join(entry.name for entry in entries).encode()).hexdigest()
    return pack_key(wheel=wheel.sha256, names=names, **inputs)
