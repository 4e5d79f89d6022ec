"""Values of a lock file that would become a path, an address or a line, and are none of these."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.errors import ProjectError
from constructs_lib.core.lock.locked_values import (
    address_of,
    applies,
    archive_or_directory,
    filename_of,
    first_line,
    index_address,
    is_of,
    local_path,
    parse_marker,
    quoted,
    sha256_of,
)
from constructs_lib.core.target import Target

LOCK = Path("/project/pylock.toml")


def refusal(function: object, *arguments: object) -> str:
    with pytest.raises(ProjectError) as caught:
        function(*arguments)  # type: ignore[operator]
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert len(text) < 500
    return text


@pytest.mark.parametrize(
    "digest", ["../../victim", "a" * 63, "a" * 65, "g" * 64, "", "a" * 5000, "a" * 63 + "\n"]
)
def test_a_digest_is_64_hex_digits(digest: str) -> None:
    """Anything else would be a path in the store, or a name that no file can have."""
    assert "it must be 64 hex digits" in refusal(sha256_of, digest, "six", LOCK)


def test_a_digest_is_kept_in_lower_case() -> None:
    assert sha256_of("AB" * 32, "six", LOCK) == "ab" * 32


@pytest.mark.parametrize(
    "name",
    [
        "../six-1.0-py3-none-any.whl",
        "a/b.whl",
        "x.conf",
        "six",
        ".whl",
        "-x.whl",
        "six\n.whl",
        "a%2Fb.whl",
        "x" * 300 + ".whl",
    ],
)
def test_a_file_name_has_no_separator_and_a_known_ending(name: str) -> None:
    assert "neither a wheel nor a source distribution" in refusal(filename_of, name, "six", LOCK)


@pytest.mark.parametrize(
    "name", ["six-1.0+cpu-py3-none-any.whl", "v3.1.tar.gz", "main.zip", "Six_1.0.tar.bz2"]
)
def test_ordinary_names_pass(name: str) -> None:
    assert filename_of(name, "six", LOCK) == name


@pytest.mark.parametrize(
    "url",
    [
        "http://[x",
        "ftp://host/a.whl",
        "https:///a.whl",
        "https://host:port/a",
        "a.whl",
        "https://h/a\nb",
        "file://host/a",
        "",
    ],
)
def test_an_address_can_be_fetched(url: str) -> None:
    assert "has no usable address" in refusal(address_of, url, "six", LOCK)


def test_an_address_of_a_file_is_its_path(tmp_path: Path) -> None:
    """As uv writes it for `--find-links`."""
    path = tmp_path / "a b-1.0.whl"
    assert address_of(path.as_uri(), "six", LOCK) == path
    assert address_of("https://index.example/a.whl#x", "six", LOCK) == "https://index.example/a.whl#x"


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_a_path_can_be_one(path: str, tmp_path: Path) -> None:
    assert "has no usable path" in refusal(local_path, tmp_path, path, "six", LOCK)


def test_a_pipe_or_a_device_is_refused(tmp_path: Path) -> None:
    """Reading one would wait for ever, or fill the memory."""
    os.mkfifo(tmp_path / "six.whl")
    assert "is no regular file" in refusal(local_path, tmp_path, "six.whl", "six", LOCK)
    assert "is no regular file" in refusal(local_path, tmp_path, "/dev/zero", "six", LOCK)


def test_a_file_of_this_machine_needs_no_hash(tmp_path: Path) -> None:
    """Its own is then taken; a folder is a project."""
    (tmp_path / "six-1.0-py3-none-any.whl").write_bytes(b"x")
    manifest = tmp_path / "Pipfile.lock"
    table = archive_or_directory("six-1.0-py3-none-any.whl", frozenset(), "six", manifest, {})
    assert len(table["archive"]["hashes"]["sha256"]) == 64
    assert archive_or_directory("./lib", frozenset(), "six", manifest, {"subdirectory": "a"}) == {
        "directory": {"path": "./lib", "subdirectory": "a"}
    }
    given_hash = archive_or_directory("a.whl", frozenset({"b" * 64}), "six", manifest, {})
    assert given_hash["archive"]["hashes"] == {"sha256": "b" * 64}


def test_markers_are_one_line() -> None:
    """Parsers draw a picture of the place on further lines."""
    assert parse_marker("  ", "six", LOCK) is None
    refusal(parse_marker, "python_version >", "six", LOCK)
    refusal(parse_marker, "(" * 5000, "six", LOCK)
    marker = parse_marker("python_version < '3.13'", "six", LOCK)
    assert marker is not None
    assert applies(marker, Target("3.12"), LOCK)
    odd = parse_marker("sys_platform ~= 'linux'", "six", LOCK)
    assert odd is not None
    assert "cannot be evaluated" in refusal(applies, odd, Target("3.12"), LOCK)


@given(st.text(max_size=3000))
def test_a_quote_is_short_and_one_line(text: str) -> None:
    assert len(quoted(text)) <= 81
    assert len(quoted(text).splitlines()) <= 1
    assert len(first_line(text).splitlines()) <= 1
    assert len(first_line(text)) <= 161


@pytest.mark.parametrize(
    ("filename", "is_its_own"),
    [
        ("a_b-1.0-py3-none-any.whl", True),
        ("a-b-1.tar.gz", True),
        ("a_b-1.0.0.zip", True),
        ("a_b-2.0-py3-none-any.whl", False),
        ("a-1.0.tar.gz", False),
        ("a_b-1.0-py3.12.egg", False),
        ("a_b-1.0.win32.exe", False),
        ("odd.whl", False),
    ],
)
def test_a_file_is_of_a_release(filename: str, is_its_own: bool) -> None:
    """By normalized name and version; eggs and installers are nothing that can be installed."""
    assert is_of(filename, "a-b", "1.0") is is_its_own


def test_a_quoted_value_has_no_password() -> None:
    assert quoted("https://bob:secret@h.example/") == "'https://****@h.example/'"


@pytest.mark.parametrize("url", ["http://[x", "${BROKEN}/simple"])
def test_an_index_without_a_usable_address_is_empty(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKEN", "http://[x")
    assert index_address(url) == ""
