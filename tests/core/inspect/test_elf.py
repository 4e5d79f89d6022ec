"""The facts of ELF files: CPU, C library, newest glibc."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.inspect.elf import ElfFile, read_elf
from tests.support.files.elf import AARCH64, X86_64, elf_header, elf_library
from tests.support.files.loader import judge, with_newer_glibc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def glibc_of(content: bytes) -> tuple[int, int] | None:
    elf = read_elf("a.so", content)
    assert elf is not None
    return elf.glibc


@pytest.mark.parametrize(
    ("number", "machine"),
    [(X86_64, "x86_64"), (AARCH64, "aarch64"), (3, "i686"), (243, "riscv64"), (247, "e_machine 247")],
)
@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
def test_the_cpu_is_read_from_the_header(number: int, machine: str, order: str) -> None:
    """In either byte order; a CPU without a name here is given by its number."""
    assert read_elf("a.so", elf_header(number, order=order)) == ElfFile("a.so", machine, None)


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF", b"\x7fELF" + bytes(15), b"MZ" + bytes(100), b"#!/bin/sh"]
)
def test_other_files_have_no_facts(content: bytes) -> None:
    """Nor has a file that ends before the CPU is named."""
    assert read_elf("a", content) is None


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        ([], None),
        (["GLIBC_2.2.5"], (2, 2)),
        (["GLIBC_2.4", "GLIBC_2.17"], (2, 17)),
        (["GLIBC_2.28", "GLIBC_2.4"], (2, 28)),
        (["GLIBC_2.34", "GLIBC_2.9", "GLIBCXX_3.4.30"], (2, 34)),
        (["GLIBC_ABI_DT_RELR", "GLIBC_2.17"], (2, 36)),
        (["GLIBC_ABI_GNU2_TLS", "GLIBC_2.42"], (2, 42)),
        (["GLIBC_PRIVATE"], None),
        (["CXXABI_1.3"], None),
    ],
)
def test_the_newest_glibc_is_the_greatest_number(versions: list[str], newest: tuple[int, int] | None) -> None:
    """2.17 is newer than 2.4, libstdc++'s versions are not glibc's, and a mark of the loader is a need too."""
    assert glibc_of(elf_library(X86_64, versions)) == newest


def test_a_version_in_the_data_is_no_need() -> None:
    """A file that merely mentions GLIBC_2.99, in a message for example, asks for nothing newer."""
    mention = b"error: GLIBC_2.99 not found"
    assert glibc_of(elf_library(X86_64, ["GLIBC_2.17"], data=mention)) == (2, 17)
    assert glibc_of(elf_library(X86_64, [], data=mention)) is None


@pytest.mark.parametrize("machine", [X86_64, AARCH64])
def test_no_section_headers_are_needed(machine: int) -> None:
    """The loader does not read them, and tools that shrink libraries take them away."""
    assert glibc_of(elf_library(machine, ["GLIBC_2.34"], with_sections=False)) == (2, 34)


def test_wrong_section_headers_change_nothing() -> None:
    """The section table claims to lie at the far end of the address space."""
    library = bytearray(elf_library(X86_64, ["GLIBC_2.34"]))
    library[40:48] = b"\xff" * 8
    assert glibc_of(bytes(library)) == (2, 34)


def test_a_program_needs_what_it_names() -> None:
    """Wheels bring programs too, with a loader of their own choice."""
    program = elf_library(X86_64, ["GLIBC_2.34"], interpreter="/lib64/ld-linux-x86-64.so.2")
    assert read_elf("bin/a", program) == ElfFile("bin/a", "x86_64", (2, 34))


def test_a_static_program_needs_no_c_library() -> None:
    """With or without a dynamic segment, which a position-independent one has."""
    assert read_elf("a", elf_library(X86_64, needed=())) == ElfFile("a", "x86_64", None)
    assert read_elf("a", elf_header(X86_64)) == ElfFile("a", "x86_64", None)


def test_a_program_header_of_another_size_is_damage() -> None:
    """The loader refuses such a file, so nothing beyond the CPU is read; that is not the same as no needs."""
    library = bytearray(elf_library(X86_64, ["GLIBC_2.34"]))
    library[54:56] = (57).to_bytes(2, "little")
    assert read_elf("a.so", bytes(library)) == ElfFile("a.so", "x86_64", None, unreadable=True)


@pytest.mark.parametrize(
    ("needed", "interpreter", "musl"),
    [
        (["libc.musl-x86_64.so.1"], "", True),
        (["libz.so.1", "libc.so"], "", True),
        ([], "/lib/ld-musl-aarch64.so.1", True),
        (["libc.so.6"], "", False),
        (["libmusl-tools.so"], "/lib64/ld-linux-x86-64.so.2", False),
    ],
)
def test_musl_is_distinguished_from_glibc(needed: list[str], interpreter: str, musl: bool) -> None:
    """By the name of the library or of the loader; a text somewhere in the data does not count."""
    content = elf_library(X86_64, needed=needed, interpreter=interpreter, data=b"libc.musl-x86_64.so.1")
    assert read_elf("a.so", content) == ElfFile("a.so", "x86_64", None, musl)


def test_files_for_other_processors_are_known_by_their_cpu_alone() -> None:
    """They are refused or ballast, so their C library does not matter."""
    library = elf_library(X86_64, ["GLIBC_2.99"])
    assert glibc_of(library[:4] + b"\1" + library[5:]) is None
    assert read_elf("a", elf_header(22, order=">")) == ElfFile("a", "s390x", None)


@given(st.lists(st.integers(2, 60), max_size=5), st.lists(st.integers(2, 60), max_size=3))
def test_what_is_needed_counts_and_not_what_is_mentioned(needed: list[int], mentioned: list[int]) -> None:
    """Names in the data do not count, with section headers or without."""
    for with_sections in (True, False):
        library = elf_library(
            X86_64,
            [f"GLIBC_2.{minor}" for minor in needed],
            data=b" ".join(b"GLIBC_2.%d" % minor for minor in mentioned),
            with_sections=with_sections,
        )
        assert glibc_of(library) == max([(2, minor) for minor in needed], default=None)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_broken_library_is_no_traceback(data: st.DataObject) -> None:
    """Lambda will refuse it; its facts are the CPU at most."""
    loader = data.draw(st.sampled_from(["", "/lib/ld-musl-x86_64.so.1"]))
    library = bytearray(elf_library(X86_64, ["GLIBC_2.34", "GLIBC_2.36"], interpreter=loader))
    for _ in range(data.draw(st.integers(1, 3))):
        library[data.draw(st.integers(5, len(library) - 1))] = data.draw(st.integers(0, 255))
    read_elf("a.so", bytes(library[: data.draw(st.integers(20, len(library)))]))


def test_this_machines_files_read_as_pyelftools_and_readelf_read_them() -> None:
    """Extension modules of installed wheels, and the interpreter; readelf is asked too, if it is installed."""
    libraries = sorted(Path(sysconfig.get_path("platlib")).rglob("*.so"))
    files = [file for file in libraries if file.stat().st_size < 3_000_000][:12]
    assert files
    for file in [*files, Path(sys.executable)]:
        content = file.read_bytes()
        elf = read_elf(file.name, content)
        assert elf is not None
        assert elf.machine == sysconfig.get_platform().rpartition("-")[2].replace("arm64", "aarch64")
        assert elf.glibc == _by_pyelftools(content)
        if shutil.which("readelf"):
            assert elf.glibc == _by_readelf(file)


def test_no_changed_byte_hides_what_the_loader_asks_for(tmp_path: Path) -> None:
    """The loader of this machine is the judge: one byte is changed in the headers, the dynamic segment, the needs.

    Where it misses GLIBC_2.99, that version is found or the file is unreadable; never has it no needs.
    """
    libraries = sorted(
        Path(sysconfig.get_path("platlib")).rglob("*.so"), key=lambda path: path.stat().st_size
    )
    contents = (path.read_bytes() for path in libraries)
    library = next(newer for content in contents if (newer := with_newer_glibc(content)) is not None)
    places = [place for place in _places_that_decide(library) if place >= 4]
    changes = [(place, library[place] ^ (0x80 if place % 2 else 1)) for place in places]
    verdicts = judge(library, changes, tmp_path)
    missing = [change for change, verdict in zip(changes, verdicts, strict=True) if "GLIBC_2.99" in verdict]
    assert len(missing) > len(changes) / 3
    for place, value in missing:
        elf = read_elf("a.so", library[:place] + bytes([value]) + library[place + 1 :])
        assert elf is not None
        assert elf.unreadable or elf.glibc == (2, 99), f"byte {place:#x} changed to {value:#x} hides the need"


def _places_that_decide(library: bytes) -> Iterator[int]:
    """Yield the places of headers, dynamic segment and version needs, by pyelftools."""
    elf = ELFFile(io.BytesIO(library))
    yield from range(64 + 56 * elf.num_segments())
    for section in elf.iter_sections():
        if section.name in {".dynamic", ".gnu.version_r"}:
            yield from range(section["sh_offset"], section["sh_offset"] + section["sh_size"])


@pytest.mark.parametrize("field", ["p_offset", "p_filesz"])
def test_the_dynamic_segment_is_found_by_its_address(field: str) -> None:
    """The loader does not read the segment's place in the file, so a wrong one hides nothing."""
    library = bytearray(elf_library(X86_64, ["GLIBC_2.99"]))
    at = 64 + 56 + {"p_offset": 8, "p_filesz": 32}[field]
    library[at] ^= 0x70
    assert glibc_of(bytes(library)) == (2, 99)


def test_version_needs_are_read_to_the_one_without_a_next() -> None:
    """The counts beside them are not the loader's; a circle ends as unreadable."""
    library = elf_library(X86_64, ["GLIBC_2.17", "GLIBC_2.99"])
    needs = library.index(struct.pack("<HH", 1, 2))
    counts = library[:needs] + struct.pack("<HH", 1, 0) + library[needs + 4 :]
    counts = counts.replace(struct.pack("<qQ", 0x6FFF_FFFF, 1), struct.pack("<qQ", 0x6FFF_FFFF, 0))
    assert counts != library
    assert glibc_of(counts) == (2, 99)
    circle = library[: needs + 12] + struct.pack("<I", 0xFFFF_FFF0) + library[needs + 16 :]
    elf = read_elf("a.so", circle)
    assert elf is not None
    assert elf.unreadable


def test_an_extension_module_has_the_function_that_an_import_calls() -> None:
    """A library of the same ending has none of its own name."""
    for path, data, expected in (
        ("demo/_x.cpython-312-x86_64-linux-gnu.so", b"PyInit__x", True),
        ("demo/_x.so", b"PyInit__x", True),
        ("demo/_x.so", b"PyInit_other", False),
        ("demo/_x.so.1", b"PyInit__x", False),
        ("bin/tool", b"PyInit_tool", False),
    ):
        elf = read_elf(path, elf_library(AARCH64, data=data))
        assert elf is not None
        assert elf.extension is expected


@pytest.mark.parametrize("interpreter", ["", "/lib64/ld-linux-x86-64.so.2"])
def test_a_library_made_by_hand_is_one_for_other_readers_too(tmp_path: Path, interpreter: str) -> None:
    """The tests' own maker writes what they understand, so the tests above mean something."""
    file = tmp_path / "a.so"
    file.write_bytes(elf_library(X86_64, ["GLIBC_2.4", "GLIBC_2.34"], interpreter=interpreter))
    assert _by_pyelftools(file.read_bytes()) == (2, 34)
    if shutil.which("readelf"):
        assert _by_readelf(file) == (2, 34)


def _by_pyelftools(content: bytes) -> tuple[int, int] | None:
    """Return the newest glibc of the version needs, read through the section headers."""
    return _newest(
        version.name
        for section in ELFFile(io.BytesIO(content)).iter_sections()
        if isinstance(section, GNUVerNeedSection)
        for _, needed in section.iter_versions()
        for version in needed
    )


def _by_readelf(file: Path) -> tuple[int, int] | None:
    """Return the same by binutils."""
    text = subprocess.run(["readelf", "-VW", file], capture_output=True, text=True, check=True).stdout
    return _newest(text.partition("needs section")[2].split())


def _newest(names: Iterable[str]) -> tuple[int, int] | None:
    versions = [name.removeprefix("GLIBC_").split(".")[:2] for name in names if name.startswith("GLIBC_2")]
    return max(((int(major), int(minor)) for major, minor in versions), default=None)


def test_a_dynamic_segment_without_end_is_damage() -> None:
    """Millions of entries would cost seconds and much memory."""
    elf = read_elf("a.so", elf_library(X86_64, needed=["libc.so.6"] * 10_001))
    assert elf is not None
    assert elf.unreadable
