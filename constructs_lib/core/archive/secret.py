"""Entries searched for secrets before they are published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.core.system.secrets import refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_lib.core.archive.entry import Entry


def refuse_secret_entries(entries: Iterable[Entry], secrets: Sequence[str]) -> None:
    """Raise a ProjectError that names the first entry with one of `secrets` in it.

    For files of this machine. What comes from an index is, byte for byte, what was locked.
    """
    for entry in entries if secrets else ():
        refuse_secrets(f"{entry.origin}: {entry.name}", entry.content(), secrets)
