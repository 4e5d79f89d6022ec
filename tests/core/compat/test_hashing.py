"""Hex digests by a chosen algorithm."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.compat.hashing import hashes

if TYPE_CHECKING:
    from pathlib import Path


def test_text_bytes_and_files_give_one_digest_which_is_md5(tmp_path: Path) -> None:
    """MD5 is what the metadata of a layer's zip hold."""
    (tmp_path / "f").write_bytes(b"abc")
    md5 = hashlib.md5(b"abc").hexdigest()  # noqa: S324 - compared, not trusted
    assert hashes.of_str("abc") == hashes.of_bytes(b"abc") == hashes.of_file(tmp_path / "f") == md5


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
def test_another_algorithm_is_another_value(algorithm: str) -> None:
    """The value that all share stays as it is."""
    other = getattr(hashes, f"use_{algorithm}")()
    assert other.of_bytes(b"abc") == hashlib.new(algorithm, b"abc").hexdigest()
    assert hashes.algorithm == "md5"
