"""The zips that wheels are: what is read, and what is refused since readers would not agree on it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive.reader import read_members
from constructs_lib.core.errors import WheelError
from tests.support.files.odd_zip import (
    DESCRIPTOR,
    ENCRYPTED,
    IN_ZIP64,
    STORED,
    UTF8,
    OddMember,
    extra_field,
    odd_zip,
    zip64_end,
)
from tests.support.files.wheels import Member, zip_bytes

X = OddMember(b"x.py")
NUMBERS = X.true_numbers
TIMES = b"UT\x05\x00\x03\x00\x00\x00\x00"  # as Info-ZIP writes them


def names(content: bytes) -> list[str]:
    return [member.name for member in read_members(memoryview(content), "demo.whl")]


def unpacked(content: bytes) -> dict[str, bytes]:
    return {
        member.name: zlib.decompress(member.data, -15) if member.method else bytes(member.data)
        for member in read_members(memoryview(content), "demo.whl")
    }


def refusal(content: bytes) -> str:
    with pytest.raises(WheelError) as caught:
        read_members(memoryview(content), "demo.whl")
    text = str(caught.value)
    assert text.startswith("demo.whl is not a zip that can be read: ")
    assert len(text.splitlines()) == 1
    return text.removeprefix("demo.whl is not a zip that can be read: ")


# --- what wheels have and every reader understands -----------------------------------------------------------


def descriptor(form: str, mark: bytes = b"PK\x07\x08") -> OddMember:
    local = {"numbers": (0, 0, 0)}
    return OddMember(b"x.py", flags=DESCRIPTOR, local=local, descriptor=mark + struct.pack(form, *NUMBERS))


def unicode_path(raw: bytes, name: bytes, version: bytes = b"\1") -> bytes:
    """Return Info-ZIP's field with another spelling of a name."""
    return extra_field(0x7075, version + struct.pack("<L", zlib.crc32(raw)) + name)


WIDE = extra_field(1, struct.pack("<2Q", NUMBERS[2], NUMBERS[1]))
READ = {
    "plain": X,
    "stored": OddMember(b"x.py", method=STORED),
    "descriptor": descriptor("<3L"),
    "descriptor-without-signature": descriptor("<3L", b""),
    "descriptor-of-zip64": descriptor("<L2Q"),
    "descriptor-of-zip64-without-signature": descriptor("<L2Q", b""),
    "descriptor-that-repeats-the-header": OddMember(
        b"x.py", flags=DESCRIPTOR, descriptor=struct.pack("<3L", *NUMBERS)
    ),
    "extra-fields-of-two-lengths": OddMember(b"x.py", extra=TIMES, local={"extra": TIMES + b"ux\0\0"}),
    "extra-field-padded-with-zeros": OddMember(b"x.py", extra=TIMES + b"\0\0\0"),
    "unicode-field-that-repeats-the-name": OddMember(b"x.py", extra=unicode_path(b"x.py", b"x.py")),
    "zip64-in-both-headers": OddMember(
        b"x.py",
        numbers=(NUMBERS[0], IN_ZIP64, IN_ZIP64),
        extra=WIDE,
        local={"numbers": (NUMBERS[0], IN_ZIP64, IN_ZIP64)},
    ),
    "descriptor-with-the-true-size": OddMember(
        b"x.py",
        flags=DESCRIPTOR,
        local={"numbers": (0, 0, NUMBERS[2])},
        descriptor=struct.pack("<3L", *NUMBERS),
    ),
    "zip64-with-one-missing-size-in-the-local-header": OddMember(
        b"x.py", local={"numbers": (NUMBERS[0], IN_ZIP64, NUMBERS[2]), "extra": WIDE}
    ),
    "zip64-in-the-local-header": OddMember(
        b"x.py", local={"numbers": (NUMBERS[0], IN_ZIP64, IN_ZIP64), "extra": WIDE}
    ),
    "comment": OddMember(b"x.py", comment=b"PK\1\2 said somebody"),
    "deflate-effort": OddMember(b"x.py", flags=0x2),
}


@pytest.mark.parametrize("member", READ.values(), ids=READ)
def test_odd_members_that_every_reader_understands_are_read(member: OddMember) -> None:
    """Between two others, so that its length is right too; the standard library sees the same."""
    content = odd_zip([OddMember(b"a"), member, OddMember(b"z", method=STORED)])
    found = unpacked(content)
    assert found == dict.fromkeys(("a", "x.py", "z"), X.content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert found == {name: archive.read(name) for name in archive.namelist()}


def test_a_zip_written_to_a_pipe_is_read() -> None:
    """As the standard library writes it: flag, empty sizes, descriptors."""
    members = [("a.py", Member(b"x" * 1000)), ("b.py", Member(b"y", method=zipfile.ZIP_STORED))]
    content = zip_bytes(members, streamed=True)
    assert content[6] & DESCRIPTOR
    assert unpacked(content) == {"a.py": b"x" * 1000, "b.py": b"y"}


def test_zip64_records_of_a_small_zip_are_read() -> None:
    """Some writers always add them; without need, or with the small numbers left empty."""
    size = len(odd_zip([X])) - 22
    place = size
    offset = place - 46 - len(X.name)
    zip64 = zip64_end(1, place - offset, offset, place)
    unused = dict.fromkeys((2, 3), 65535) | {4: IN_ZIP64, 5: IN_ZIP64}
    for end in ({}, unused, {5: IN_ZIP64}):
        assert names(odd_zip([X], zip64=zip64, end=end)) == ["x.py"]


def test_a_zip_that_the_standard_library_made_zip64_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.py", "w", force_zip64=True) as file:
        file.write(b"x = 1")
    assert unpacked(buffer.getvalue()) == {"a.py": b"x = 1"}


def test_a_comment_of_the_zip_is_read_over() -> None:
    """Even the longest."""
    assert names(odd_zip([X], comment=b"x" * 65_535)) == ["x.py"]


def test_members_come_in_the_order_of_their_data() -> None:
    """Whatever order the directory has; folders are among them."""
    first, second = OddMember(b"b.py"), OddMember(b"a/", b"", method=STORED)
    content = odd_zip([first, second])
    cut = content.index(b"PK\1\2")
    headers, end = content[cut:-22], content[-22:]
    split = headers.index(b"PK\1\2", 1)
    assert names(content[:cut] + headers[split:] + headers[:split] + end) == names(content) == ["b.py", "a/"]


@pytest.mark.parametrize(
    ("member", "name"),
    [
        (OddMember("é.py".encode(), flags=UTF8), "é.py"),
        (OddMember("é.py".encode("cp437")), "é.py"),
        (OddMember("é.py".encode()), "├⌐.py"),
        (OddMember("e\u0301.py".encode(), flags=UTF8), "e\u0301.py"),
        (
            OddMember("é.py".encode("cp437"), extra=unicode_path("é.py".encode("cp437"), "é.py".encode())),
            "é.py",
        ),
    ],
    ids=["utf8", "cp437", "utf8-without-flag", "nfd", "unicode-field"],
)
def test_names_are_read_as_the_format_says(member: OddMember, name: str) -> None:
    """UTF-8 with the flag, else cp437, on every Python alike; Info-ZIP's field may repeat the name."""
    assert names(odd_zip([member])) == [name]


# --- what readers do not agree on ----------------------------------------------------------------------------


def local(**other: Any) -> OddMember:
    return OddMember(b"x.py", local=other)


OTHER_NAME = "'x.py' has another name in its Unicode path field"
REFUSED = {
    "encrypted": (OddMember(b"x.py", flags=ENCRYPTED), "'x.py' is encrypted"),
    "encrypted-locally": (local(flags=ENCRYPTED), "'x.py' is encrypted"),
    "strongly-encrypted": (OddMember(b"x.py", flags=0x41), "'x.py' is encrypted"),
    "masked-headers": (OddMember(b"x.py", flags=0x2000), "has flags that are not supported: "),
    "patch": (OddMember(b"x.py", flags=0x20), "has flags that are not supported: "),
    "bzip2": (OddMember(b"x.py", method=12), "'x.py' is compressed by method 12, only deflate is supported"),
    "lzma": (OddMember(b"x.py", method=14), "by method 14"),
    "zstd": (OddMember(b"x.py", method=93), "by method 93"),
    "other-name": (local(name=b"y.py"), "'x.py' is something else in its local header"),
    "name-of-another-length": (local(name=b"xx.py"), "'x.py' is something else"),
    "other-method": (local(method=STORED), "'x.py' is something else"),
    "other-encoding": (
        OddMember("é.py".encode(), flags=UTF8, local={"flags": 0}),
        "'é.py' is something else in its local header",
    ),
    "other-unicode-field": (OddMember(b"x.py", extra=unicode_path(b"x.py", b"y.py")), OTHER_NAME),
    "other-local-unicode-field": (local(extra=unicode_path(b"x.py", b"y.py")), OTHER_NAME),
    "stale-unicode-field": (OddMember(b"x.py", extra=unicode_path(b"w.py", b"w.py")), OTHER_NAME),
    "unicode-field-of-another-version": (
        OddMember(b"x.py", extra=unicode_path(b"x.py", b"y.py", b"\2")),
        OTHER_NAME,
    ),
    "unicode-field-that-is-not-utf8": (OddMember(b"x.py", extra=unicode_path(b"x.py", b"\xff")), OTHER_NAME),
    "empty-unicode-field": (OddMember(b"x.py", extra=extra_field(0x7075, b"")), OTHER_NAME),
    "two-unicode-fields": (
        OddMember(b"x.py", extra=2 * unicode_path(b"x.py", b"x.py")),
        "an extra field of kind 0x7075 occurs twice",
    ),
    "extra-field-longer-than-its-space": (
        OddMember(b"x.py", extra=b"ab\xff\0c"),
        "an extra field of kind 0x6261 is longer than the space for it",
    ),
    "bytes-behind-the-extra-fields": (
        OddMember(b"x.py", extra=TIMES + b"\1\2\3"),
        "something follows the extra fields of a member",
    ),
    "local-extra-field-longer-than-its-space": (local(extra=b"ab\xff\0c"), "is longer than the space for it"),
    "zip64-with-more-than-is-missing": (
        OddMember(b"x.py", numbers=(NUMBERS[0], IN_ZIP64, NUMBERS[2]), extra=WIDE),
        "a zip64 field has more than the sizes that are missing",
    ),
    "two-zip64-fields": (
        OddMember(b"x.py", numbers=(NUMBERS[0], IN_ZIP64, IN_ZIP64), extra=WIDE + WIDE),
        "an extra field of kind 0x0001 occurs twice",
    ),
    "newer-format": (OddMember(b"x.py", needed=64), "'x.py' needs version 6.4 of the format"),
    "true-size-is-another": (
        OddMember(
            b"x.py",
            flags=DESCRIPTOR,
            local={"numbers": (0, 0, NUMBERS[2] + 1)},
            descriptor=struct.pack("<3L", *NUMBERS),
        ),
        "another size or checksum in its local header",
    ),
    "other-checksum": (local(numbers=(1, *NUMBERS[1:])), "another size or checksum in its local header"),
    "other-size": (local(numbers=(*NUMBERS[:2], 1)), "another size or checksum in its local header"),
    "other-packed-size": (
        local(numbers=(NUMBERS[0], NUMBERS[1] - 1, NUMBERS[2])),
        "another size or checksum in its local header",
    ),
    "sizes-before-a-descriptor": (
        OddMember(
            b"x.py", flags=DESCRIPTOR, local={"numbers": (1, 2, 3)}, descriptor=struct.pack("<3L", *NUMBERS)
        ),
        "another size or checksum in its local header",
    ),
    "other-descriptor": (
        OddMember(b"x.py", flags=DESCRIPTOR, descriptor=struct.pack("<3L", 1, 2, 3)),
        "another size or checksum behind its data",
    ),
    "no-descriptor": (OddMember(b"x.py", flags=DESCRIPTOR), "another size or checksum behind its data"),
    "stored-with-two-sizes": (OddMember(b"x.py", method=STORED, numbers=(0, 180, 181)), "has two sizes"),
    "longer-than-the-file": (OddMember(b"x.py", numbers=(NUMBERS[0], 9999, 180)), "another size or checksum"),
    "zip64-without-its-field": (
        OddMember(b"x.py", numbers=(0, IN_ZIP64, 1), local={"numbers": (0, IN_ZIP64, 1)}),
        "it is cut short at 'x.py'",
    ),
    "zip64-in-the-directory-alone": (
        OddMember(b"x.py", numbers=(0, IN_ZIP64, 1)),
        "another size or checksum in its local header",
    ),
    "zip64-without-its-local-field": (
        OddMember(b"x.py", extra=TIMES, local={"numbers": (0, IN_ZIP64, 1), "extra": b""}),
        "a header is cut short",
    ),
    "other-disk": (OddMember(b"x.py", disk=1), "it is one of several disks"),
    "name-that-is-not-utf8": (OddMember(b"\xff.py", flags=UTF8), "codec can't decode"),
}


@pytest.mark.parametrize(("member", "why"), REFUSED.values(), ids=REFUSED)
def test_members_that_readers_see_differently_are_refused(member: OddMember, why: str) -> None:
    """The name is that of the directory."""
    assert why in refusal(odd_zip([OddMember(b"a"), member, OddMember(b"z")]))


def test_overlapping_members_are_refused() -> None:
    """A zip bomb lists one piece of data many times; a quine lists a member inside another one."""
    again = OddMember(b"x.py", offset=0)
    assert "'x.py' overlaps the member before it" in refusal(odd_zip([X, again]))
    assert "'y' overlaps the member before it" in refusal(odd_zip([X, OddMember(b"y", offset=10)]))


def test_bytes_that_belong_to_no_member_are_refused() -> None:
    """Readers that stream take for a member what the directory does not list."""
    hidden = odd_zip([OddMember(b"hidden.py")]).partition(b"PK\1\2")[0]
    member = OddMember(b"x.py", descriptor=hidden)
    assert "'z' does not follow the member before it" in refusal(odd_zip([member, OddMember(b"z")]))
    assert "something between its members and its directory" in refusal(odd_zip([X], between=hidden))
    assert "'x.py' does not follow" in refusal(odd_zip([X], before=hidden))


def test_a_zip_with_something_before_or_behind_it_is_refused() -> None:
    """Self-extracting, appended to another file, cut short, with a second directory."""
    content = odd_zip([X])
    assert "something before it" in refusal(b"#!/usr/bin/python\n" + content)
    assert "something before it" in refusal(odd_zip([OddMember(b"other")]) + content)
    for behind in (b"\0", b"PK\5\6", b"PK\5\6" + bytes(17), b"PK"):
        assert "no end record at its end" in refusal(content + behind)
    assert "several end records" in refusal(odd_zip([X], comment=b"PK\5\6" + bytes(18)))
    assert "something before it or behind its directory" in refusal(odd_zip([X], zip64=b"junk"))
    for length in range(len(content)):
        refusal(content[:length])


END_FIELDS = {
    "disk": ({0: 1}, "several disks"),
    "disk-of-the-directory": ({1: 1}, "several disks"),
    "count-here": ({2: 2}, "several disks"),
    "too-few": ({2: 0, 3: 0}, "lists more than it counts"),
    "too-many": ({2: 2, 3: 2}, "a header is cut short"),
    "size": ({4: 1}, "something before it or behind"),
    "offset": ({5: 1}, "something before it or behind"),
}


@pytest.mark.parametrize(("end", "why"), END_FIELDS.values(), ids=END_FIELDS)
def test_an_end_record_that_makes_no_sense_is_refused(end: dict[int, int], why: str) -> None:
    assert why in refusal(odd_zip([X], end=end))


def test_a_zip64_record_that_makes_no_sense_is_refused() -> None:
    """It says something else than the end record, or it is not where it has to be."""
    place = len(odd_zip([X])) - 22
    offset = place - 50
    good = zip64_end(1, 50, offset, place)
    assert names(odd_zip([X], zip64=good)) == ["x.py"]
    for count, size, at, stands, why in (
        (2, 50, offset, place, "its two end records differ"),
        (1, 49, offset, place, "its two end records differ"),
        (1, 50, 0, place, "its two end records differ"),
        (1, 50, offset, place - 1, "not where it has to be"),
    ):
        assert why in refusal(odd_zip([X], zip64=zip64_end(count, size, at, stands)))
    damaged = good.replace(b"PK\6\6", b"PK\6\0")
    assert "its zip64 record makes no sense" in refusal(odd_zip([X], zip64=damaged))
    two_disks = good[:-4] + struct.pack("<L", 2)
    assert "one of several disks" in refusal(odd_zip([X], zip64=two_disks))


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\5\6" + bytes(17)])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert "there is no end record at its end: it is no zip" in refusal(content)


@settings(max_examples=300)
@given(st.data())
def test_a_zip_with_one_wrong_byte_is_read_alike_or_refused(data: st.DataObject) -> None:
    """Never a traceback, and never a member of another length than its size in the directory."""
    plain = [Member(b"x = 1\n" * 30), Member(b"hello", method=zipfile.ZIP_STORED)]
    streamed = data.draw(st.booleans())
    content = bytearray(zip_bytes(zip(("a.py", "b/c.txt"), plain, strict=True), streamed=streamed))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    try:
        members = read_members(memoryview(bytes(content)), "demo.whl")
    except WheelError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - either outcome is right
    else:
        assert len(members) == 2
        assert [len(member.data) for member in members if not member.method] == [5]
