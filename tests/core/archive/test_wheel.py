"""A wheel becomes entries by raw copy."""

from __future__ import annotations

import stat
import unicodedata
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive import merge, wheel_entries, write_archive
from constructs_lib.core.archive.entry import DEFLATED
from constructs_lib.core.errors import WheelError
from tests.core.archive.test_writer import NAMES
from tests.support.wheels import REGULAR, Member, unpacked, wheel_bytes, wheel_of, zip_bytes

if TYPE_CHECKING:
    from pathlib import Path

INFO = {f"demo-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL")}
# An "Info-ZIP Unix (new)" field, as `zip` adds it to local and central headers.
EXTRA = b"ux\x0b\x00\x01\x04\xe8\x03\x00\x00\x04\xe8\x03\x00\x00"
METHODS = st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
MEMBERS = st.builds(
    Member,
    content=st.one_of(st.binary(max_size=300), st.binary(max_size=50).map(lambda piece: piece * 40)),
    mode=st.sampled_from([REGULAR | 0o644, REGULAR | 0o755, REGULAR | 0o600, REGULAR | 0o4755, 0]),
    method=METHODS,
    level=st.integers(1, 9),
    extra=st.sampled_from([b"", EXTRA]),
)


def names(files: dict[str, bytes | Member], prefix: str = "") -> set[str]:
    return {entry.name for entry in wheel_entries(wheel_of(wheel_bytes(files=files)), prefix)} - INFO


def safe(files: dict[str, Member]) -> dict[str, Member]:
    """Less those that an installer does not place where the wheel has them."""
    folded = {unicodedata.normalize("NFC", name).casefold() for name in files}
    kept: dict[str, Member] = {}
    for name, member in files.items():
        folders = [name[:at].casefold() for at, letter in enumerate(name) if letter == "/"]
        nfc = unicodedata.normalize("NFC", name)
        if not folded.intersection(folders) and nfc.casefold() not in {each.casefold() for each in kept}:
            kept[nfc] = member
    return kept


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, MEMBERS, max_size=8), st.booleans())
def test_any_wheel_comes_back_file_for_file(tmp_path: Path, files: dict[str, Member], streamed: bool) -> None:
    """Stored members, data descriptors, extra fields, odd modes: contents and executable bits are kept."""
    files = safe(files)
    wheel = wheel_of(wheel_bytes(files=files, streamed=streamed))
    entries, _ = merge([wheel_entries(wheel, "python/")])
    archive = write_archive(entries, tmp_path / "a.zip")
    found = {name: value for name, value in unpacked(archive.path).items() if ".dist-info/" not in name}
    assert found == {
        f"python/{name}": (member.content, bool(member.mode & 0o111)) for name, member in files.items()
    }


def test_deflated_members_are_copied_as_they_are() -> None:
    """Nothing is compressed a second time: the entry holds the wheel's own bytes, without a copy."""
    content = wheel_bytes(files={"a.py": b"x = 1\n" * 100})
    [entry] = [each for each in wheel_entries(wheel_of(content)) if each.name == "a.py"]
    assert isinstance(entry.data, memoryview)
    assert entry.data.obj is content
    assert entry.content() == b"x = 1\n" * 100


def test_stored_members_are_compressed() -> None:
    """A wheel that stores its files does not make a fat layer."""
    files = {"a.txt": Member(b"x" * 1000, method=zipfile.ZIP_STORED)}
    [entry] = [each for each in wheel_entries(wheel_of(wheel_bytes(files=files))) if each.name == "a.txt"]
    assert entry.method == DEFLATED
    assert len(entry.data) < 50


def test_a_wheel_built_here_is_compressed_anew() -> None:
    """The build backend used this host's zlib, whose bytes differ from those of other hosts."""
    files = {level: {"a.py": Member(b"def f(): return 1\n" * 200, level=level)} for level in (1, 9)}
    fast, small = (wheel_bytes(files=files[level]) for level in (1, 9))
    assert fast != small
    entries = [wheel_entries(wheel_of(content, identity="source")) for content in (fast, small)]
    assert [bytes(entry.data) for entry in entries[0]] == [bytes(entry.data) for entry in entries[1]]


def test_data_schemes_go_where_an_installer_puts_them() -> None:
    """`purelib`, `platlib` and `data` land at the root; scripts and C headers have no use in Lambda."""
    found = names(
        {
            "demo-1.0.data/purelib/pure.py": b"",
            "demo-1.0.data/platlib/lib/native.so": b"",
            "demo-1.0.data/data/share/x.txt": b"",
            "demo-1.0.data/scripts/tool": b"",
            "demo-1.0.data/headers/demo.h": b"",
        },
        "python/",
    )
    assert found - {f"python/{name}" for name in INFO} == {
        "python/pure.py",
        "python/lib/native.so",
        "python/share/x.txt",
    }


def test_only_the_wheels_own_data_folder_is_special() -> None:
    """A package whose folder happens to end in `.data` is code like any other."""
    assert names({"my.data/scripts/x.py": b""}) == {"my.data/scripts/x.py"}


def test_bytecode_and_signatures_stay_out() -> None:
    """A `.pyc` outside `__pycache__` is a module without source and stays in; folders are no files."""
    found = names(
        {
            "a.py": b"",
            "__pycache__/a.cpython-312.pyc": b"",
            "pkg/__pycache__/b.pyc": b"",
            "pkg/sourceless.pyc": b"",
            "demo-1.0.dist-info/RECORD.jws": b"",
            "demo-1.0.dist-info/RECORD.p7s": b"",
            "empty/": b"",
        }
    )
    assert found == {"a.py", "pkg/sourceless.pyc"}


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py",
        "a/../../evil.py",
        "/etc/evil",
        "demo-1.0.data/data/../../evil",
        "a\\b.py",
        "a\nb.py",
        "a//b",
    ],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED], ids=["deflated", "stored"])
def test_a_member_that_would_leave_the_layer_is_refused(name: str, method: int) -> None:
    """However the member is stored, the error names the wheel and the path."""
    content = wheel_bytes(files={name: Member(b"x" * 100, method=method)})
    with pytest.raises(
        WheelError, match=r"^demo-1\.0-py3-none-any\.whl: the path .* cannot go into an archive$"
    ):
        wheel_entries(wheel_of(content))


def test_a_link_inside_a_wheel_is_refused() -> None:
    """The format has no links; as a file, it would hold the path it points to."""
    link = Member(b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
    with pytest.raises(WheelError, match=r"link\.py is a symbolic link"):
        wheel_entries(wheel_of(wheel_bytes(files={"link.py": link})))


def test_a_compression_that_installers_do_not_read_is_refused() -> None:
    """Not every Python can unpack bzip2, and indexes take only stored and deflated members."""
    content = wheel_bytes(files={"a.py": Member(b"x" * 100, method=zipfile.ZIP_BZIP2)})
    with pytest.raises(WheelError, match=r"a\.py is compressed by method 12, wheels use deflate$"):
        wheel_entries(wheel_of(content))


def test_an_encrypted_member_is_one_line() -> None:
    """No password is asked for."""
    content = bytearray(zip_bytes([("a.py", Member(b"x" * 100))]))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(WheelError, match=r"is not a wheel that can be read: .*encrypted"):
        wheel_entries(wheel_of(bytes(content)))


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\5\6" + bytes(17)])
def test_what_is_no_zip_is_one_line(content: bytes) -> None:
    """The error names the file."""
    with pytest.raises(WheelError, match=r"^demo-1\.0-py3-none-any\.whl is not a wheel that can be read: "):
        wheel_entries(wheel_of(content))


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_wheel_is_noticed_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever byte is wrong, the outcome is a WheelError or entries that can be unpacked; never a traceback."""
    method = data.draw(METHODS)
    content = bytearray(
        wheel_bytes(files={"a.py": Member(b"x = 1\n" * 30, method=method), "b/c.txt": b"hello"})
    )
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.sampled_from([len(content)] * 9 + [at]))
    try:
        for entry in wheel_entries(wheel_of(bytes(content[:cut]))):
            assert len(entry.content()) == entry.size
    except WheelError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - either outcome is right
