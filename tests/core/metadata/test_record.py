"""A wheel's own list of its files against its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.core.archive.reader import read_members
from constructs_lib.core.metadata.record import RecordGap, listed_sizes, wheel_gap
from tests.support.files.wheels import Member, wheel_bytes, wheel_of, zip_bytes

if TYPE_CHECKING:
    from constructs_lib.core.archive.reader import ZipMember
    from constructs_lib.core.wheels.wheel import Wheel

INFO = "demo-1.0.dist-info"
WHEEL = f"{INFO}/WHEEL"


def members_of(wheel: Wheel) -> tuple[list[ZipMember], str]:
    return read_members(wheel.content, wheel.filename), wheel.filename


def gap(record: str | None, **files: bytes) -> RecordGap | None:
    """Of a wheel with these modules; a row for WHEEL is in every RECORD."""
    members = {f"{name}.py": Member(content) for name, content in files.items()} | {
        WHEEL: Member(b"Tag: x\n")
    }
    if record is not None:
        members[f"{INFO}/RECORD"] = Member(f"{WHEEL},,\n{record}".encode())
    return wheel_gap(*members_of(wheel_of(zip_bytes(members.items()))))


def test_a_wheel_that_lists_its_files_is_as_it_should_be() -> None:
    """RECORD does not list its own hash; signatures of it are not listed; sizes may be left out."""
    assert wheel_gap(*members_of(wheel_of(wheel_bytes()))) is None
    assert gap("a.py,sha256=x,2\nb.py,,\n", a=b"1\n", b=b"22\n") is None
    signed = zip_bytes([(f"{INFO}/RECORD{end}", Member()) for end in ("", ".jws", ".p7s")])
    assert wheel_gap(*members_of(wheel_of(signed))) is None


def test_scripts_and_data_are_listed_by_their_place_in_the_wheel() -> None:
    """Not by the place they are installed to; folders are not listed."""
    path = "demo-1.0.data/scripts/run"
    members = [
        (path, Member(b"#!python")),
        ("demo/", Member()),
        (f"{INFO}/RECORD", Member(f"{path},,8".encode())),
    ]
    assert wheel_gap(*members_of(wheel_of(zip_bytes(members)))) is None


def test_files_that_are_not_listed_are_counted_and_the_first_is_named() -> None:
    """Somebody added them after the wheel was built."""
    assert gap("a.py,,\n", a=b"", z=b"", c=b"") == RecordGap(2, "c.py is not in it")


def test_a_file_of_another_size_was_changed() -> None:
    """Its hash is not computed: the zip's checksum and the lock's cover the bytes."""
    assert gap("a.py,sha256=x,3\n", a=b"1\n") == RecordGap(1, "a.py has 2 bytes, not 3")
    assert gap("a.py,sha256=x,3\n", a=b"1\n", b=b"") == RecordGap(2, "b.py is not in it")


def test_a_wheel_without_a_record_lists_nothing() -> None:
    """All of its files are what nobody vouches for."""
    assert gap(None, a=b"") == RecordGap(2, "a.py is not in it")


@pytest.mark.parametrize("text", ["a.py,,x\n", '"a.py\n', "a.py,,1\n\0", f"{'9' * 200_000},,\n"])
def test_a_record_that_makes_no_sense_is_no_traceback(text: str) -> None:
    """What comes before the odd row counts."""
    assert listed_sizes("b.py,,7\n" + text)["b.py"] == 7


def test_paths_of_windows_are_the_same_paths() -> None:
    """Some tools there wrote backslashes, and quotes around commas."""
    assert listed_sizes('demo\\a.py,,1\n"a,b.py",sha256=x,2\nc.py\n') == {
        "demo/a.py": 1,
        "a,b.py": 2,
        "c.py": None,
    }


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    """A RECORD is other people's."""
    listed_sizes(text)
