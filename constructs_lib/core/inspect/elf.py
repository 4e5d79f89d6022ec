"""What an ELF file needs to run: its CPU and the newest glibc symbol version."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

MAGIC = b"\x7fELF"

# e_machine of the ELF header; names as `uname -m` and wheel tags spell them.
_MACHINES = {3: "i686", 21: "ppc64", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)")


@dataclass(frozen=True)
class ElfFile:
    """A shared library or program inside a wheel."""

    path: str
    machine: str
    """`x86_64`, `aarch64`, …; `e_machine N` for one without a name here."""
    glibc: tuple[int, int] | None
    """The newest version of glibc's symbols it asks for; None where it asks for none."""


def read_elf(path: str, content: bytes) -> ElfFile | None:
    """The facts of an ELF file, or None for any other file."""
    if not content.startswith(MAGIC) or len(content) < 20:
        return None
    number = int.from_bytes(content[18:20], "big" if content[5] == 2 else "little")
    return ElfFile(path, _MACHINES.get(number, f"e_machine {number}"), _newest_glibc(content))


def _newest_glibc(content: bytes) -> tuple[int, int] | None:
    """The newest `GLIBC_x.y` in the version needs.

    Parsing takes a hundred times longer than a search for the text, and what the text does not name, the
    version needs do not either. So only a file that names a version which some runtime lacks is parsed.
    """
    named = max(((int(major), int(minor)) for major, minor in _GLIBC.findall(content)), default=None)
    if named is None or named <= _EVERYWHERE:
        return named
    return _version_needs(content)


_EVERYWHERE = (2, 26)
"""The oldest glibc that Lambda runs Python on; which version exactly a file needs below it matters to nobody."""


def _version_needs(content: bytes) -> tuple[int, int] | None:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile
    from elftools.elf.gnuversions import GNUVerNeedSection

    try:
        sections = ELFFile(io.BytesIO(content)).iter_sections()
        versions = [
            _GLIBC.match(version.name.encode())
            for section in sections
            if isinstance(section, GNUVerNeedSection)
            for _, needed in section.iter_versions()
            for version in needed
        ]
    except (ELFError, ValueError, IndexError, OverflowError):
        return None
    return max(((int(match[1]), int(match[2])) for match in versions if match), default=None)
