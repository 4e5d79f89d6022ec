"""The extension modules that a source declares: what is one, and what only looks like one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from constructs_lib.core.wheels.extension_modules import extensions_of_project, extensions_of_sdist
from tests.support.files.sources import write_files, write_sdist

OPTIONAL = "setup(ext_modules=[Extension('x._fast', ['x/_fast.c'], optional=True)])\n"
SETUP_CFG = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'

DECLARED = {
    "setup.py": {"setup.py": OPTIONAL, "x/_fast.c": ""},
    "cython": {"setup.py": "setup(ext_modules=cythonize('x/*.pyx'))\n", "x/_fast.pyx": ""},
    "cffi": {"setup.py": "setup(cffi_modules=['x/make.py:ffi'])\n", "x/_fast.c": ""},
    "pyproject": {
        "pyproject.toml": '[[tool.setuptools.ext-modules]]\nname = "x._fast"\nsources = ["x/_fast.c"]\n',
        "x/_fast.c": "",
    },
    "setuptools-rust": {"pyproject.toml": "[[tool.setuptools-rust.ext-modules]]\n", "src/lib.rs": ""},
    "maturin": {"pyproject.toml": '[build-system]\nbuild-backend = "maturin"\n', "src/lib.rs": ""},
    "meson": {"meson.build": "py.extension_module('_fast', 'x/_fast.c')\n", "x/_fast.c": ""},
    "cmake": {"CMakeLists.txt": "pybind11_add_module(_fast fast.cpp)\n", "fast.cpp": ""},
    "nested cmake": {
        "native/CMakeLists.txt": "python_add_library(_fast MODULE fast.cxx)\n",
        "native/fast.cxx": "",
    },
    "poetry script": {"build.py": "setup(ext_modules=[Extension('x', ['x/_fast.c'])])\n", "x/_fast.c": ""},
    "hatch hook": {"hatch_build.py": "exts = [Extension('x', ['_fast.c'])]\n", "_fast.c": ""},
    "named among tests": {
        "setup.py": "setup(ext_modules=[Extension('t', ['tests/_t.c'])])\n",
        "tests/_t.c": "",
    },
}
PURE = {
    "an example": {"setup.py": "setup()\n", "docs/example.c": "", "examples/rust/src/main.rs": ""},
    "data in C": {"pyproject.toml": SETUP_CFG, "x/templates/main.c": "", "x/header.h": ""},
    "declared without sources": {"setup.py": "setup(ext_modules=mypycify(['x/a.py']))\n", "x/a.py": ""},
    "a comment": {"setup.py": "# ext_modules = no more\nsetup()  # was Extension(x)\n", "x/old.c": ""},
    "only examples to compile": {"setup.py": OPTIONAL, "docs/other.c": ""},
    "a test's program": {"setup.py": "setup()\n", "tests/data/setup.py": OPTIONAL, "x/_fast.c": ""},
}


def both(files: dict[str, str], root: Path) -> tuple[list[str], ...]:
    write_files(root, files)
    paths = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    archive = write_sdist("x", files, files.get("pyproject.toml", "[project]\n"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        target.writestr("x-1.0/", "")
        for name, text in files.items():
            target.writestr(f"x-1.0/{name}", text)
    return (
        extensions_of_project(root, paths),
        extensions_of_sdist(archive, "x-1.0.tar.gz"),
        extensions_of_sdist(packed.getvalue(), "x-1.0.zip"),
    )


@pytest.mark.parametrize("name", DECLARED)
def test_declared_extension_modules_are_found(name: str, tmp_path: Path) -> None:
    """In a project's folder, a tar and a zip alike; the sources are named."""
    [expected] = [
        file for file in DECLARED[name] if Path(file).suffix[1:] in ("c", "cpp", "cxx", "pyx", "rs")
    ]
    assert both(DECLARED[name], tmp_path) == ([expected], [expected], [expected])


@pytest.mark.parametrize("name", PURE)
def test_other_files_are_none(name: str, tmp_path: Path) -> None:
    """A false alarm would refuse a pure package."""
    assert both(PURE[name], tmp_path) == ([], [], [])


@pytest.mark.parametrize("archive", [b"", b"PK\x05\x06", b"\x1f\x8b damaged", b"x" * 600])
def test_an_archive_that_cannot_be_read_is_the_builds_to_refuse(archive: bytes) -> None:
    assert extensions_of_sdist(archive, "x-1.0.tar.gz") == []
