"""ELF files made by hand: a header, and as much behind it as a loader looks at."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

X86_64 = 62
AARCH64 = 183
_HEADER = "16sHHIQQQIHHHHHH"
_PROGRAM = "<IIQQQQQQ"
_SECTION = "<IIQQQQIIQQ"
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_STRINGS, _DYNAMIC_SECTION, _NEEDS = 3, 6, 0x6FFF_FFFE
_BASE = 0x1_0000
"""Where the file is loaded: addresses in memory are no offsets in the file."""


def elf_header(
    machine: int,
    *,
    order: str = "<",
    bits: int = 64,
    programs: int = 0,
    sections: int = 0,
    offset: int = 0,
) -> bytes:
    """Return the 64 bytes that every 64-bit ELF file begins with; the program headers follow at once."""
    ident = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    last = (0, 64, 56, programs, 64, sections, max(sections - 1, 0))
    return struct.pack(order + _HEADER, ident, 3, machine, 1, 0, 64 if programs else 0, offset, *last)


def elf_library(
    machine: int,
    versions: Sequence[str] = (),
    *,
    data: bytes = b"",
    needed: Sequence[str] = ("libc.so.6",),
    interpreter: str = "",
    with_sections: bool = True,
) -> bytes:
    """Return a library that asks its first needed library for these symbol versions.

    `data` is part of it and means nothing. With `interpreter` it is a program, which names its loader. Without
    sections it is as `sstrip` or a packer leaves it.
    """
    strings, names = _string_table(["", *needed, *versions])
    loader = interpreter.encode() + b"\0" if interpreter else b""
    body = data + bytes(-len(data) % 8)
    programs = 3 if interpreter else 2
    at_body = 64 + 56 * programs
    at_loader = at_body + len(body)
    at_strings = at_loader + len(loader)
    at_needs = _aligned(at_strings + len(strings))
    needs = _version_needs(versions, names, names[needed[0]] if needed else 0)
    at_dynamic = _aligned(at_needs + len(needs))
    tags = [(1, names[each]) for each in needed]
    tags += [(5, _BASE + at_strings), (10, len(strings))]
    tags += [(_NEEDS, _BASE + at_needs), (0x6FFF_FFFF, 1)] if versions else []
    dynamic = b"".join(struct.pack("<qQ", *tag) for tag in [*tags, (0, 0)])
    end = at_dynamic + len(dynamic)
    rows = [
        (_LOAD, 5, 0, _BASE, _BASE, end, end, 0x1000),
        (_DYNAMIC, 6, at_dynamic, _BASE + at_dynamic, _BASE + at_dynamic, len(dynamic), len(dynamic), 8),
    ]
    if interpreter:
        place = _BASE + at_loader
        rows.append((_INTERPRETER, 4, at_loader, place, place, len(loader), len(loader), 1))
    table = b"".join(struct.pack(_PROGRAM, *row) for row in rows)
    image = (body + loader + strings).ljust(at_needs - at_body, b"\0") + needs
    image = image.ljust(at_dynamic - at_body, b"\0") + dynamic
    if not with_sections:
        return elf_header(machine, programs=programs) + table + image
    parts = ((at_strings, len(strings)), (at_needs, len(needs)), (at_dynamic, len(dynamic)))
    sections = _sections(parts, end, 1 if versions else 0)
    header = elf_header(machine, programs=programs, sections=5, offset=end + len(_SECTION_NAMES))
    return header + table + image + _SECTION_NAMES + sections


_SECTION_NAMES = b"\0.dynstr\0.gnu.version_r\0.dynamic\0.shstrtab\0"


def _sections(parts: Sequence[tuple[int, int]], at_names: int, needs: int) -> bytes:
    (strings, strings_size), (needs_at, needs_size), (dynamic, dynamic_size) = parts
    rows = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (1, _STRINGS, 2, _BASE + strings, strings, strings_size, 0, 0, 1, 0),
        (9, _NEEDS, 2, _BASE + needs_at, needs_at, needs_size, 1, needs, 4, 0),
        (24, _DYNAMIC_SECTION, 3, _BASE + dynamic, dynamic, dynamic_size, 1, 0, 8, 16),
        (33, _STRINGS, 0, 0, at_names, len(_SECTION_NAMES), 0, 0, 1, 0),
    ]
    return b"".join(struct.pack(_SECTION, *row) for row in rows)


def _string_table(texts: Sequence[str]) -> tuple[bytes, dict[str, int]]:
    table, places = b"", {}
    for text in texts:
        places[text] = len(table)
        table += text.encode() + b"\0"
    return table, places


def _version_needs(versions: Sequence[str], names: dict[str, int], library: int) -> bytes:
    if not versions:
        return b""
    rows = [
        struct.pack("<IHHII", 0, 0, number + 2, names[version], 16 if number < len(versions) - 1 else 0)
        for number, version in enumerate(versions)
    ]
    return struct.pack("<HHIII", 1, len(rows), library, 16, 0) + b"".join(rows)


def _aligned(offset: int) -> int:
    return offset + -offset % 8
