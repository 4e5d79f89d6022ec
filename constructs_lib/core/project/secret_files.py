"""The files that hold secrets, by their names: they stay out of everything that is published."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FOLDERS = frozenset({".aws", ".ssh"})
_NAMES = frozenset(
    {".env", ".netrc", "_netrc", ".pypirc", "pip.conf", "pip.ini", ".npmrc", ".git-credentials"}
    # The names that ssh-keygen gives to private keys; those of the public halves end in `.pub`.
    | {f"id_{kind}" for kind in ("rsa", "dsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk")}
)
_PATTERNS = re.compile(r"\.env\..+|.+\.(?:key|tfstate|tfstate\.backup)")
# Committed on purpose: the names of the variables without their values.
_TEMPLATES = (".example", ".sample", ".template", ".dist")
_PRIVATE_KEY = b"PRIVATE KEY-----"


def holds_secrets(parts: Sequence[str], read: Callable[[], bytes | bytearray]) -> bool:
    """Return whether a file is one for secrets; `parts` are those of its path, `read` returns its content.

    The content decides only for `*.pem`: certificates are public, and functions bring them along for databases.
    """
    *folders, name = parts
    if not _FOLDERS.isdisjoint(folders) or name in _NAMES:
        return True
    if name == "config.json":
        return ".docker" in folders[-1:]
    if name.endswith(".pem"):
        return _PRIVATE_KEY in read()
    return _PATTERNS.fullmatch(name) is not None and not (
        name.startswith(".env.") and name.endswith(_TEMPLATES)
    )
