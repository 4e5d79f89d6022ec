"""The facts of one wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import UNZIPPED_LIMIT
from constructs_lib.core.errors import WheelError
from constructs_lib.core.inspect.elf import ElfFile
from constructs_lib.core.inspect.facts import Facts, find_facts, wheel_facts
from constructs_lib.core.inspect.pyc import Bytecode
from constructs_lib.core.metadata.record import RecordGap
from constructs_lib.core.wheels.contents import wheel_contents
from tests.support.files.elf import AARCH64, X86_64, elf_library
from tests.support.files.wheels import Member, wheel_bytes, wheel_of, zip_bytes

if TYPE_CHECKING:
    from constructs_lib.core.archive.entry import Entry
    from constructs_lib.core.store.wheel_store import WheelStore

PYC = (3531).to_bytes(2, "little") + b"\r\n" + bytes(12)
CONTENT = wheel_bytes(
    files={
        "demo/a.so": elf_library(X86_64, ["GLIBC_2.28"]),
        "demo/b.so": elf_library(AARCH64, []),
        "demo/c.py": b"x = 1\n",
        "demo/d.so": elf_library(X86_64, needed=["libc.musl-x86_64.so.1"]),
        "e.pyc": PYC,
    }
)
UNLISTED = zip_bytes(
    [
        ("a.py", Member(b"")),
        ("demo-1.0.dist-info/METADATA", Member(b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n")),
        ("demo-1.0.dist-info/WHEEL", Member(b"Wheel-Version: 1.0\n")),
    ]
)


def test_size_and_shared_libraries_are_found(store: WheelStore) -> None:
    """The size is that of all installed files; only ELF files are listed."""
    facts = wheel_facts(wheel_of(CONTENT), store)
    assert facts.elf == (
        ElfFile("demo/a.so", "x86_64", (2, 28)),
        ElfFile("demo/b.so", "aarch64", None),
        ElfFile("demo/d.so", "x86_64", None, musl=True),
    )
    assert facts.bytecode == (Bytecode("e.pyc", 3531),)
    assert facts.record is None
    assert facts.unzipped > len(elf_library(X86_64, ["GLIBC_2.28"]))


@pytest.mark.parametrize("content", [CONTENT, UNLISTED], ids=["much", "unlisted"])
def test_facts_are_found_once(store: WheelStore, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """The second time they are read from the store, and are the same."""
    first = wheel_facts(wheel_of(content), store)
    looked: list[str] = []
    monkeypatch.setattr("constructs_lib.core.inspect.facts.find_facts", lambda *_: looked.append("again"))
    assert wheel_facts(wheel_of(content), store) == first
    assert looked == []


def test_a_wheel_that_does_not_list_its_files(store: WheelStore) -> None:
    """How it differs from its RECORD is found together with the rest."""
    assert wheel_facts(wheel_of(UNLISTED), store).record == RecordGap(3, "a.py is not in it")


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"schema": 1}', b"9"])
def test_damaged_notes_are_as_good_as_none(store: WheelStore, damage: bytes) -> None:
    """Facts decide whether a layer is refused, so a note that was cut or changed is not believed."""
    first = wheel_facts(wheel_of(CONTENT), store)
    [note] = store.root.rglob("facts/*/*.json")
    note.write_bytes(damage)
    assert wheel_facts(wheel_of(CONTENT), store) == first


def test_one_changed_digit_in_a_note_is_noticed(store: WheelStore) -> None:
    """A note that is still valid JSON, but says another CPU, is not believed either."""
    first = wheel_facts(wheel_of(CONTENT), store)
    [note] = store.root.rglob("facts/*/*.json")
    note.write_bytes(note.read_bytes().replace(b"aarch64", b"aarch65"))
    assert wheel_facts(wheel_of(CONTENT), store) == first


def test_notes_of_another_release_are_not_read(store: WheelStore) -> None:
    """They may say other things under the same names."""
    store.write_note("facts", wheel_of(CONTENT).sha256, {"schema": 1, "unzipped": 1, "elf": []})
    assert wheel_facts(wheel_of(CONTENT), store).elf != ()


def test_contents_that_were_read_before_are_not_read_again(store: WheelStore) -> None:
    """A wheel's contents below another folder give the same facts, whose paths are those in the wheel."""
    wheel = wheel_of(CONTENT)
    found = wheel_facts(wheel, store, wheel_contents(wheel, "python/"))
    store.clear()
    assert found == wheel_facts(wheel, store)
    assert not any(each.path.startswith("python/") for each in found.elf)


def test_a_file_with_a_wrong_checksum_is_refused(store: WheelStore) -> None:
    """Raw copy would carry the damage into Lambda; the wheel and the file are named."""
    content = bytearray(wheel_bytes(files={"a.py": b"x = 1\n" * 50}))
    content[content.index(b"PK\1\2") + 16] ^= 1
    content[content.index(b"PK\3\4") + 14] ^= 1
    with pytest.raises(
        WheelError, match=r"^demo-1\.0-py3-none-any\.whl: a\.py is damaged inside its archive"
    ):
        wheel_facts(wheel_of(bytes(content)), store)


def test_a_bomb_is_not_unpacked() -> None:
    """A wheel that can never fit is refused by its declared sizes alone."""

    class Bomb:
        name, size = "a", 9 * UNZIPPED_LIMIT

        def content(self) -> bytes:
            raise AssertionError("unpacked")

    entries: list[Entry] = [Bomb()]  # type: ignore[list-item]
    with pytest.raises(WheelError, match=r"^bomb\.whl unpacks to 2359 MB, more than eight times"):
        find_facts(entries, "bomb.whl")


def test_a_wrong_declared_size_is_noticed(store: WheelStore) -> None:
    """A member that claims ten bytes and unpacks to a million is refused, not unpacked."""
    content = bytearray(wheel_bytes(files={"a": Member(bytes(1_000_000))}))
    for at in (content.index(b"PK\3\4") + 22, content.index(b"PK\1\2") + 24):
        content[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(WheelError, match=r": a cannot be unpacked"):
        wheel_facts(wheel_of(bytes(content)), store)


def test_a_large_wheel_has_the_same_facts_as_its_parts(store: WheelStore) -> None:
    """From 4 MB on its files are scanned in threads, the largest first; the order of the facts is that of the paths."""
    library = elf_library(X86_64, ["GLIBC_2.28"])
    files = {
        f"demo/{name}.so": library + bytes(size)
        for name, size in zip("cab", (10, 9_000_000, 5_000_000), strict=True)
    }
    facts = wheel_facts(wheel_of(wheel_bytes(files={**files, "e.pyc": PYC})), store)
    assert facts.elf == tuple(ElfFile(f"demo/{name}.so", "x86_64", (2, 28)) for name in "abc")
    assert facts.bytecode == (Bytecode("e.pyc", 3531),)


def test_a_damaged_file_of_a_large_wheel_is_refused(store: WheelStore) -> None:
    """Also an error in a thread is a WheelError."""
    content = bytearray(wheel_bytes(files={"a": Member(bytes(5_000_000)), "b.py": b"x = 1\n" * 50}))
    for magic, field in ((b"PK\1\2", 16), (b"PK\3\4", 14)):
        content[content.index(magic) + field] ^= 1
    with pytest.raises(WheelError, match=r": a is damaged inside its archive"):
        wheel_facts(wheel_of(bytes(content)), store)


def test_a_wheel_without_libraries_has_only_a_size(store: WheelStore) -> None:
    """Pure wheels are the common case and stay cheap."""
    facts = wheel_facts(wheel_of(wheel_bytes(files={})), store)
    assert facts == Facts(facts.unzipped)
