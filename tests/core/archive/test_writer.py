"""The one zip writer: what its docstring says, byte by byte."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import subprocess
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive import writer
from constructs_lib.core.archive.entry import Entry, compress
from constructs_lib.core.archive.writer import write_archive
from constructs_lib.core.errors import StoreError, WheelError
from tests.support.files.odd_zip import OddMember, odd_zip, zip64_end
from tests.support.files.wheels import unpacked
from tests.support.files.zip_rules import breaches, read_by_python, streamed
from tests.support.limits import files_no_larger_than

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from pathlib import Path

# Letters that zip tools trip over: spaces, quotes, dashes, beyond Latin, beyond the BMP.
LETTERS = st.sampled_from("abcXYZ019 -_.'\"$%&*?[]~éßñ中🐍")
PARTS = st.text(LETTERS, min_size=1, max_size=12).filter(lambda part: part not in {".", ".."})
NAMES = st.lists(PARTS, min_size=1, max_size=12).map("/".join)
TREES = st.dictionaries(NAMES, st.tuples(st.binary(max_size=500), st.booleans()), min_size=1, max_size=12)


def as_tree(files: dict[str, tuple[bytes, bool]]) -> list[Entry]:
    """Entries, less those whose path is a folder of another one."""
    folders = {name[:at] for name in files for at, letter in enumerate(name) if letter == "/"}
    return [
        compress(name, content, "demo", executable=executable)
        for name, (content, executable) in files.items()
        if name not in folders
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES, st.randoms(use_true_random=False))
def test_any_tree_comes_back_and_its_order_does_not_count(
    tmp_path: Path, files: dict[str, tuple[bytes, bool]], order: random.Random
) -> None:
    """The standard library reads back every name, content and mode; shuffled entries give the same bytes."""
    entries = as_tree(files)
    archive = write_archive(entries, tmp_path / "one.zip")
    expected = {each.name: (each.content(), each.executable) for each in entries}
    assert unpacked(archive.path) == expected
    order.shuffle(entries)
    assert write_archive(entries, tmp_path / "two.zip").sha256 == archive.sha256
    assert (tmp_path / "two.zip").read_bytes() == (tmp_path / "one.zip").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES)
def test_any_archive_keeps_the_rules_of_the_strictest_readers(
    tmp_path: Path, files: dict[str, tuple[bytes, bool]]
) -> None:
    """Those of Java and Go; and one that streams sees the same files as one that reads the directory."""
    content = write_archive(as_tree(files), tmp_path / "a.zip").path.read_bytes()
    assert breaches(content) == []
    assert streamed(content) == read_by_python(content)


X = OddMember(b"x.py", content=b"x = 1\n" * 30)
BREACHES = {
    "encrypted": (odd_zip([OddMember(b"x", flags=1)]), "encrypted"),
    "method": (odd_zip([OddMember(b"x", method=12)]), "neither stored nor deflated"),
    "descriptor": (odd_zip([OddMember(b"x", flags=8)]), "a data descriptor"),
    "extra": (odd_zip([OddMember(b"x", extra=b"UT\0\0")]), "an extra field"),
    "flag": (odd_zip([OddMember(b"x", flags=0x800)]), "flagged as UTF-8 if and only if"),
    "no-flag": (odd_zip([OddMember("é".encode())]), "flagged as UTF-8 if and only if"),
    "not-utf8": (odd_zip([OddMember(b"\xff")]), "not UTF-8"),
    "mode": (odd_zip([OddMember(b"x", mode=0o104755)]), "mode 0644 or 0755"),
    "local-name": (odd_zip([OddMember(b"x", local={"name": b"y"})]), "the local header says something else"),
    "local-size": (odd_zip([OddMember(b"x", local={"numbers": (1, 2, 3)})]), "the local header says"),
    "insecure": (odd_zip([OddMember(b"../x")]), "Go ErrInsecurePath"),
    "control": (odd_zip([OddMember(b"a\x07")]), "no control characters"),
    "checksum": (odd_zip([OddMember(b"x", numbers=(1, 11, 180))]), "another checksum than promised"),
    "size": (odd_zip([replace(X, numbers=(*X.true_numbers[:2], 9))]), "another size than promised"),
    "packed": (
        odd_zip([replace(X, numbers=(X.true_numbers[0], X.true_numbers[1] - 1, 180))]),
        "the compressed size is not where deflate ends",
    ),
    "twice": (odd_zip([X, X]), "one path twice"),
    "case": (odd_zip([OddMember(b"A"), OddMember(b"a")]), "differ only in case"),
    "file-and-folder": (odd_zip([OddMember(b"a"), OddMember(b"a/b")]), "one path as file and folder"),
    "unsorted": (odd_zip([OddMember(b"b"), OddMember(b"a")]), "sorted by bytes"),
    "overlap": (odd_zip([X, OddMember(b"y", offset=0)]), "members overlap"),
    "gap": (odd_zip([X], between=b"gap"), "nothing before, between or behind"),
    "behind": (odd_zip([X], behind=b"x"), "no end record at the very end"),
    "before": (b"x" + odd_zip([X]), "the directory is not before the end"),
    "comment": (odd_zip([X], comment=b"PK\5\6" + bytes(18)), "directory is not before the end"),
    "disks": (odd_zip([X], end={0: 1}), "more than one disk"),
    "count": (odd_zip([X], end={2: 2, 3: 2}), "another number of members"),
    "zip64": (odd_zip([X], zip64=zip64_end(1, 50, 0, 0)), "zip64"),
}


@pytest.mark.parametrize(("content", "why"), BREACHES.values(), ids=BREACHES)
def test_the_rules_find_what_is_wrong(content: bytes, why: str) -> None:
    """Else the test above would prove nothing."""
    assert why in "; ".join(breaches(content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(TREES)
def test_info_zip_reads_it_too(tmp_path: Path, files: dict[str, tuple[bytes, bool]]) -> None:
    """`unzip -t` finds no error, and `zipinfo` sees plain files of Unix without anything extra."""
    archive = write_archive(as_tree(files), tmp_path / "a.zip")
    tested = subprocess.run([info_zip("unzip"), "-tqq", archive.path], capture_output=True, check=False)
    assert (tested.returncode, tested.stderr) == (0, b"")
    listed = subprocess.run(
        [info_zip("zipinfo"), "-v", archive.path], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    ).stdout.decode()
    count = len(archive.members)
    for line in (
        "file system or operating system of origin:      Unix",
        "minimum software version required to extract:   2.0",
        "extended local header:                          no",
        "file last modified on (DOS date/time):          1980 Jan 1 00:00:00",
        "length of extra field:                          0 bytes",
        "length of file comment:                         0 characters",
    ):
        assert listed.count(line) == count, line
    assert "There is no zipfile comment." in listed


def info_zip(name: str) -> str:
    """Return the program; in CI it has to be there."""
    path = shutil.which(name)
    if path is None and not {"CI", "DOCKER_TESTS"} & set(os.environ):
        pytest.skip(f"{name} is not installed (Debian: apt-get install unzip)")
    assert path is not None, f"{name} is not installed"
    return path


@pytest.fixture
def sample() -> list[Entry]:
    return [
        compress("z/run.sh", b"#!/bin/sh\n" * 20, "demo", executable=True),
        compress("a.txt", b"", "demo"),
        compress("é.py", b"x = 1\n" * 50, "demo"),
    ]


def test_what_it_says_of_the_archive_is_true(tmp_path: Path, sample: list[Entry]) -> None:
    """Identity, size, unzipped size and number of files are those of the file that lies there."""
    archive = write_archive(sample, tmp_path / "deep" / "er" / "a.zip")
    content = archive.path.read_bytes()
    assert archive.sha256 == hashlib.sha256(content).hexdigest()
    assert (archive.size, archive.unzipped, archive.files) == (len(content), 500, 3)
    assert [path.name for path in archive.path.parent.iterdir()] == ["a.zip"]


def test_it_names_its_members_in_order(tmp_path: Path, sample: list[Entry]) -> None:
    """With sizes as the zip's directory has them, and who brings each."""
    archive = write_archive([*sample, compress("b.txt", b"x" * 99, "other.whl")], tmp_path / "a.zip")
    with zipfile.ZipFile(archive.path) as read:
        listed = [(info.filename, info.file_size, info.compress_size) for info in read.infolist()]
    assert [member[:3] for member in archive.members] == listed
    assert {member.name: member.origin for member in archive.members} == {
        "a.txt": "demo",
        "b.txt": "other.whl",
        "z/run.sh": "demo",
        "é.py": "demo",
    }


def test_every_header_field_is_fixed(tmp_path: Path, sample: list[Entry]) -> None:
    """Sorted, 1980-01-01, modes 0644 and 0755, no flag but UTF-8's, no extra fields, no comments, no folders."""
    path = write_archive(sample, tmp_path / "a.zip").path
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        assert archive.comment == b""
    assert [info.filename for info in infos] == ["a.txt", "z/run.sh", "é.py"]
    for info in infos:
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        mode = 0o755 if info.filename.endswith(".sh") else 0o644
        assert (info.create_system, info.external_attr) == (3, (stat.S_IFREG | mode) << 16)
        flags = 0 if info.filename.isascii() else 0x800
        assert (info.flag_bits, info.extra, info.comment, info.internal_attr) == (flags, b"", b"", 0)
        assert (info.create_version, info.extract_version) == (20, 20)


def test_local_headers_say_the_same_as_the_central_ones(tmp_path: Path, sample: list[Entry]) -> None:
    """A reader that streams sees the same names, sizes and checksums, with nothing between the files."""
    path = write_archive(sample, tmp_path / "a.zip").path
    content = path.read_bytes()
    at = 0
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            assert info.header_offset == at
            fields = struct.unpack_from("<4s5H3L2H", content, at)
            signature, version, flags, method, time, date, crc, packed, size, name_length, extra = fields
            assert (signature, version, flags, time, date, extra) == (b"PK\3\4", 20, info.flag_bits, 0, 33, 0)
            assert (method, crc, packed, size) == (
                info.compress_type,
                info.CRC,
                info.compress_size,
                info.file_size,
            )
            assert content[at + 30 : at + 30 + name_length].decode() == info.filename
            at += 30 + name_length + packed
    assert content[at : at + 4] == b"PK\1\2"


def test_names_are_sorted_by_their_bytes(tmp_path: Path) -> None:
    """Not by locale and not by UTF-16: the order is that of the UTF-8 bytes."""
    names = ["é", "z", "Z", "a/b", "a.b", "a-b", "\uffee", "🐍"]
    path = write_archive([compress(name, b"", "x") for name in names], tmp_path / "a.zip").path
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == sorted(names, key=str.encode)


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    """Whoever unpacks such an archive gets one or the other; none is written."""
    with pytest.raises(WheelError, match=r"'a\.txt' twice"):
        write_archive([compress("a.txt", b"1", "x"), compress("a.txt", b"2", "y")], tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_nothing_is_refused(tmp_path: Path) -> None:
    """It would be a zip without a member, which Lambda does not take."""
    with pytest.raises(WheelError, match=r"a\.zip would hold no file"):
        write_archive([], tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_more_files_than_a_plain_zip_holds_are_refused(tmp_path: Path) -> None:
    """65 535 files fit; one more says so in one line and leaves nothing behind."""
    entries = [compress(f"{number:05}", b"", "x") for number in range(65_536)]
    assert write_archive(entries[1:], tmp_path / "a.zip").files == 65_535
    with pytest.raises(WheelError, match="65 535 files"):
        write_archive(entries, tmp_path / "b.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_umask_and_what_lay_there_before_do_not_count(tmp_path: Path, sample: list[Entry]) -> None:
    """The file replaces its forerunner and is readable for the tool that uploads it."""
    path = tmp_path / "a.zip"
    path.write_bytes(b"old")
    before = os.umask(0o077)
    try:
        write_archive(sample, path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert zipfile.is_zipfile(path)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, sample: list[Entry]) -> None:
    """Here a file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"/file/a\.zip cannot be written: (Not a directory|File exists)$"):
        write_archive(sample, tmp_path / "file" / "a.zip")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """The error names the archive; neither a truncated zip nor a temporary file stays, an older zip does."""
    noise = os.urandom(100_000)
    (tmp_path / "a.zip").write_bytes(b"old")
    with files_no_larger_than(50_000), pytest.raises(StoreError, match=r"a\.zip cannot be written: File too"):
        write_archive([compress("noise", noise, "demo")], tmp_path / "a.zip")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"a.zip": b"old"}


@pytest.mark.parametrize("lost", [1, 22, 60])
def test_an_archive_that_was_cut_short_never_takes_the_place(
    tmp_path: Path, sample: list[Entry], monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    """Whatever a disk has made of its end: one line, and nothing of it stays."""
    blocks = writer._blocks

    def cut(pieces: Iterable[bytes]) -> list[bytes]:
        return [b"".join(map(bytes, blocks(pieces)))[:-lost]]

    monkeypatch.setattr(writer, "_blocks", cut)
    with pytest.raises(WheelError, match="does not read back as it was written"):
        write_archive(sample, tmp_path / "layer.zip")
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_do_not_read_back_never_take_the_place(
    tmp_path: Path, sample: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a failing disk or a bug writes is noticed before anybody can deploy it."""
    pieces = writer._pieces

    def wrong(entries: list[Entry]) -> list[bytes]:
        return [bytes(piece).replace(b"run.sh", b"ran.sh") for piece in pieces(entries)]

    monkeypatch.setattr(writer, "_pieces", wrong)
    with pytest.raises(WheelError, match="does not read back as it was written"):
        write_archive(sample, tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []
