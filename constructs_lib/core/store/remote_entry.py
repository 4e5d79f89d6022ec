"""The entries of a remote store: the name of each object, and the proof that its bytes are right.

    {prefix}/v1/files/ab/abcd….whl     a file, by its sha256
    {prefix}/v1/built/ab/abcd….json    a note about a wheel that was built, by a hash that only the key's owners can make
    {prefix}/v1/packs/ab/abcd….pack    a pack, by such a hash

The hash of a note's inputs stays secret, since the settings among the inputs may hold a password that could be guessed.
Each key has names of its own: machines with another key never meet these objects.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from constructs_lib.core.store.store_key import hidden_name, is_sealed_note, is_sealed_pack

REMOTE_SCHEMA = "v1"
"""Part of every name: a release with another format never reads the objects of this one."""
FILES, PACKS = "files", "packs"
_LARGEST = 2_000_000_000
_LARGEST_NOTE = 1_000_000


class RemoteEntry(NamedTuple):
    """An entry of the wheel store, as machines share it."""

    kind: str
    """`files`, `packs`, or the kind of a note."""
    key: str
    suffix: str

    @classmethod
    def of_file(cls, sha256: str, suffix: str) -> RemoteEntry:
        return cls(FILES, sha256, suffix)

    @classmethod
    def of_note(cls, kind: str, key: str) -> RemoteEntry:
        return cls(kind, key, ".json")

    @classmethod
    def of_pack(cls, key: str) -> RemoteEntry:
        return cls(PACKS, key, ".pack")

    @property
    def is_derived(self) -> bool:
        """True if only a seal can prove it; a file's own name does."""
        return self.kind != FILES

    @property
    def name(self) -> str:
        """Its object's name below the prefix."""
        name = hidden_name(f"{self.kind}/{self.key}") if self.is_derived else self.key
        return f"{REMOTE_SCHEMA}/{self.kind}/{name[:2]}/{name}{self.suffix}"

    @property
    def largest(self) -> int:
        """Bytes that are received at most."""
        return _LARGEST if self.kind in {FILES, PACKS} else _LARGEST_NOTE

    def is_sound(self, content: memoryview) -> bool:
        """Return whether `content` is this entry as a machine with the same key wrote it, or the file of that name."""
        if self.kind == FILES:
            return hashlib.sha256(content).hexdigest() == self.key
        if self.kind == PACKS:
            return is_sealed_pack(self.key, content)
        return is_sealed_note(f"{self.kind}/{self.key}", content)
