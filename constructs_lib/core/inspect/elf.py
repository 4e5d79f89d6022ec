"""ELF files: the CPU they are for, their C library, and the newest glibc symbols they need.

Read as the loader reads them, through program headers and the dynamic segment: section headers may be missing, and the
loader ignores them. Sources: System V ABI (gABI), chapters "ELF Header", "Program Header" and "Dynamic Section"; Linux
Standard Base 5.0, "Symbol Versioning".
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"\x7fELF"

# e_machine of the ELF header; names as `uname -m` and wheel tags spell them.
_MACHINES = {3: "i686", 21: "ppc64", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")
_ABI_MARK = "GLIBC_ABI_"
_FIRST_ABI_MARK = (2, 36)
"""Versions named GLIBC_ABI_… stand for a feature of the loader; the first, DT_RELR, came with this glibc."""

# e_ident[EI_CLASS] and e_ident[EI_DATA]: ELFCLASS64, ELFDATA2LSB.
_CLASS_64_LITTLE_ENDIAN = b"\2\1"
_MAX_ENTRIES = 1000
"""Libraries and versions that are read; real files name a few dozen, and a broken count must not cost minutes."""

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB = 0, 1, 5
_DT_VERNEED, _DT_VERNEEDNUM = 0x6FFF_FFFE, 0x6FFF_FFFF

_EHDR = struct.Struct(
    "<"
    "16x"  # e_ident
    "2x"  # e_type
    "2x"  # e_machine
    "4x"  # e_version
    "8x"  # e_entry
    "Q"  # e_phoff: where the program header table begins
    "8x"  # e_shoff
    "4x"  # e_flags
    "2x"  # e_ehsize
    "H"  # e_phentsize: bytes of one program header
    "H"  # e_phnum: number of program headers
)


class ProgramHeader(NamedTuple):
    """One segment (Elf64_Phdr)."""

    p_type: int
    p_offset: int
    p_vaddr: int
    p_filesz: int


_PHDR = struct.Struct(
    "<"
    "I"  # p_type
    "4x"  # p_flags
    "Q"  # p_offset: place in the file
    "Q"  # p_vaddr: address in memory
    "8x"  # p_paddr
    "Q"  # p_filesz: bytes in the file
    "16x"  # p_memsz, p_align
)


# Elf64_Dyn: one entry of the dynamic segment.
_DYN = struct.Struct(
    "<"
    "q"  # d_tag
    "Q"  # d_un: a number, the offset of a string (d_val), or an address in memory (d_ptr)
)
# Elf64_Verneed: the versions needed of one library.
_VERNEED = struct.Struct(
    "<"
    "2x"  # vn_version
    "H"  # vn_cnt: number of Elf64_Vernaux
    "4x"  # vn_file
    "I"  # vn_aux: offset of the first Elf64_Vernaux from here
    "I"  # vn_next: offset of the next Elf64_Verneed from here
)
# Elf64_Vernaux: one needed version.
_VERNAUX = struct.Struct(
    "<"
    "4x"  # vna_hash
    "2x"  # vna_flags
    "2x"  # vna_other
    "I"  # vna_name: offset of the name in the string table
    "I"  # vna_next: offset of the next Elf64_Vernaux from here
)


class ElfFile(NamedTuple):
    """A shared library or program inside a wheel."""

    path: str
    machine: str
    """`x86_64`, `aarch64`, …; `e_machine N` for a CPU without a name in our table."""
    glibc: tuple[int, int] | None
    """The newest glibc whose symbols the file needs; None if it needs none."""
    musl: bool = False
    """Linked against musl, the C library of Alpine Linux."""


def read_elf(path: str, content: bytes | bytearray) -> ElfFile | None:
    """Return the facts of an ELF file, or None for any other file.

    The C library is read of 64-bit little-endian files only: Lambda's CPUs load no others.
    """
    if not content.startswith(MAGIC) or len(content) < 20:
        return None
    number = int.from_bytes(content[18:20], "big" if content[5] == 2 else "little")
    machine = _MACHINES.get(number, f"e_machine {number}")
    if content[4:6] != _CLASS_64_LITTLE_ENDIAN:
        return ElfFile(path, machine, None)
    try:
        image = _Image(content)
        return ElfFile(path, machine, _newest_glibc(image.needed_versions()), image.needs_musl())
    except (struct.error, ValueError, OverflowError):
        # A damaged file: Lambda will refuse it, so the CPU is enough to know.
        return ElfFile(path, machine, None)


def _newest_glibc(names: Iterator[str]) -> tuple[int, int] | None:
    versions = []
    for name in names:
        if match := _GLIBC.match(name):
            versions.append((int(match[1]), int(match[2])))
        elif name.startswith(_ABI_MARK):
            versions.append(_FIRST_ABI_MARK)
    return max(versions, default=None)


class _Image:
    """The file as the loader sees it; a struct.error or ValueError means that it is damaged."""

    def __init__(self, content: bytes | bytearray) -> None:
        self._content = content
        e_phoff, e_phentsize, e_phnum = _EHDR.unpack_from(content)
        # The loader refuses any other size, too.
        if e_phnum and e_phentsize != _PHDR.size:
            raise ValueError(f"a program header has {e_phentsize} bytes")
        table = content[e_phoff : e_phoff + e_phnum * _PHDR.size]
        self._segments = list(map(ProgramHeader._make, _PHDR.iter_unpack(table)))
        self._dynamic = self._read_dynamic()
        # None for a static program: it has no dynamic segment, or (position-independent) one without strings.
        self._strings = self._offset(_DT_STRTAB)

    def needs_musl(self) -> bool:
        """Return whether the file needs musl, by the library's name or by the name of its loader.

        Alpine calls the library `libc.musl-x86_64.so.1`, musl itself `libc.so`.
        """
        return any(name == "libc.so" or name.startswith("libc.musl-") for name in self._needed()) or any(
            self._content.startswith(b"/lib/ld-musl-", segment.p_offset)
            for segment in self._segments
            if segment.p_type == _PT_INTERP
        )

    def needed_versions(self) -> Iterator[str]:
        """Yield the names of the symbol versions that the file needs of other libraries."""
        offset, count = self._offset(_DT_VERNEED), self._value(_DT_VERNEEDNUM)
        if offset is None or self._strings is None:
            return
        for _ in range(min(count or 0, _MAX_ENTRIES)):
            vn_cnt, vn_aux, vn_next = _VERNEED.unpack_from(self._content, offset)
            place = offset + vn_aux
            for _ in range(min(vn_cnt, _MAX_ENTRIES)):
                vna_name, vna_next = _VERNAUX.unpack_from(self._content, place)
                yield self._text(self._strings + vna_name)
                place += vna_next
            offset += vn_next

    def _needed(self) -> Iterator[str]:
        if self._strings is not None:
            for d_val in self._dynamic.get(_DT_NEEDED, ()):
                yield self._text(self._strings + d_val)

    def _read_dynamic(self) -> dict[int, list[int]]:
        """Return the values of each tag of the dynamic segment, in order."""
        values: dict[int, list[int]] = {}
        for segment in self._segments:
            if segment.p_type == _PT_DYNAMIC:
                table = memoryview(self._content)[segment.p_offset : segment.p_offset + segment.p_filesz]
                for d_tag, d_val in _DYN.iter_unpack(table[: len(table) // _DYN.size * _DYN.size]):
                    if d_tag == _DT_NULL:
                        return values
                    values.setdefault(d_tag, []).append(d_val)
        return values

    def _value(self, tag: int) -> int | None:
        return next(iter(self._dynamic.get(tag, ())), None)

    def _offset(self, tag: int) -> int | None:
        """Return the place in the file of a tag's address in memory; None without such a tag."""
        address = self._value(tag)
        if address is None:
            return None
        for segment in self._segments:
            if segment.p_type == _PT_LOAD and segment.p_vaddr <= address < segment.p_vaddr + segment.p_filesz:
                return segment.p_offset + address - segment.p_vaddr
        raise ValueError(f"nothing is loaded at {address:#x}")

    def _text(self, offset: int) -> str:
        return self._content[offset : self._content.index(b"\0", offset)].decode("ascii", "replace")
