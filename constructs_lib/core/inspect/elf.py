"""ELF files: the CPU they are for, their C library, and the newest glibc symbols they need.

Read as glibc's loader reads them (`elf/dl-load.c`, `_dl_map_object_from_fd`; `elf/dl-version.c`): the dynamic segment by
its address in memory, the last of two tags, the version needs up to the one without a next. Section headers, counts,
offsets and sizes that the loader ignores are ignored here, since a wrong one would hide what the file needs. A file
that cannot be read that way is `unreadable`, which is not the same as one without needs. Sources: System V ABI (gABI), chapters "ELF Header", "Program Header" and "Dynamic Section"; Linux
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
"""Version needs that are read; real files have a few dozen, and a circle must not cost minutes."""
_MAX_TAGS = 10_000
"""Entries of a dynamic segment that are read; real files have a few dozen, and a made one could have millions."""
_PAGE = 0x1000
"""The loader maps whole pages: an address behind a segment's bytes, on its last page, is still in the file."""

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NULL, _DT_NEEDED, _DT_STRTAB = 0, 1, 5
_DT_VERNEED = 0x6FFF_FFFE

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
    p_memsz: int


_PHDR = struct.Struct(
    "<"
    "I"  # p_type
    "4x"  # p_flags
    "Q"  # p_offset: place in the file
    "Q"  # p_vaddr: address in memory
    "8x"  # p_paddr
    "Q"  # p_filesz: bytes in the file
    "Q"  # p_memsz: bytes in memory; those beyond p_filesz are zero
    "8x"  # p_align
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
    "2x"  # vn_cnt: number of Elf64_Vernaux, which the loader does not read
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
    extension: bool = False
    """An extension module: it has the function that an import of its name calls."""
    unreadable: bool = False
    """Damaged, or made to look so: what it needs is unknown."""


def read_elf(path: str, content: bytes | bytearray) -> ElfFile | None:
    """Return the facts of an ELF file, or None for any other file.

    The C library is read of 64-bit little-endian files only: Lambda's CPUs load no others.
    """
    if not content.startswith(MAGIC) or len(content) < 20:
        return None
    number = int.from_bytes(content[18:20], "big" if content[5] == 2 else "little")
    machine = _MACHINES.get(number, f"e_machine {number}")
    extension = _is_extension(path, content)
    if content[4:6] != _CLASS_64_LITTLE_ENDIAN:
        return ElfFile(path, machine, None, extension=extension)
    try:
        image = _Image(content)
        glibc, musl = _newest_glibc(image.needed_versions()), image.needs_musl()
    except (struct.error, ValueError, OverflowError):
        return ElfFile(path, machine, None, extension=extension, unreadable=True)
    return ElfFile(path, machine, glibc, musl, extension)


def _is_extension(path: str, content: bytes | bytearray) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".so") and f"PyInit_{name.partition('.')[0]}".encode() in content


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
        if len(table) < e_phnum * _PHDR.size:
            raise ValueError("the program headers are cut short")
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
        offset = self._offset(_DT_VERNEED)
        if offset is None or self._strings is None:
            return
        for need, vn_aux in self._chain(_VERNEED, offset):
            for _, vna_name in self._chain(_VERNAUX, need + vn_aux):
                yield self._text(self._strings + vna_name)

    def _chain(self, record: struct.Struct, offset: int) -> Iterator[tuple[int, int]]:
        """Yield place and value of the records from `offset` on; each has the distance to the next one, the last one 0."""
        for _ in range(_MAX_ENTRIES):
            value, distance = record.unpack_from(self._content, offset)
            yield offset, value
            if not distance:
                return
            offset += distance
        raise ValueError(f"more than {_MAX_ENTRIES} version needs")

    def _needed(self) -> Iterator[str]:
        if self._strings is not None:
            for d_val in self._dynamic.get(_DT_NEEDED, ()):
                yield self._text(self._strings + d_val)

    def _read_dynamic(self) -> dict[int, list[int]]:
        """Return the values of each tag of the dynamic segment, in order; it ends with the first tag 0."""
        # The loader takes the last segment that has bytes in the file.
        segment = next(
            (
                segment
                for segment in reversed(self._segments)
                if segment.p_type == _PT_DYNAMIC and segment.p_filesz
            ),
            None,
        )
        values: dict[int, list[int]] = {}
        if segment is None:
            return values
        offset = self._place(segment.p_vaddr)
        for _ in range(_MAX_TAGS):
            d_tag, d_val = _DYN.unpack_from(self._content, offset)
            if d_tag == _DT_NULL:
                return values
            values.setdefault(d_tag, []).append(d_val)
            offset += _DYN.size
        raise ValueError(f"the dynamic segment has more than {_MAX_TAGS} entries")

    def _offset(self, tag: int) -> int | None:
        """Return the place in the file of a tag's address in memory; None without such a tag."""
        values = self._dynamic.get(tag)
        return self._place(values[-1]) if values else None

    def _place(self, address: int) -> int:
        """Return the place in the file of what is loaded at an address; a later segment covers an earlier one."""
        for segment in reversed(self._segments):
            if segment.p_type != _PT_LOAD:
                continue
            start = segment.p_vaddr - segment.p_vaddr % _PAGE
            end = segment.p_vaddr + segment.p_filesz
            if segment.p_memsz <= segment.p_filesz:
                end += -end % _PAGE
            place = segment.p_offset + address - segment.p_vaddr
            # Before the file's first byte it is negative, and `unpack_from` would count from the end.
            if start <= address < end and place >= 0:
                return place
        raise ValueError(f"nothing is loaded at {address:#x}")

    def _text(self, offset: int) -> str:
        return self._content[offset : self._content.index(b"\0", offset)].decode("ascii", "replace")
