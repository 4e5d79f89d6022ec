"""The records of a zip, field by field, against what the standard library reads and writes."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from constructs_lib.core.archive import records
from constructs_lib.core.archive.records import (
    MAX_UINT32,
    CentralHeader,
    EndRecord,
    LocalHeader,
    Zip64EndRecord,
    Zip64Locator,
    central_headers,
    descriptors,
    extra_fields,
)
from tests.support.files.odd_zip import OddMember, extra_field, odd_zip, zip64_end

X = OddMember(b"x.py", mode=0o100755, comment=b"why", extra=extra_field(9, b"more"))


def directory(content: bytes) -> tuple[bytes, EndRecord]:
    end = EndRecord.unpack(content, len(content) - records.END.size)
    return content[end.directory_offset :][: end.directory_size], end


@pytest.mark.parametrize(
    ("fields", "struct_format"),
    [
        (LocalHeader, records.LOCAL),
        (CentralHeader, records.CENTRAL),
        (EndRecord, records.END),
        (Zip64EndRecord, records.ZIP64_END),
        (Zip64Locator, records.ZIP64_LOCATOR),
    ],
)
def test_each_format_has_one_value_for_each_named_field(
    fields: type[LocalHeader], struct_format: struct.Struct
) -> None:
    """And as many bytes as the table in the docstring sums up to."""
    assert len(struct_format.unpack(bytes(struct_format.size))) == len(fields._fields)
    sizes = [
        line.rpartition(" bytes")[0].split()[-1]
        for line in (fields.__doc__ or "").splitlines()
        if " bytes" in line
    ]
    assert sum(map(int, sizes)) == struct_format.size


def test_the_fields_are_those_that_the_standard_library_reads() -> None:
    """Each field by its name; both headers of a member, and the end record."""
    content = odd_zip([OddMember(b"a"), X])
    raw_directory, end = directory(content)
    _, (at, header, name, extra) = central_headers(raw_directory, end.member_count)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("x.py")
    assert (name, extra, header.comment_length) == (b"x.py", info.extra, len(info.comment))
    assert raw_directory[at : at + 4] == header.signature == records.CENTRAL_SIGNATURE
    assert (header.flags, header.method, header.date) == (info.flag_bits, info.compress_type, 33)
    assert header.numbers == (info.CRC, info.compress_size, info.file_size) == X.true_numbers
    assert (header.external_attributes, header.offset) == (info.external_attr, info.header_offset)
    assert header.version_made_by == info.create_system << 8 | info.create_version
    local = LocalHeader.unpack(content, header.offset)
    assert local[1:] == header[2:12]  # as the writer and the reader rely on
    assert local.signature == records.LOCAL_SIGNATURE


def test_a_directory_of_several_disks_is_refused() -> None:
    """A member that begins on another disk, and each field of the end record that names one."""
    raw_directory, end = directory(odd_zip([OddMember(b"x", disk=1)]))
    with pytest.raises(ValueError, match=records.SPLIT_ARCHIVE):
        list(central_headers(raw_directory, end.member_count))
    for field in (0, 1, 2):
        content = odd_zip([X], end={field: 7})
        with pytest.raises(ValueError, match=records.SPLIT_ARCHIVE):
            EndRecord.unpack(content, len(content) - records.END.size)


def test_a_directory_that_its_headers_do_not_fill_is_refused() -> None:
    """Another signature, a name beyond the end, more bytes than headers."""
    raw_directory, _ = directory(odd_zip([X]))
    for damaged, problem in (
        (b"PK\3\4" + raw_directory[4:], "is damaged"),
        (raw_directory[:-1], "is damaged"),
        (raw_directory + b"x", "lists more than it counts"),
    ):
        with pytest.raises(ValueError, match=problem):
            list(central_headers(damaged, 1))
    with pytest.raises(struct.error):
        list(central_headers(raw_directory, 2))


def test_zip64_records_are_checked() -> None:
    """Signature, length, disks and both counts of the record; the disks of the locator."""
    good = zip64_end(3, 50, 60, 110)
    record = Zip64EndRecord.unpack(good, 0)
    assert (record.member_count, record.directory_size, record.directory_offset) == (3, 50, 60)
    assert Zip64Locator.unpack(good, records.ZIP64_END.size).record_offset == 110
    for place, value in ((0, b"pk"), (4, b"\1"), (16, b"\1"), (20, b"\1"), (24, b"\2")):
        damaged = good[:place] + value + good[place + len(value) :]
        with pytest.raises(ValueError, match="its zip64 record makes no sense"):
            Zip64EndRecord.unpack(damaged, 0)
    locator = good[records.ZIP64_END.size :]
    for place, value in ((4, b"\1"), (16, b"\2")):
        damaged = locator[:place] + value + locator[place + 1 :]
        with pytest.raises(ValueError, match=records.SPLIT_ARCHIVE):
            Zip64Locator.unpack(damaged, 0)


def test_descriptors_are_longest_first() -> None:
    """With and without a signature; numbers beyond 4 GB have the wide form only."""
    assert [len(descriptor) for descriptor in descriptors(1, 2, 3)] == [24, 20, 16, 12]
    assert [len(descriptor) for descriptor in descriptors(1, 2, MAX_UINT32 + 1)] == [24, 20]
    assert descriptors(1, 2, 3)[-1] == struct.pack("<3L", 1, 2, 3)


def test_extra_fields_are_found_by_their_kind() -> None:
    """Zeros may pad the space behind the last one; a kind that decides nothing may occur twice."""
    extra = extra_field(1, b"one") + extra_field(2, b"") + extra_field(2, b"two")
    assert extra_fields(extra) == extra_fields(extra + b"\0\0\0") == {1: b"one", 2: b"two"}
    assert extra_fields(b"") == {}


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (b"\3\0\4\0cut", "kind 0x0003 is longer than the space for it"),
        (extra_field(3, b"") + b"\3\0\xff", "something follows the extra fields"),
        (extra_field(1, b"") * 2, "kind 0x0001 occurs twice"),
        (extra_field(0x7075, b"a") + extra_field(0x7075, b"b"), "kind 0x7075 occurs twice"),
    ],
)
def test_extra_fields_that_readers_take_differently_are_refused(extra: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        extra_fields(extra)
