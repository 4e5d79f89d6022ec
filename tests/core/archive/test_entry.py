"""One file of an archive: its name, and its bytes as the archive holds them."""

from __future__ import annotations

import unicodedata
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.archive.entry import DEFLATED, STORED, compress, safe_name
from constructs_lib.core.errors import WheelError

REFUSED = [
    ("/etc/passwd", "is absolute"),
    ("C:/x", "is absolute"),
    ("c:x", "is absolute"),
    ("", "is absolute|has an empty"),
    ("a//b", "has an empty or dotted part"),
    ("a/", "has an empty or dotted part"),
    ("./a", "has an empty or dotted part"),
    ("a/../b", "has an empty or dotted part"),
    ("..", "has an empty or dotted part"),
    ("a\\b", "a backslash or a control character"),
    ("a\nb", "a backslash or a control character"),
    ("a\x00b", "a backslash or a control character"),
    ("a\x7f", "a backslash or a control character"),
    ("a\x85", "a backslash or a control character"),
    ("x" * 256, "is longer than Linux accepts"),
    ("é" * 128, "is longer than Linux accepts"),
    ("/".join(["y" * 255] * 16), "is longer than Linux accepts"),
    ("a\ud800", "is not valid Unicode"),
]


@pytest.mark.parametrize(("name", "why"), REFUSED, ids=[repr(name[:9]) for name, _ in REFUSED])
def test_names_that_could_leave_the_folder_are_refused(name: str, why: str) -> None:
    """The error says whose path it is and what is wrong with it, in one line."""
    with pytest.raises(WheelError, match=why) as caught:
        safe_name(name, "demo.whl")
    assert str(caught.value).startswith("demo.whl: the path ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "name", ["-rf", "a b/c d", "🐍.py", "日本/x", "...", "..a/b", "cc:d/e", "con", "x" * 255]
)
def test_odd_names_that_do_no_harm_are_kept(name: str) -> None:
    """Spaces, a leading dash, emoji and long names come through as they are."""
    assert safe_name(name, "demo.whl") == name


def test_a_name_as_long_as_linux_accepts_is_kept() -> None:
    """4096 bytes with `/opt/`, the folder in a layer and the zero byte at the end; 255 in each part."""
    longest = "/".join(["x" * 255] * 15 + ["y" * (4096 - 6 - 7 - 15 * 256)])
    assert safe_name(longest, "demo.whl", "python/") == f"python/{longest}"
    with pytest.raises(WheelError, match="is longer than Linux accepts"):
        safe_name(f"{longest}y", "demo.whl", "python/")


def test_a_long_name_is_not_printed_whole() -> None:
    with pytest.raises(WheelError) as caught:
        safe_name("x" * 100_000, "demo.whl")
    assert len(str(caught.value)) < 500


def test_names_become_nfc() -> None:
    """MacOS writes decomposed names; the archive is the same as that of a wheel made on Linux."""
    decomposed = unicodedata.normalize("NFD", "über/é.txt")
    assert decomposed != "über/é.txt"
    assert safe_name(decomposed, "x") == "über/é.txt"


@given(st.binary(max_size=4000), st.booleans())
def test_compressed_bytes_come_back(content: bytes, executable: bool) -> None:
    """Size and checksum are those of the content, data is never larger than it, and zlib reads it too."""
    entry = compress("a.txt", content, "demo", executable=executable)
    assert entry.content() == content
    assert (entry.size, entry.crc32, entry.executable) == (len(content), zlib.crc32(content), executable)
    assert len(entry.data) <= len(content)
    if entry.method == DEFLATED:
        assert zlib.decompress(bytes(entry.data), -15) == content


def test_what_does_not_compress_is_stored() -> None:
    """An empty file and random bytes are kept as they are."""
    noise = bytes((index * 7919 >> 3) * 31 % 251 for index in range(50))
    assert compress("a", b"", "demo").method == STORED
    assert compress("a", noise, "demo").method == STORED
    assert compress("a", bytes(100), "demo").method == DEFLATED


@pytest.mark.parametrize("change", [{"crc32": 1}, {"size": 99}, {"size": 101}, {"data": b"\xff\xff"}])
def test_content_that_is_not_as_promised_is_an_error(change: dict[str, object]) -> None:
    """A wrong checksum, a wrong size in either direction and broken data are all noticed."""
    entry = compress("a.txt", bytes(100), "demo.whl")
    assert entry.method == DEFLATED
    with pytest.raises(WheelError, match=r"^demo\.whl: a\.txt (is damaged|cannot be unpacked)"):
        entry._replace(**change).content()  # type: ignore[arg-type]


def test_an_empty_file_that_a_wheel_deflated_is_empty() -> None:
    """Deflate needs two bytes for nothing; unpacking them into nothing is no error."""
    entry = compress("a", b"", "demo")._replace(method=DEFLATED, data=b"\x03\x00")
    assert entry.content() == b""
