"""What is derived counts only if it was written with this machine's key."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.errors import StoreError
from constructs_lib.core.store.store_key import KEY_VARIABLE, SEAL_SIZE, is_sealed, seal

if TYPE_CHECKING:
    from pathlib import Path

SEAL = "import sys; from constructs_lib.core.store.store_key import seal; print(seal(b'content').hex())"


def sealed_by_another_process(home: Path) -> str:
    """Return the seal that a program of the user with that home writes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment |= {"HOME": str(home), KEY_VARIABLE: ""}
    return subprocess.run(
        [sys.executable, "-c", SEAL], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_seal_proves_key_and_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another content, another key, or a cut seal is refused."""
    written = seal(b"one", b"two")
    assert len(written) == SEAL_SIZE
    assert is_sealed(written, b"one", b"two")
    assert not is_sealed(written, b"one", b"2")
    assert not is_sealed(written[:-1], b"one", b"two")
    monkeypatch.setenv(KEY_VARIABLE, "another key of the tests")
    assert not is_sealed(written, b"one", b"two")


def test_a_short_key_is_refused_with_a_way_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key itself is not shown."""
    monkeypatch.setenv(KEY_VARIABLE, "hunter2")
    with pytest.raises(StoreError, match="has 7 characters: set a random text of at least 16") as caught:
        seal(b"")
    assert "hunter2" not in str(caught.value)


def test_each_user_has_a_key_that_only_they_can_read(tmp_path: Path) -> None:
    """It is the same in each of their programs, also in those that start at once, and another user has another one."""
    with ThreadPoolExecutor(4) as pool:
        seals = set(pool.map(sealed_by_another_process, [tmp_path / "me"] * 4))
    assert len(seals) == 1
    assert sealed_by_another_process(tmp_path / "me") in seals
    assert sealed_by_another_process(tmp_path / "you") not in seals
    [key] = (path for path in (tmp_path / "me").rglob("*") if path.is_file())
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 100])
def test_a_key_file_that_holds_no_key_is_not_used(tmp_path: Path, content: bytes) -> None:
    """An empty one would seal with what everybody knows; each process then has a key of its own."""
    first = sealed_by_another_process(tmp_path)
    [key] = (path for path in tmp_path.rglob("*") if path.is_file())
    key.write_bytes(content)
    seals = {first, sealed_by_another_process(tmp_path), sealed_by_another_process(tmp_path)}
    assert len(seals) == 3


def test_without_a_home_each_process_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Nothing that is derived is used again then, and nothing fails."""
    (tmp_path / "home").touch()
    assert sealed_by_another_process(tmp_path / "home") != sealed_by_another_process(tmp_path / "home")
