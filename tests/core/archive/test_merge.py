"""Several wheels become one tree."""

from __future__ import annotations

import zlib

import pytest

from constructs_lib.core.archive.entry import STORED, Entry, compress
from constructs_lib.core.archive.merge import Conflict, merge
from constructs_lib.core.errors import WheelError
from tests.support.files.checksum import forged_tail


def entry(name: str, content: str = "", origin: str = "a.whl") -> Entry:
    return compress(name, content.encode(), origin)


def test_wheels_without_common_paths_are_joined() -> None:
    """Every entry of every wheel is there once."""
    entries, conflicts = merge([[entry("a/x"), entry("a/y")], [entry("b/x", origin="b.whl")]])
    assert sorted(each.name for each in entries) == ["a/x", "a/y", "b/x"]
    assert conflicts == []


def test_the_later_wheel_wins_a_path_and_the_conflict_names_both() -> None:
    """Every path with different content is reported with winner and loser."""
    first, second = entry("tests/t.py", "1", "a.whl"), entry("tests/t.py", "2", "b.whl")
    entries, conflicts = merge([[first], [second]])
    assert [each.content() for each in entries] == [b"2"]
    assert conflicts == [Conflict("tests/t.py", kept="b.whl", dropped="a.whl")]


def test_equal_content_is_simply_one() -> None:
    """Namespace packages' empty __init__.py do not bother anybody."""
    entries, conflicts = merge([[entry("ns/__init__.py")], [entry("ns/__init__.py", origin="b.whl")]])
    assert len(entries) == 1
    assert conflicts == []


def test_one_wheel_that_brings_a_path_twice_is_refused() -> None:
    """Which of the two an installer would take is anybody's guess; two equal ones are one."""
    assert len(merge([[entry("x", "1"), entry("x", "1")]])[0]) == 1
    with pytest.raises(WheelError, match=r"^a\.whl contains 'x' twice, with different content"):
        merge([[entry("x", "1"), entry("x", "2")]])


def test_equal_checksums_are_not_equal_bytes() -> None:
    """Two contents of one length and one CRC-32 are a conflict, and an error within one wheel."""
    first = "def allowed(user): return user.is_admin  #"
    twin = b"def allowed(user): return True #" + b"#" * (len(first) - 36)
    twin += forged_tail(twin, zlib.crc32(first.encode()))
    kept = compress("auth.py", first.encode(), "a.whl")
    forged = compress("auth.py", twin, "b.whl")
    assert (kept.crc32, kept.size) == (forged.crc32, forged.size)
    entries, conflicts = merge([[kept], [forged]])
    assert [each.content() for each in entries] == [twin]
    assert conflicts == [Conflict("auth.py", kept="b.whl", dropped="a.whl")]
    with pytest.raises(WheelError, match=r"^a\.whl contains 'auth.py' twice, with different content"):
        merge([[kept, forged._replace(origin="a.whl")]])


def test_equal_bytes_packed_differently_are_equal() -> None:
    content = b"".join(b"x%d = %d\n" % (n, n * n) for n in range(300))
    fast, small = (compress("a.py", content, origin, level=level) for origin, level in (("a", 1), ("b", 12)))
    stored = fast._replace(method=STORED, data=content, origin="c")
    assert fast.data != small.data
    assert merge([[fast], [small], [stored]])[1] == []


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("pkg/A.py", "pkg/a.py"), "'pkg/A.py' and b.whl 'pkg/a.py': they differ only in case"),
        (("pkg", "pkg/a.py"), "a.whl contains 'pkg' as a file, others need a folder of that name"),
        (("pkg/sub/deep/a.py", "pkg/sub"), "b.whl contains 'pkg/sub' as a file"),
        (("Pkg", "pkg/a.py"), "a.whl contains 'Pkg' as a file"),
        (("straße.py", "STRASSE.py"), "they differ only in case"),
    ],
    ids=["case", "file-then-folder", "folder-then-file", "file-and-folder-by-case", "beyond-ascii"],
)
def test_a_tree_that_cannot_be_unpacked_is_refused(names: tuple[str, str], why: str) -> None:
    """Names that differ only in case, and one path as file and folder, are errors that name the wheels."""
    with pytest.raises(WheelError) as caught:
        merge([[entry(names[0])], [entry(names[1], origin="b.whl")]])
    assert why in str(caught.value)
