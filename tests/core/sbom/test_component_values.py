"""Values of foreign documents: valid for CycloneDX 1.6, or left out."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL
from packaging.licenses._spdx import LICENSES

from constructs_lib.core.sbom.component_values import (
    address,
    cpe,
    digest,
    expression,
    has_subpath,
    is_license_id,
    one_of,
    purl,
    purl_base,
    rows,
    text,
)
from tests.support.files.boms import HASH


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("zlib", "zlib"),
        ("  a\n\tb ", "a b"),
        (
            "a\x00b\u202ec\ud800",
            "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}",
        ),
        ("see https://me:hunter2@host.example/x", "see https://****@host.example/x"),
        ("é" * 600, "é" * 500),
        (3, ""),
        (None, ""),
        (["zlib"], ""),
    ],
)
def test_a_text_is_one_printable_line(value: object, kept: str) -> None:
    assert text(value) == kept


@given(st.text())
def test_any_text_is_printable_afterwards(value: str) -> None:
    kept = text(value)
    assert kept.isprintable()
    assert kept.encode().decode() == kept


@pytest.mark.parametrize(
    "value",
    [
        "pkg:cargo/wasi@0.14.2+wasi-0.2.4",
        "pkg:cargo/pydantic-core@2.50.5?download_url=file://.",
        "pkg:cargo/pydantic-core@2.50.5?download_url=file://.#src/lib.rs",
        "pkg:rpm/almalinux/libXau@1.0.9-3.el8",
        "pkg:deb/debian/libssl3@1:3.0~rc1?arch=amd64&distro=debian-12",
        "pkg:npm/%40babel/core@7.0.0",
        "pkg:golang/google.golang.org/genproto#googleapis/api/annotations",
        "pkg:generic/openssl@4.0.3?download_url=https://host.example/openssl-4.0.3.tar.gz",
        "pkg:generic/x?vcs_url=git%2Bhttps://git.example/x/y%40abc",
    ],
)
def test_real_purls_are_kept(value: str) -> None:
    assert purl(value) == value
    assert has_subpath(value) == (PackageURL.from_string(value).subpath is not None)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("pkg:generic/x@1?download_url=https://me:hunter2@host.example/x", "pkg:generic/x@1"),
        ("pkg:generic/x@1?download_url=https:%2F%2Fme:hunter2%40host.example/x#lib", "pkg:generic/x@1#lib"),
        ("pkg:generic/x@1?download_url=https://host.example/x?token=abc", "pkg:generic/x@1"),
        ("pkg:generic/https:%2F%2Fme:hunter2%40host.example", ""),
        ("pkg:generic", ""),
        ("pkg:/x", ""),
        ("PKG:generic/x y", ""),
        ("pkg:generic/x@", ""),
        ("pkg:generic/x?a", ""),
        (f"pkg:generic/{'x' * 1000}", ""),
        (3, ""),
    ],
)
def test_other_purls_lose_the_secret_or_all(value: object, kept: str) -> None:
    assert purl(value) == kept


@given(st.from_regex(r"pkg:[A-Za-z.]{1,3}/[%40a-z/@?=&#.:+-]{1,25}", fullmatch=True))
def test_the_purl_library_reads_what_is_kept(value: str) -> None:
    """And it finds the same type, name and version."""
    if kept := purl(value):
        parsed = PackageURL.from_string(kept)
        base = PackageURL.from_string(purl_base(kept))
        assert (parsed.type, parsed.namespace, parsed.name, parsed.version) == base[:4]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://host.example", True),
        ("https://host.example/a/%20b#c", True),
        ("git+https://host.example/a@b", True),
        ("https://me:hunter2@host.example", False),
        ("https://token@host.example/", False),
        ("https://host.example/?token=abc", False),
        ("https://host.example/a b", False),
        ("https://host.example/%zz", False),
        ("https://host.example/<script>", False),
        ("javascript:alert(1)", False),
        ("file:///home/me", False),
        ("../x", False),
        (f"https://host.example/{'a' * 1000}", False),
        (None, False),
    ],
)
def test_addresses(value: object, *, kept: bool) -> None:
    """Without a user name or query, where secrets are."""
    assert address(value) == (value if kept else "")


@pytest.mark.parametrize(
    ("algorithm", "value", "kept"),
    [
        ("SHA-256", HASH, ("SHA-256", HASH)),
        ("SHA-256", HASH.upper(), ("SHA-256", HASH)),
        ("SHA-256", "00", None),
        ("SHA-256", "x" * 64, None),
        ("CRC", HASH, None),
        (["SHA-256"], HASH, None),
        ("SHA-256", 3, None),
    ],
)
def test_hashes(algorithm: object, value: object, kept: object) -> None:
    """A digest of another length is another algorithm's, or cut."""
    assert digest(algorithm, value) == kept


@pytest.mark.parametrize(
    ("value", "spdx"),
    [
        ("mit", "MIT"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("our own", ""),
        ("", ""),
        ("(" * 150 + "MIT" + ")" * 150, ""),
        ("(" * 90 + "MIT" + ")" * 90, "(" * 90 + "MIT" + ")" * 90),
        ("MIT OR " * 60 + "MIT", ""),
    ],
)
def test_expressions(value: str, spdx: str) -> None:
    """One that is too long, or made to break a parser, is no expression."""
    assert expression(value) == spdx


def test_every_license_of_packaging_is_one_of_cyclonedx() -> None:
    """What passes for an `id` is allowed by the schema."""
    schema = json.loads((files("cyclonedx.schema") / "_res" / "spdx.SNAPSHOT.schema.json").read_text())
    identifiers = {expression(row["id"]) for row in LICENSES.values()}
    assert len(identifiers) > 500
    # Old ones such as `GPL-2.0+`, which read like an expression.
    assert all(name.endswith("+") for name in identifiers if not is_license_id(name))
    assert identifiers <= set(schema["enum"])
    assert not is_license_id("LicenseRef-ours")
    assert not is_license_id("MIT OR Zlib")
    assert not is_license_id("")


def test_values_of_a_closed_set_and_names() -> None:
    assert one_of("excluded", frozenset({"excluded"})) == "excluded"
    assert one_of(["excluded"], frozenset({"excluded"}), "none") == "none"
    assert cpe("cpe:/a:openssl:openssl:3") == "cpe:/a:openssl:openssl:3"
    assert cpe(r"cpe:2.3:a:a\:b:c:1:*") == r"cpe:2.3:a:a\:b:c:1:*"
    assert cpe("openssl") == cpe(3) == cpe("cpe:2.3:a: x") == ""


@pytest.mark.parametrize("repeated", [":a", ":\\a", "a/", "a&a=", "%20", "a@", "://"])
def test_a_text_that_was_made_for_it_takes_no_years(repeated: str) -> None:
    """Each pattern can match a letter in one way alone: with two ways, this test would not end."""
    for start in ("cpe:/a", "cpe:2.3:a", "pkg:a/", "pkg:a/a?a=", "pkg:a/a#", "https://h/"):
        value = start + repeated * (450 // len(repeated)) + " "
        assert cpe(value) == purl(value) == address(value) == ""


def test_rows_are_the_first_objects_of_a_list() -> None:
    assert list(rows([{"a": 1}, 3, {"b": 2}], 2)) == [{"a": 1}]
    assert list(rows({"a": 1})) == list(rows(None)) == []
