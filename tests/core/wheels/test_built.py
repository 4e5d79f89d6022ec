"""Built wheels in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import ProjectError, StoreError
from constructs_lib.core.index.credentials import Credentials
from constructs_lib.core.wheels.built import (
    build_key,
    keep_built,
    read_built,
    read_verified,
    refuse_secrets_in_wheel,
)
from tests.support.files.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_lib.core.store.wheel_store import WheelStore

KEY = build_key("sdist", "ab")


def test_a_kept_wheel_is_read_again(store: WheelStore, tmp_path: Path) -> None:
    """Under the key of its source, which identifies it."""
    assert read_built(store, KEY) is None
    built = keep_built(store, KEY, make_wheel(tmp_path, version="2.0"))
    assert read_built(store, KEY) == built
    wheel = built.open("demo", store)
    assert (wheel.version, wheel.identity, wheel.built_here) == ("2.0", KEY, True)


def test_a_damaged_wheel_is_as_good_as_absent(store: WheelStore, tmp_path: Path) -> None:
    """It is removed, so that the next build makes it anew."""
    built = keep_built(store, KEY, make_wheel(tmp_path))
    store.path(built.sha256).write_bytes(b"damaged")
    assert read_built(store, KEY) is None
    assert not store.holds(built.sha256)


def test_a_damaged_file_is_removed_and_refused(store: WheelStore, tmp_path: Path) -> None:
    sha256 = store.add(make_wheel(tmp_path))
    store.path(sha256).write_bytes(b"damaged")
    with pytest.raises(StoreError, match="was damaged and is removed: build again"):
        read_verified(store, sha256, ".whl")
    assert not store.holds(sha256)


def test_keys_differ_by_every_input() -> None:
    """Also where the joined texts are the same."""
    assert len({build_key("a", "bc"), build_key("ab", "c"), build_key("a", "b", "c")}) == 3


def test_a_password_in_a_built_wheel_is_refused(tmp_path: Path) -> None:
    """The line names the file in the wheel; without credentials nothing is looked for."""
    wheel = make_wheel(tmp_path, files={"demo.py": b"PASSWORD = 'tweety-and-cat'\n"})
    refuse_secrets_in_wheel(wheel, [])
    with pytest.raises(ProjectError, match=r"demo-1\.0-py3-none-any\.whl: demo\.py holds a password"):
        refuse_secrets_in_wheel(wheel, [Credentials("vault", "https://host", "bob", "tweety-and-cat")])
