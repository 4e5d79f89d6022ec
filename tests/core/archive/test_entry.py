"""One file of an archive: its name, and its bytes as the archive holds them."""

from __future__ import annotations

import struct
import unicodedata
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.archive.entry import (
    DEFLATED,
    STORED,
    Entry,
    composed,
    compress,
    quoted,
    safe_name,
    shown,
)
from constructs_lib.core.errors import WheelError
from tests.support.files.checksum import forged_tail

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


def test_a_decomposed_name_is_composed_on_demand_only() -> None:
    """MacOS writes decomposed names, which must give the archive of Linux; those of a wheel are as they are."""
    decomposed = unicodedata.normalize("NFD", "über/é.txt")
    assert decomposed != "über/é.txt"
    assert composed(decomposed) == "über/é.txt"
    assert safe_name(decomposed, "x") == decomposed


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


# --- the end of the stream is the end of the data ------------------------------------------------------------


def packed(content: bytes, behind: bytes = b"") -> Entry:
    """Return an entry whose data goes on behind the deflate stream."""
    packer = zlib.compressobj(wbits=-15)
    data = packer.compress(content) + packer.flush() + behind
    return Entry("a.py", False, DEFLATED, zlib.crc32(content), len(content), data, "demo.whl")


def footer(content: bytes) -> bytes:
    return struct.pack("<2L", zlib.crc32(content), len(content))


BEHIND = {
    "a-byte": b"\0",
    "text": b"GARBAGE",
    "its-own-checksum-and-size": footer(b"x=1"),
    "its-own-checksum-and-size-then-more": footer(b"x=1") + b"GARBAGE",
    "half-of-its-checksum": footer(b"x=1")[:4],
    "a-second-stream": b"\x03\x00",
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
@pytest.mark.parametrize("content", [b"", b"x=1"], ids=["empty", "short"])
def test_bytes_behind_the_deflate_stream_are_refused(content: bytes, behind: bytes) -> None:
    """They would go into the layer without belonging to a file, also where they look like the end of a gzip file."""
    with pytest.raises(
        WheelError, match=rf"^demo\.whl: a\.py ends before .*: {len(behind)} bytes belong to no file"
    ):
        packed(content, behind).content()


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=20), st.booleans())
def test_no_bytes_can_follow_a_stream(content: bytes, behind: bytes, with_footer: bool) -> None:
    """Whatever they are; the stream alone is read."""
    assert packed(content).content() == content
    with pytest.raises(WheelError):
        packed(content, footer(content) * with_footer + behind).content()


@given(st.binary(max_size=200), st.data())
def test_a_damaged_stream_is_read_as_zlib_reads_it(content: bytes, data: st.DataObject) -> None:
    """A stream with one changed byte, or cut short: both read the same bytes to the same end, or both refuse."""
    entry = packed(content)
    stream = bytearray(bytes(entry.data))
    stream[data.draw(st.integers(0, len(stream) - 1))] ^= data.draw(st.integers(0, 255))
    stream = stream[: data.draw(st.integers(0, len(stream)))]
    reader = zlib.decompressobj(wbits=-15)
    try:
        read = reader.decompress(bytes(stream))
    except zlib.error:
        read = None
    is_whole = read is not None and reader.eof and not reader.unused_data
    if read is not None and is_whole:
        crc32, size = zlib.crc32(read), len(read)
    else:
        crc32, size = entry.crc32, entry.size
    changed = entry._replace(data=bytes(stream), crc32=crc32, size=size)
    if is_whole:
        assert changed.content() == read
    else:
        with pytest.raises(WheelError):
            changed.content()


def test_data_that_holds_its_own_checksum_and_size_is_read() -> None:
    """By chance, in the middle of the data or overlapping its end: the slower reader decides."""
    for content in (b"", b"\0" * 8, b"\0" * 40):
        data = b"\x01" + struct.pack("<2H", len(content), len(content) ^ 0xFFFF) + content
        entry = Entry("a", False, DEFLATED, zlib.crc32(content), len(content), data, "demo.whl")
        assert entry.content() == content
    # A stored block whose content is its own checksum and size: solved for the checksum.
    content = self_describing()
    data = b"\x01" + struct.pack("<2H", len(content), len(content) ^ 0xFFFF) + content
    assert footer(content) in data
    entry = Entry("a", False, DEFLATED, zlib.crc32(content), len(content), data, "demo.whl")
    assert entry.content() == content


def self_describing() -> bytes:
    """Return twelve bytes that begin with their own checksum and size: the checksum is affine in its bits."""
    size = struct.pack("<L", 12)
    wanted = 0x1234_5678
    head = struct.pack("<L", wanted) + size
    return head + forged_tail(head, wanted)


def test_a_size_that_the_data_cannot_have_takes_no_memory() -> None:
    """A terabyte that two hundred bytes claim to be: refused before any room is made for it."""
    entry = packed(bytes(1000))._replace(size=1 << 40)
    with pytest.raises(WheelError, match="bytes cannot hold its 1099511627776 bytes"):
        entry.content()
    assert packed(bytes(1_000_000)).content() == bytes(1_000_000)


def test_foreign_texts_are_shown_on_one_line() -> None:
    """Short and plain ones as they are, others in quotes, escaped and cut."""
    assert shown("demo/a b.py") == "demo/a b.py"
    assert shown("a\x1b[31m\n") == quoted("a\x1b[31m\n") == "'a\\x1b[31m\\n'"
    assert len(shown("x" * 10_000)) < 300
