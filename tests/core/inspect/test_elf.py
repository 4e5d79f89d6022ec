"""What an ELF file needs to run."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_lib.core.inspect.elf import ElfFile, _newest_glibc, _version_needs, read_elf
from tests.support.elf import AARCH64, X86_64, elf_header, elf_library


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
        (["GLIBC_ABI_DT_RELR", "GLIBC_2.36"], (2, 36)),
        (["CXXABI_1.3"], None),
    ],
)
def test_the_newest_glibc_is_the_greatest_number(versions: list[str], newest: tuple[int, int] | None) -> None:
    """2.17 is newer than 2.4, and libstdc++'s versions are not glibc's."""
    elf = read_elf("a.so", elf_library(X86_64, versions))
    assert elf is not None
    assert elf.glibc == newest


def test_a_version_in_the_data_is_no_need() -> None:
    """A file that merely mentions GLIBC_2.99, in a message for example, asks for nothing newer."""
    mention = b"error: GLIBC_2.99 not found"
    assert _newest_glibc(elf_library(X86_64, ["GLIBC_2.17"], data=mention)) == (2, 17)
    assert _newest_glibc(elf_library(X86_64, ["GLIBC_2.2.5"], data=mention)) == (2, 2)
    assert _newest_glibc(elf_library(X86_64, [], data=mention)) is None


def test_an_offset_beyond_everything_is_no_traceback() -> None:
    """The section table claims to lie at the far end of the address space."""
    library = bytearray(elf_library(X86_64, ["GLIBC_2.34"]))
    library[40:48] = b"\xff" * 8
    assert read_elf("a.so", bytes(library)) == ElfFile("a.so", "x86_64", None)


@given(st.lists(st.integers(2, 60), max_size=5), st.lists(st.integers(2, 60), max_size=3))
def test_search_and_parse_agree(needed: list[int], mentioned: list[int]) -> None:
    """Whatever is mentioned, the answer is right where a runtime could lack it, and never too new below that."""
    library = elf_library(
        X86_64,
        [f"GLIBC_2.{minor}" for minor in needed],
        data=b" ".join(b"GLIBC_2.%d" % minor for minor in mentioned),
    )
    parsed, found = _version_needs(library), _newest_glibc(library)
    assert parsed == max([(2, minor) for minor in needed], default=None)
    if found is not None and found > (2, 26):
        assert found == parsed
    elif parsed is not None:
        assert parsed <= (2, 26)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_broken_library_is_no_traceback(data: st.DataObject) -> None:
    """Lambda will refuse it; we say what can be seen of it."""
    library = bytearray(elf_library(X86_64, ["GLIBC_2.34", "GLIBC_2.36"]))
    for _ in range(data.draw(st.integers(1, 3))):
        library[data.draw(st.integers(5, len(library) - 1))] = data.draw(st.integers(0, 255))
    read_elf("a.so", bytes(library[: data.draw(st.integers(20, len(library)))]))


def test_this_machines_libraries_read_as_readelf_reads_them() -> None:
    """Extension modules of installed wheels; the expected versions come from binutils where it is there."""
    libraries = sorted(Path(sysconfig.get_path("platlib")).rglob("*.so"))
    files = [file for file in libraries if file.stat().st_size < 3_000_000][:12]
    assert files
    for file in files:
        elf = read_elf(file.name, file.read_bytes())
        assert elf is not None
        assert elf.machine == sysconfig.get_platform().rpartition("-")[2].replace("arm64", "aarch64")
        assert _version_needs(file.read_bytes()) == (_by_readelf(file) or _version_needs(file.read_bytes()))


def test_a_library_made_by_hand_is_one_for_readelf_too(tmp_path: Path) -> None:
    """The tests' own maker writes what binutils understands, so the tests above mean something."""
    file = tmp_path / "a.so"
    file.write_bytes(elf_library(X86_64, ["GLIBC_2.4", "GLIBC_2.34"]))
    assert _by_readelf(file) in {(2, 34), None if shutil.which("readelf") is None else (2, 34)}


def _by_readelf(file: Path) -> tuple[int, int] | None:
    """The newest glibc in the version needs by binutils; None where that is not installed."""
    if (readelf := shutil.which("readelf")) is None:
        return None
    text = subprocess.run([readelf, "-VW", file], capture_output=True, text=True, check=True).stdout
    words = text[text.index("needs section") :].split()
    versions = [word.removeprefix("GLIBC_").split(".")[:2] for word in words if word.startswith("GLIBC_2")]
    return max((int(major), int(minor)) for major, minor in versions)
