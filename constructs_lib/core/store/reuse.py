"""Compressed files of an installed tree, kept from one build to the next, so that unchanged ones are read back.

There is one pack for each group of files, a distribution for instance, named by their paths and sizes, which are
known before any file is read. Inside it the files are found by the sha256 of their content, so a file is taken from a
pack only if its bytes are the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

from constructs_lib.core.archive.entry import Compression, Entry, compress, level_of
from constructs_lib.core.store.packs import pack_key, read_pack, write_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Executor
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore


class Reuse:
    """The compressed files of one tree, grouped by `owners`; files without an owner by their top folder."""

    def __init__(
        self, store: WheelStore, owners: Mapping[Path, str], compression: Compression = "standard"
    ) -> None:
        self._store = store
        self._owners = owners
        self._level = level_of(compression)
        self._keys: dict[str, str] = {}
        self._kept: dict[str, dict[str, Entry]] = {}
        self._used: dict[str, dict[str, Entry]] = {}

    def open(self, files: Iterable[tuple[Path, int]], pool: Executor) -> None:
        """Read the packs of these files, given with their sizes."""
        groups: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for path, size in files:
            groups[self._group(path)].append((path.as_posix(), size))
        self._keys = {
            group: pack_key(kind="files", level=self._level, files=sorted(rows))
            for group, rows in groups.items()
        }
        packs = pool.map(lambda key: read_pack(self._store, key), self._keys.values())
        self._kept = {group: pack or {} for group, pack in zip(self._keys, packs, strict=True)}
        self._used = {group: {} for group in self._keys}

    def compress(self, path: Path, content: bytes) -> Entry:
        """Return an entry of `content`, compressed now or in an earlier build; its name is arbitrary."""
        group, sha256 = self._group(path), hashlib.sha256(content).hexdigest()
        entry = self._kept[group].get(sha256)
        if entry is None:
            entry = compress("file", content, group, level=self._level)
        self._used[group][sha256] = entry
        return entry

    def keep(self, pool: Executor) -> None:
        """Write the packs of the groups whose files have changed."""
        changed = [group for group, used in self._used.items() if used.keys() != self._kept[group].keys()]
        # `list` waits for all of them, and raises what one raised.
        list(pool.map(lambda group: write_pack(self._store, self._keys[group], self._used[group]), changed))

    def _group(self, path: Path) -> str:
        return self._owners.get(path) or path.parts[0]
