"""Our reader of zips beside others: what it accepts, all of them read as the same files."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
import zlib
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive.entry import Entry
from constructs_lib.core.archive.reader import read_members
from constructs_lib.core.errors import WheelError
from tests.support.files.odd_zip import DESCRIPTOR, UTF8, OddMember, deflated, extra_field, odd_zip

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from([b"a.py", b"b/c.txt", "\u00e9.py".encode(), b"\x82.py", b"zipcase/evil.py"])
CONTENTS = st.sampled_from([b"", b"x=1", b"x = 1\n" * 30, bytes(range(256))])
BEHIND = st.sampled_from(
    [b"", b"", b"", b"GARBAGE", b"\0", b"\x03\x00", struct.pack("<2L", zlib.crc32(b"x=1"), 3)]
)
FIELDS = st.lists(
    st.one_of(
        st.just(b"UT\x05\x00\x03\x00\x00\x00\x00"),
        st.just(b"\0\0\0"),
        st.just(b"ab\xff\x00c"),
        st.builds(extra_field, st.sampled_from([1, 0x7075, 0x6375]), st.binary(max_size=24)),
        st.builds(
            lambda raw, name: extra_field(0x7075, b"\1" + struct.pack("<L", zlib.crc32(raw)) + name),
            NAMES,
            NAMES,
        ),
    ),
    max_size=2,
).map(b"".join)


@st.composite
def members(draw: st.DrawFn) -> OddMember:
    """Draw a member that is odd in one or more ways, often the same way in both headers."""
    name, content, flags = draw(NAMES), draw(CONTENTS), draw(st.sampled_from([0, UTF8, DESCRIPTOR]))
    behind = draw(BEHIND)
    numbers = (zlib.crc32(content), len(deflated(content)) + len(behind), len(content))
    local: dict[str, object] = {}
    if draw(st.booleans()):
        local["extra"] = draw(FIELDS)
    descriptor = b""
    if flags & DESCRIPTOR:
        local["numbers"] = tuple(draw(st.sampled_from([0, number, number + 1])) for number in numbers)
        descriptor = struct.pack("<3L", *numbers)
    needed = draw(st.sampled_from([20, 20, 45, 64, 255]))
    return OddMember(
        name,
        content,
        flags=flags,
        extra=draw(FIELDS),
        needed=needed,
        behind_stream=behind,
        local=local,
        descriptor=descriptor,
    )


def ours(content: bytes) -> list[tuple[str, bytes]] | None:
    """Return names and bytes; None for a refused zip."""
    try:
        return [
            (name, bytes(Entry(name, False, method, crc32, size, data, "demo.whl").content()))
            for name, method, crc32, size, _, data in read_members(memoryview(content), "demo.whl")
        ]
    except WheelError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - either outcome is right
        assert len(str(error)) < 500  # noqa: PT017
        return None


def by_zipfile(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(info.orig_filename, archive.read(info)) for info in archive.infolist()]


def by_streaming(content: bytes) -> list[bytes]:
    """Return the contents as a reader finds them that goes from local header to local header, by the streams' ends."""
    contents, at = [], 0
    while content[at : at + 4] == b"PK\3\4":
        flags, name_length, extra_length = struct.unpack_from("<6xH18x2H", content, at)
        stream = zlib.decompressobj(-15)
        start = at + 30 + name_length + extra_length
        contents.append(stream.decompress(content[start:]))
        assert stream.eof
        at = len(content) - len(stream.unused_data) + (12 if flags & DESCRIPTOR else 0)
    assert content[at : at + 4] == b"PK\1\2"
    return contents


@settings(max_examples=400)
@given(st.lists(members(), min_size=1, max_size=3))
def test_what_is_accepted_is_the_same_to_every_reader(drawn: list[OddMember]) -> None:
    """By the directory and by streaming: the same names, the same bytes, and nothing between the streams."""
    content = odd_zip(drawn)
    files = ours(content)
    if files is not None:
        assert files == by_zipfile(content)
        assert [data for _, data in files] == by_streaming(content)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(members(), min_size=1, max_size=3, unique_by=lambda member: member.name))
def test_info_zip_reads_the_same_files(tmp_path: Path, drawn: list[OddMember]) -> None:
    """Where it is installed; it exits with 1 for a warning, which an accepted zip must not cause."""
    content = odd_zip(drawn)
    program = shutil.which("unzip")
    if program is None or ours(content) is None:
        return
    path = tmp_path / "demo.zip"
    path.write_bytes(content)
    done = subprocess.run([program, "-tq", path], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
