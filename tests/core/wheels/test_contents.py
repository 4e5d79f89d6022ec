"""A wheel becomes entries by raw copy."""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.archive.entry import DEFLATED, Entry
from constructs_lib.core.archive.merge import merge
from constructs_lib.core.archive.writer import write_archive
from constructs_lib.core.errors import WheelError
from constructs_lib.core.wheels.contents import wheel_entries
from tests.core.archive.test_writer import NAMES
from tests.support.builders.uv import must, uv
from tests.support.files.odd_zip import OddMember, odd_wheel, odd_zip
from tests.support.files.wheels import REGULAR, Member, unpacked, wheel_bytes, wheel_of, zip_bytes
from tests.support.files.zip_rules import breaches

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
        taken = {unicodedata.normalize("NFC", other).casefold() for other in kept}
        if not folded.intersection(folders) and nfc.casefold() not in taken:
            kept[name] = member
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
    assert breaches(archive.path.read_bytes()) == []
    assert write_archive(reversed(entries), tmp_path / "b.zip").sha256 == archive.sha256


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
        "C:/evil.py",
        "c:evil.py",
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
    with pytest.raises(WheelError, match=r"'link\.py' is a symbolic link"):
        wheel_entries(wheel_of(wheel_bytes(files={"link.py": link})))


def test_a_compression_that_installers_do_not_read_is_refused() -> None:
    """Not every Python can unpack bzip2, and indexes take only stored and deflated members."""
    content = wheel_bytes(files={"a.py": Member(b"x" * 100, method=zipfile.ZIP_BZIP2)})
    with pytest.raises(WheelError, match=r"'a\.py' is compressed by method 12, only deflate is supported$"):
        wheel_entries(wheel_of(content))


@pytest.mark.parametrize("mode", [stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFDIR])
def test_a_member_that_is_no_file_is_refused(mode: int) -> None:
    """What a zip program noted of a pipe, a socket, a device; and a folder without a slash at its end."""
    with pytest.raises(WheelError, match=r"'x' is neither a file nor a folder, which wheels do not have$"):
        names({"x": Member(mode=mode | 0o644)})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Java deflates the nothing in it to two bytes; with content, or outside the layer, it is refused."""
    assert names({"empty/": b"", "java/": Member(b"", method=zipfile.ZIP_DEFLATED)}) == set()
    with pytest.raises(WheelError, match="'full/' is a folder with content"):
        names({"full/": b"x"})
    with pytest.raises(WheelError, match=r"the path '\.\./out' has an empty or dotted part"):
        names({"../out/": b""})


@pytest.mark.parametrize("method", [8, 0], ids=["deflated", "stored"])
def test_a_wrong_checksum_is_noticed(method: int) -> None:
    """At the latest when somebody looks inside, which every build does once with every wheel."""
    member = OddMember(b"x.py", method=method, numbers=(1, *OddMember(b"", method=method).true_numbers[1:]))
    member = replace(member, local={"numbers": member.numbers})
    with pytest.raises(WheelError, match=r"x\.py is damaged inside its archive"):
        [entry.content() for entry in wheel_entries(wheel_of(odd_wheel(member)))]


# --- dist-info and data --------------------------------------------------------------------------------------


def info_of(name: str = "demo-1.0", wheel: bytes = b"Wheel-Version: 1.0\n") -> list[tuple[str, Member]]:
    return [(f"{name}.dist-info/{file}", Member(wheel)) for file in ("METADATA", "WHEEL")]


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([("a.py", Member())], "has none"),
        ([("pkg/demo-1.0.dist-info/WHEEL", Member())], "has none"),
        ([*info_of(), *info_of("demo-2.0")], "has several: demo-1.0.dist-info, demo-2.0.dist-info"),
        (info_of("other-1.0"), "has other-1.0.dist-info, which is another distribution's"),
        (info_of()[:1], "has demo-1.0.dist-info without a WHEEL file"),
        (info_of(wheel=b"Wheel-Version: 2.0\n"), "has demo-1.0.dist-info in version 2 of the format"),
    ],
    ids=["none", "deeper", "several", "foreign", "no-wheel-file", "newer-format"],
)
def test_a_wheel_needs_one_dist_info_of_its_own(members: list[tuple[str, Member]], why: str) -> None:
    """As pip and uv demand it; a newer major version must be refused, says the specification."""
    with pytest.raises(WheelError) as caught:
        wheel_entries(wheel_of(zip_bytes(members)))
    assert str(caught.value) == (
        f"demo-1.0-py3-none-any.whl is not a wheel that can be read: it needs one .dist-info folder and {why}"
    )


def test_a_dist_info_may_be_spelled_as_of_old() -> None:
    """Before names were normalized in them; RECORD, which a layer does not have, may be missing."""
    wheel = wheel_of(zip_bytes(info_of("My.Demo-1.0")), "my_demo-1.0-py3-none-any.whl")
    assert [entry.name for entry in wheel_entries(wheel)] == [
        "My.Demo-1.0.dist-info/METADATA",
        "My.Demo-1.0.dist-info/WHEEL",
    ]


def test_a_vendored_dist_info_is_code_like_any_other() -> None:
    found = names({"demo/_vendor/six-1.0.dist-info/METADATA": b"", "demo/_vendor/six.py": b""})
    assert len(found) == 2


def test_a_data_folder_may_be_spelled_otherwise_than_the_dist_info() -> None:
    """Some tools of old normalized the name in one of them only; pip takes both."""
    members = [*info_of("My.Demo-1.0"), ("my_demo-1.0.data/purelib/x.py", Member())]
    entries = wheel_entries(wheel_of(zip_bytes(members), "my_demo-1.0-py3-none-any.whl"))
    assert "x.py" in {entry.name for entry in entries}


def test_a_data_folder_of_another_distribution_is_code_like_any_other() -> None:
    """As uv installs it: the specification gives a meaning to the wheel's own alone."""
    files: dict[str, bytes | Member] = {"other-1.0.data/purelib/x.py": b"", "demo-2.0.data/scripts/y": b""}
    assert names(files) == set(files)


@pytest.mark.parametrize("name", ["platinclude/x.h", "x.py", "purelib"])
def test_what_stands_in_no_known_scheme_is_refused(name: str) -> None:
    """Pip and uv refuse it too: nobody says where it belongs."""
    with pytest.raises(
        WheelError, match=rf"'demo-1\.0\.data/{name}' is in no folder .* that an installer knows"
    ):
        names({f"demo-1.0.data/{name}": b""})


def test_two_wheels_may_share_a_namespace_package(tmp_path: Path) -> None:
    """A folder without an `__init__.py`; nothing is added to it."""
    wheels = [
        wheel_of(wheel_bytes(name, files={f"space/{name}/__init__.py": b""}), f"{name}-1.0-py3-none-any.whl")
        for name in ("aa", "bb")
    ]
    entries, conflicts = merge(wheel_entries(wheel, "python/") for wheel in wheels)
    archive = write_archive(entries, tmp_path / "a.zip")
    assert [name for name in unpacked(archive.path) if "/space/" in name] == [
        "python/space/aa/__init__.py",
        "python/space/bb/__init__.py",
    ]
    assert conflicts == []


def test_one_name_in_two_spellings_of_unicode_is_refused() -> None:
    """A Mac would unpack both to one file."""
    files: dict[str, bytes | Member] = {"é.py": b"1", "e\u0301.py": b"2"}
    with pytest.raises(WheelError, match="they differ only in case or in the form of Unicode"):
        merge([wheel_entries(wheel_of(wheel_bytes(files=files)))])


def test_a_decomposed_name_of_a_wheel_stays_as_uv_installs_it(tmp_path: Path) -> None:
    """A program that opens its data file by that name finds it; a wheel that was built here is like one of Linux."""
    files: dict[str, bytes | Member] = {"demo/e\u0301.txt": b"data"}
    content = wheel_bytes(files=files)
    (tmp_path / "demo-1.0-py3-none-any.whl").write_bytes(content)
    must(uv("pip", "install", "--target=tree", "--no-index", "demo-1.0-py3-none-any.whl", cwd=tmp_path))
    assert names(files) == {f"demo/{path.name}" for path in (tmp_path / "tree" / "demo").iterdir()}
    built = {entry.name for entry in wheel_entries(wheel_of(content, identity="source"))} - INFO
    assert built == {"demo/\u00e9.txt"}


def test_a_wheel_built_here_keeps_the_executable_bit_of_programs_only(tmp_path: Path) -> None:
    """Its sources may have lain on a disk where every file is executable; a published wheel is as it is."""
    files: dict[str, bytes | Member] = {
        "run.sh": Member(b"#!/bin/sh\n", mode=REGULAR | 0o755),
        "a.py": Member(b"x = 1", mode=REGULAR | 0o755),
    }
    content = wheel_bytes(files=files)
    for identity, wanted in {"source": {"run.sh"}, "": {"run.sh", "a.py"}}.items():
        entries = wheel_entries(wheel_of(content, identity=identity))
        assert {entry.name for entry in entries if entry.executable} == wanted


# --- limits -------------------------------------------------------------------------------------------------


def claimed(name: str, size: int) -> OddMember:
    """Return a small member that claims to unpack to `size` bytes."""
    member = OddMember(name.encode())
    numbers = (*member.true_numbers[:2], size)
    return replace(member, numbers=numbers, local={"numbers": numbers})


def test_sizes_are_summed_before_anything_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that stay out of a layer count: scripts, headers, bytecode."""
    monkeypatch.setattr(Entry, "content", lambda _: pytest.fail("unpacked"))
    for name in (
        "a.py",
        "demo-1.0.data/scripts/tool",
        "__pycache__/a.cpython-312.pyc",
        "demo-1.0.dist-info/RECORD.jws",
    ):
        with pytest.raises(WheelError, match=r"unpacks to 4000 MB, more than eight times") as caught:
            wheel_entries(wheel_of(odd_wheel(claimed(name, 4_000_000_000))))
        assert caught.value.id == "wheel-too-large"


@pytest.mark.parametrize(
    ("name", "limit"),
    [("WHEEL", "0.1"), ("METADATA", "16.0"), ("RECORD", "16.0"), ("entry_points.txt", "1.0")],
)
def test_metadata_files_have_small_limits(name: str, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of wheel can hold a gigabyte of RECORD: refused by its declared size."""
    monkeypatch.setattr(Entry, "content", lambda _: pytest.fail("unpacked"))
    info = [
        OddMember(f"demo-1.0.dist-info/{file}".encode(), b"")
        for file in ("METADATA", "WHEEL")
        if file != name
    ]
    with pytest.raises(
        WheelError, match=rf": its {name} has 1000\.0 MB, at most {re.escape(limit)} MB are read"
    ) as caught:
        wheel_entries(wheel_of(odd_zip([*info, claimed(f"demo-1.0.dist-info/{name}", 1_000_000_000)])))
    assert caught.value.id == "wheel-too-large"


def test_a_claim_that_the_data_cannot_hold_takes_no_memory() -> None:
    """Below the limits too."""
    entry = next(
        entry
        for entry in wheel_entries(wheel_of(odd_wheel(claimed("a.py", 2_000_000_000))))
        if entry.name == "a.py"
    )
    with pytest.raises(WheelError, match="cannot hold its 2000000000 bytes"):
        entry.content()


def test_a_file_of_the_dist_info_that_occurs_twice_has_one_content() -> None:
    """Readers take the first or the last one."""
    again = OddMember(b"demo-1.0.dist-info/RECORD", b"")
    assert wheel_entries(wheel_of(odd_wheel(again)))
    with pytest.raises(
        WheelError, match=r"contains 'demo-1\.0\.dist-info/RECORD' twice, with different content"
    ):
        wheel_entries(wheel_of(odd_wheel(replace(again, content=b"a.py,,\n"))))


def test_bytes_in_a_folder_are_refused() -> None:
    """The size 0 that the headers give is not the size of the data."""
    folder = OddMember(b"pkg/", b"", behind_stream=b"GARBAGE")
    with pytest.raises(WheelError, match="'pkg/' is a folder with content"):
        wheel_entries(wheel_of(odd_wheel(folder)))


def test_control_characters_of_a_wheel_reach_no_terminal() -> None:
    names = ["\x1b[31m-1.0.dist-info", "demo-1.0.dist-info"]
    with pytest.raises(WheelError) as caught:
        wheel_entries(wheel_of(zip_bytes((f"{name}/WHEEL", Member()) for name in names)))
    assert str(caught.value).isprintable()


# --- whatever a wheel is -------------------------------------------------------------------------------------


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
