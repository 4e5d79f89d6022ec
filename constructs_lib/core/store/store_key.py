"""The key of what is derived: notes and packs of the store count only if they were written with it.

A file from an index is named by its content, so a forged one is found out. What was derived from files (exports,
facts, wheels that were built, compressed members) cannot be checked without deriving it again; it is authenticated
instead, by a key that is not in the store. So a store that others wrote, a restored CI cache for instance, gives files
and nothing else, unless the same key is set there.
"""

from __future__ import annotations

import hashlib
import hmac  # not `secrets`, which takes five times as long to import
import os
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from constructs_lib.core.errors import StoreError
from constructs_lib.core.system.user_folders import user_folder

if TYPE_CHECKING:
    from pathlib import Path

KEY_VARIABLE = "CONSTRUCTS_LIB_STORE_KEY"
KEY_FILE = "store-key"
SEAL_SIZE = 32
"""Bytes."""
_KEY_SIZE = 32
"""Bytes of a key that was made here."""
_SHORTEST = 16
"""Characters of a key that is set: a shorter one could be found by trying."""


def seal(*parts: bytes | memoryview) -> bytes:
    """Return the `SEAL_SIZE` bytes that prove that `parts` were written with this machine's key."""
    digest = hashlib.blake2b(key=_key(), digest_size=SEAL_SIZE)
    for part in parts:
        digest.update(part)
    return digest.digest()


def is_sealed(sealed: bytes | memoryview, *parts: bytes | memoryview) -> bool:
    """Return whether `sealed` is the seal of `parts`."""
    return hmac.compare_digest(bytes(sealed), seal(*parts))


def is_sealed_note(label: str, content: bytes | memoryview) -> bool:
    """Return whether `content`, a seal and a text, was written so under the name `label`."""
    return is_sealed(content[:SEAL_SIZE], label.encode(), content[SEAL_SIZE:])


def is_sealed_pack(key: str, content: memoryview) -> bool:
    """Return whether `content`, a body and its seal, was written so as the pack `key`."""
    return is_sealed(content[-SEAL_SIZE:], key.encode(), hashlib.sha256(content[:-SEAL_SIZE]).digest())


def hidden_name(label: str) -> str:
    """Return 64 hex digits for `label` that tell nothing about it to those without the key."""
    # No note's label begins so, and no pack's key: a name is never the seal of an entry.
    return seal(b"name of ", label.encode()).hex()


def is_key_shared() -> bool:
    """Return whether the key is one that other machines may have too."""
    return bool(os.environ.get(KEY_VARIABLE))


def _key() -> bytes:
    text = os.environ.get(KEY_VARIABLE)
    if not text:
        return _own_key()
    if len(text) < _SHORTEST:
        raise StoreError(
            "store-key-short",
            f"{KEY_VARIABLE} has {len(text)} characters: set a random text of at least {_SHORTEST}, for instance the "
            f"output of 'openssl rand -hex 32'",
        )
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


@lru_cache(maxsize=1)
def _own_key() -> bytes:
    """Return this user's key, made at its first use; one for this process where the home cannot be written."""
    key = os.urandom(_KEY_SIZE)
    try:
        path = user_folder("config") / KEY_FILE
    except OSError:
        return key
    with suppress(OSError):
        if not path.exists():
            _keep_key(path, key)
        content = path.read_bytes()
        # An emptied file would be a key that everybody knows.
        return content if len(content) == _KEY_SIZE else key
    return key


def _keep_key(path: Path, key: bytes) -> None:
    """Write the key, readable by its owner only, unless another process is faster."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{KEY_FILE}-{os.urandom(8).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
        with suppress(FileExistsError):
            os.link(temporary, path)  # unlike a rename it fails where there is a key already
    finally:
        temporary.unlink()
