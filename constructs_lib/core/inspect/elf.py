"""What an ELF file needs to run: its CPU, and the C library with the newest version of its symbols.

Read as the loader reads it, through program headers and the dynamic segment: section headers may be missing, and
say nothing to the loader. Source: System V ABI, "Program Loading and Dynamic Linking"; Linux Standard Base 5.0,
"Symbol Versioning".
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"\x7fELF"

# e_machine of the ELF header; names as `uname -m` and wheel tags spell them.
_MACHINES = {3: "i686", 21: "ppc64", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")
_MARK = "GLIBC_ABI_"
_FIRST_MARK = (2, 36)
"""Needs of the form GLIBC_ABI_… name a feature of the loader; the first, DT_RELR, came with this version."""

_CLASS_64_LITTLE_ENDIAN = b"\2\1"
_PROGRAM_TABLE = struct.Struct("<32xQ14xHH")  # e_phoff, e_phentsize, e_phnum
_PROGRAM = struct.Struct("<I4xQQ8xQ16x")  # p_type, p_offset, p_vaddr, p_filesz
_TAG = struct.Struct("<qQ")
_NEED = struct.Struct("<2xH4xII")  # vn_cnt, vn_aux, vn_next
_VERSION = struct.Struct("<8xII")  # vna_name, vna_next
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NULL, _NEEDED, _STRINGS = 0, 1, 5
_VERSION_NEEDS, _VERSION_NEEDS_COUNT = 0x6FFF_FFFE, 0x6FFF_FFFF
_MOST = 1000
"""Libraries and versions that are read; real files name a few dozen, and a broken count must not cost minutes."""


@dataclass(frozen=True)
class ElfFile:
    """A shared library or program inside a wheel."""

    path: str
    machine: str
    """`x86_64`, `aarch64`, …; `e_machine N` for one without a name here."""
    glibc: tuple[int, int] | None
    """The newest version of glibc's symbols it asks for; None where it asks for none."""
    musl: bool = False
    """Whether it was linked against musl, the C library of Alpine Linux."""


def read_elf(path: str, content: bytes | bytearray) -> ElfFile | None:
    """The facts of an ELF file, or None for any other file.

    Which C library is read of 64-bit little-endian files only: Lambda's CPUs load no others.
    """
    if not content.startswith(MAGIC) or len(content) < 20:
        return None
    number = int.from_bytes(content[18:20], "big" if content[5] == 2 else "little")
    machine = _MACHINES.get(number, f"e_machine {number}")
    if content[4:6] != _CLASS_64_LITTLE_ENDIAN:
        return ElfFile(path, machine, None)
    try:
        image = _Image(content)
        return ElfFile(path, machine, _newest_glibc(image.versions()), image.musl())
    except (struct.error, ValueError, OverflowError):
        return ElfFile(path, machine, None)


def _newest_glibc(versions: Iterator[str]) -> tuple[int, int] | None:
    found = []
    for version in versions:
        if match := _GLIBC.match(version):
            found.append((int(match[1]), int(match[2])))
        elif version.startswith(_MARK):
            found.append(_FIRST_MARK)
    return max(found, default=None)


class _Image:
    """What the loader sees of a file; a struct.error or ValueError says that it makes no sense."""

    def __init__(self, content: bytes | bytearray) -> None:
        self._content = content
        offset, size, count = _PROGRAM_TABLE.unpack_from(content)
        self._segments = [_PROGRAM.unpack_from(content, offset + size * each) for each in range(count)]
        self._tags = list(self._read_tags())
        # A static program has no dynamic segment, and a static position-independent one names no strings.
        self._strings = self._address(_STRINGS)

    def musl(self) -> bool:
        """By the library itself, which Alpine calls `libc.musl-x86_64.so.1` and musl `libc.so`, or by its loader."""
        strings = self._strings
        needed = (
            self._text(strings + at) for tag, at in self._tags if tag == _NEEDED and strings is not None
        )
        return any(name == "libc.so" or name.startswith("libc.musl-") for name in needed) or any(
            self._content.startswith(b"/lib/ld-musl-", offset)
            for kind, offset, _, _ in self._segments
            if kind == _INTERPRETER
        )

    def versions(self) -> Iterator[str]:
        """The symbol versions it needs of other libraries."""
        at, count = self._address(_VERSION_NEEDS), self._value(_VERSION_NEEDS_COUNT)
        if at is None or self._strings is None:
            return
        for _ in range(min(count or 0, _MOST)):
            versions, first, following = _NEED.unpack_from(self._content, at)
            place = at + first
            for _ in range(min(versions, _MOST)):
                name, step = _VERSION.unpack_from(self._content, place)
                yield self._text(self._strings + name)
                place += step
            at += following

    def _read_tags(self) -> Iterator[tuple[int, int]]:
        for kind, offset, _, size in self._segments:
            if kind == _DYNAMIC:
                for at in range(offset, min(offset + size, len(self._content)), _TAG.size):
                    tag, value = _TAG.unpack_from(self._content, at)
                    if tag == _NULL:
                        return
                    yield tag, value

    def _value(self, wanted: int) -> int | None:
        return next((value for tag, value in self._tags if tag == wanted), None)

    def _address(self, wanted: int) -> int | None:
        """Where in the file lies what a tag names by its address in memory."""
        address = self._value(wanted)
        if address is None:
            return None
        for kind, offset, start, size in self._segments:
            if kind == _LOAD and start <= address < start + size:
                return int(offset + address - start)
        msg = f"nothing is loaded at {address:#x}"
        raise ValueError(msg)

    def _text(self, at: int) -> str:
        return self._content[at : self._content.index(b"\0", at)].decode("ascii", "replace")
