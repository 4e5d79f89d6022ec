"""ELF files made by hand: a header, and as much behind it as a loader looks at."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

X86_64 = 62
AARCH64 = 183
_HEADER = "16sHHIQQQIHHHHHH"
_SECTION = "IIQQQQIIQQ"
_STRINGS, _NEEDS = 3, 0x6FFF_FFFE


def elf_header(machine: int, *, order: str = "<", sections: int = 0, offset: int = 0) -> bytes:
    """The 64 bytes that every 64-bit ELF file begins with."""
    ident = b"\x7fELF" + bytes([2, 1 if order == "<" else 2, 1]) + bytes(9)
    last = (0, 64, 0, 0, 64, sections, max(sections - 1, 0))
    return struct.pack(order + _HEADER, ident, 3, machine, 1, 0, 0, offset, *last)


def elf_library(machine: int, versions: Sequence[str], *, data: bytes = b"") -> bytes:
    """A library that asks libc.so.6 for these symbol versions; `data` is part of it and means nothing."""
    strings = b"\0libc.so.6\0"
    rows = []
    for number, version in enumerate(versions):
        following = 16 if number < len(versions) - 1 else 0
        rows.append(struct.pack("<IHHII", 0, 0, number + 2, len(strings), following))
        strings += version.encode() + b"\0"
    needs = struct.pack("<HHIII", 1, len(rows), 1, 16, 0) + b"".join(rows) if rows else b""
    names = b"\0.dynstr\0.gnu.version_r\0.shstrtab\0"
    body = data + bytes(-len(data) % 8)
    at_strings = 64 + len(body)
    at_needs = at_strings + len(strings)
    at_names = at_needs + len(needs)
    table = at_names + len(names)
    sections = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (1, _STRINGS, 2, 0, at_strings, len(strings), 0, 0, 1, 0),
        (9, _NEEDS, 2, 0, at_needs, len(needs), 1, 1 if rows else 0, 4, 0),
        (24, _STRINGS, 0, 0, at_names, len(names), 0, 0, 1, 0),
    ]
    header = elf_header(machine, sections=len(sections), offset=table)
    rows_of_table = b"".join(struct.pack("<" + _SECTION, *section) for section in sections)
    return header + body + strings + needs + names + rows_of_table
