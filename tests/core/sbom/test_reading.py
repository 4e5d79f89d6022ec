"""The contents of a layer, read from its SBOM or a lock file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.core.metadata.core_metadata import WheelMetadata
from constructs_lib.core.sbom.document import Part, Subject, render_sbom
from constructs_lib.core.sbom.reading import Content, read_lock, read_sbom
from constructs_lib.core.target import Target

SHA = "ab" * 32


def test_what_was_written_is_read_back() -> None:
    """Version, hash and size of each; a wheel that was built here has no hash."""
    parts = [
        Part("a", "1.0", SHA, WheelMetadata(), unzipped=30, zipped=10, files=2),
        Part("built", "2", "", WheelMetadata(), unzipped=5, zipped=3, files=1),
    ]
    document = render_sbom(Subject("shop", "1", Target("3.13"), ()), parts)
    assert read_sbom(document) == {"a": Content("1.0", SHA, 30), "built": Content("2", "", 5)}


def test_another_tools_document_is_read() -> None:
    """No sizes, and hashes of other kinds."""
    component: dict[str, Any] = {"name": "a", "version": "1", "hashes": [{"alg": "MD5", "content": "0"}]}
    document = {"bomFormat": "CycloneDX", "components": [component]}
    assert read_sbom(json.dumps(document).encode()) == {"a": Content("1")}
    assert read_sbom(b'{"bomFormat": "CycloneDX"}') == {}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"bomFormat": "SPDX"}', b'{"bomFormat": "CycloneDX", "components": [{"name": "a"}]}'],
)
def test_another_document_is_none(content: bytes) -> None:
    """Its reader decides what that means: an error for a user's file, the lock file instead for a plan."""
    assert read_sbom(content) is None


@pytest.mark.parametrize("size", ["Infinity", "1e999", "9" * 400, f'"{"9" * 400}"', "-5", '"-5"', "NaN"])
def test_a_size_that_no_file_has_is_refused(size: str) -> None:
    """Sums and differences of such a number break where they are printed."""
    row = f'{{"name": "constructs-lib:unzipped", "value": {size}}}'
    component = f'{{"name": "a", "version": "1", "properties": [{row}]}}'
    assert read_sbom(f'{{"bomFormat": "CycloneDX", "components": [{component}]}}'.encode()) is None


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("uv.lock", b'[[package]]\nname = "A_b"\nversion = "1"\n[[package]]\nname = "me"\n', {"a-b": "1"}),
        ("pylock.toml", b'[[packages]]\nname = "a"\nversion = "2"\n', {"a": "2"}),
        (
            "requirements.txt",
            b"# a==0\nA.b==1.0 ; x\nc[d]>=2\n  e == 3\\\n --hash=sha256:0\n",
            {"a-b": "1.0", "e": "3"},
        ),
        ("uv.lock", b"[[package", {}),
        ("uv.lock", b"package = 3", {}),
    ],
    ids=["uv", "pylock", "requirements", "broken", "odd"],
)
def test_any_lock_file_is_read_for_names_and_versions(
    name: str, content: bytes, found: dict[str, str]
) -> None:
    """An unreadable one names nothing: a plan must not fail over an old file."""
    assert {each: held.version for each, held in read_lock(name, content).items()} == found
