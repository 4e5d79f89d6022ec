"""No entry that goes into a product holds a password."""

from __future__ import annotations

import pytest

from constructs_lib.core.archive.entry import compress
from constructs_lib.core.archive.secret import refuse_secret_entries
from constructs_lib.core.errors import ProjectError

SECRET = "hunter2-of-the-index"


def test_an_entry_with_a_secret_is_named() -> None:
    """With its origin; the content is searched unpacked, and the line does not quote it."""
    entries = [compress("a.py", b"x = 1\n" * 50, "shop"), compress("b.py", SECRET.encode() * 50, "shop")]
    with pytest.raises(ProjectError, match=r"^shop: b\.py holds a password") as caught:
        refuse_secret_entries(entries, ["another-secret", SECRET])
    assert SECRET not in str(caught.value)
    refuse_secret_entries(entries[:1], [SECRET])


def test_without_secrets_no_entry_is_unpacked() -> None:
    """A damaged entry would raise."""
    damaged = compress("a.py", b"x = 1\n" * 50, "shop")._replace(crc32=0)
    refuse_secret_entries([damaged], [])
