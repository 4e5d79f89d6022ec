"""A document's bytes: which format they are, or one reason why they are not merged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.sbom.foreign_document import UnreadableDocumentError
from constructs_lib.core.sbom.parse_document import parse_document
from tests.support.files.boms import crate, cyclonedx, spdx

OTHER = "only CycloneDX and SPDX 2, both in JSON, are merged"


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(cyclonedx(crate("zlib"))).encode(),
        json.dumps(spdx({"name": "zlib"})).encode(),
        b"\xef\xbb\xbf" + json.dumps(spdx({"name": "zlib"})).encode(),
    ],
    ids=["CycloneDX", "SPDX", "byte order mark"],
)
def test_both_formats_are_read(content: bytes) -> None:
    assert [entry.component.name for entry in parse_document(content).listed] == ["zlib"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", OTHER),
        (b'<?xml version="1.0"?><bom/>', OTHER),
        (b"SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n", OTHER),
        (b'{"@context": "https://spdx.example/rdf/3.0.1", "@graph": []}', OTHER),
        (b'{"spdxVersion": 2}', OTHER),
        (b"[]", OTHER),
        (b"null", OTHER),
        (b'{"bomFormat": ', "it is not JSON: Expecting value: line 1 column 15 (char 14)"),
        (b'{"a": "\xff"}', "it is not UTF-8 at byte 7"),
        ("{}".encode("utf-16"), "it is not UTF-8 at byte 0"),
        (b'{"a":' * 100_000, "its JSON is nested too deeply"),
    ],
    ids=[
        "empty",
        "XML",
        "tag and value",
        "SPDX 3",
        "number",
        "list",
        "null",
        "cut",
        "byte",
        "UTF-16",
        "deep",
    ],
)
def test_anything_else_is_one_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocumentError) as raised:
        parse_document(content)
    assert str(raised.value) == reason


def test_a_number_of_a_million_digits_costs_no_time() -> None:
    """Python refuses it; the reason is one line."""
    with pytest.raises(UnreadableDocumentError, match="it is not JSON: Exceeds the limit"):
        parse_document(b'{"a": ' + b"9" * 1_000_000 + b"}")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_document_or_a_reason(content: bytes) -> None:
    with pytest.raises(UnreadableDocumentError) as raised:
        parse_document(content)
    assert str(raised.value).isprintable()
