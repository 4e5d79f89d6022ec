"""The extension modules that a source declares, from its files alone: the same answer with a compiler and without.

A build that may go on without a compiler gives a pure wheel on one machine and a native one on another
(docs/decisions/0033).
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from constructs_lib.core.wheels.archive_limit import UNREADABLE, open_tar, open_zip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_SOURCES = frozenset(
    {".c", ".cc", ".cpp", ".cxx", ".cu", ".f", ".f90", ".go", ".m", ".mm", ".pyx", ".rs", ".s", ".zig"}
)
# What lies there is compiled by nobody, unless a program names the file.
_ASIDE = frozenset(
    {
        "doc",
        "docs",
        "example",
        "examples",
        "sample",
        "samples",
        "test",
        "tests",
        "testing",
        "bench",
        "benchmarks",
    }
)
_PROGRAMS = frozenset(
    {"setup.py", "setup.cfg", "pyproject.toml", "build.py", "hatch_build.py", "pdm_build.py", "meson.build"}
    | {"CMakeLists.txt"}
)
_DECLARED = re.compile(
    r"\b(?:ext_modules|ext-modules|cffi_modules|rust_extensions|cythonize|extension_module)\b"
    r"|\b\w*Extension\s*\("
    r"|\b(?:[Pp]ython3?|pybind11|nanobind|cython)_add_(?:library|module)\b"
    r"|^\s*build-backend\s*=\s*[\"']maturin[\"']"
    r"|^\s*\[+tool\.(?:setuptools-rust|cython)\b"
    r"|^\s*\[+tool\.hatch\..*hooks\.cython\b",
    re.MULTILINE,
)
_COMMENT = re.compile(r"^\s*#.*$|(?<=\s)#[^\n\"']*$", re.MULTILINE)
_LARGEST = 2_000_000
"""Bytes of a program that are read: longer ones are generated."""


def extension_sources(names: Iterable[str], read: Callable[[str], str]) -> list[str]:
    """Return the source files of declared extension modules, sorted; `names` are relative to the project.

    Both are needed: a build program that declares extension modules, and sources to compile. Sources among examples,
    tests and documentation count where the program names them.
    """
    names = sorted(names)
    sources = [name for name in names if PurePosixPath(name).suffix.lower() in _SOURCES]
    if not sources:
        return []
    programs = (read(name) for name in names if PurePosixPath(name).name in _PROGRAMS and not _is_aside(name))
    declaring = [
        text for text in (_COMMENT.sub("", program) for program in programs) if _DECLARED.search(text)
    ]
    if not declaring:
        return []
    return [
        name
        for name in sources
        if not _is_aside(name) or any(PurePosixPath(name).name in text for text in declaring)
    ]


def _is_aside(name: str) -> bool:
    return not _ASIDE.isdisjoint(part.lower() for part in PurePosixPath(name).parts[:-1])


def extensions_of_project(root: Path, files: Iterable[Path]) -> list[str]:
    """Return the sources of the extension modules that a project declares."""

    def read(name: str) -> str:
        file = root / name
        return file.read_bytes().decode("utf-8", "replace") if file.stat().st_size <= _LARGEST else ""

    return extension_sources((path.as_posix() for path in files), read)


def extensions_of_sdist(archive: bytes, filename: str) -> list[str]:
    """Return the sources of the extension modules that a source distribution declares.

    One that cannot be read is left to the build, which names its fault; a ProjectError for one that no build should
    unpack.
    """
    try:
        if zipfile.is_zipfile(io.BytesIO(archive)):
            with open_zip(archive, filename) as packed:
                sizes = {info.filename: info.file_size for info in packed.infolist() if not info.is_dir()}
                return _below_top(sizes, packed.read)
        with open_tar(archive, filename) as tar:
            members = {member.name: member for member in tar if member.isfile()}
            sizes = {name: member.size for name, member in members.items()}

            def content(name: str) -> bytes:
                file = tar.extractfile(members[name])
                return file.read() if file else b""

            return _below_top(sizes, content)
    except UNREADABLE:
        return []


def _below_top(sizes: Mapping[str, int], content: Callable[[str], bytes]) -> list[str]:
    """Return the sources below the one folder that a source distribution has at its top."""
    by_name = {name.removeprefix("./").partition("/")[2]: name for name in sizes}

    def read(name: str) -> str:
        whole = by_name[name]
        return content(whole).decode("utf-8", "replace") if sizes[whole] <= _LARGEST else ""

    return extension_sources(by_name, read)
