"""A package with a C extension and no wheel: what the index lacks."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING

from constructs_lib.core import (
    Container,
    LayerArtifact,
    LayerOptions,
    Progress,
    Target,
    WheelStore,
    build_layer,
)

if TYPE_CHECKING:
    from pathlib import Path

PYTHON_3_11 = Target("3.11")

EXTENSION = """\
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *answer(PyObject *self, PyObject *arguments) {
    return PyLong_FromLong(42);
}

static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_crunch", NULL, -1, methods};

PyMODINIT_FUNC PyInit__crunch(void) {
    return PyModule_Create(&module);
}
"""
METADATA = "Metadata-Version: 2.2\nName: crunch\nVersion: 1.0\n"
SETUPTOOLS = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "crunch"
version = "1.0"

[tool.setuptools]
packages = ["crunch"]

[[tool.setuptools.ext-modules]]
name = "crunch._crunch"
sources = ["crunch/_crunch.c"]
"""
IN_TREE = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "crunch"
version = "1.0"
"""
# A build backend without dependencies: no index is asked. `BEFORE` is what a test wants to happen first.
BACKEND = """\
import os, subprocess, sysconfig, zipfile

INFO = "crunch-1.0.dist-info"

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
BEFORE
    tag = f"cp{sysconfig.get_config_var('py_version_nodot')}"
    platform = sysconfig.get_platform().replace("-", "_")
    name = f"crunch-1.0-{tag}-{tag}-{platform}.whl"
    library = "crunch/_crunch" + sysconfig.get_config_var("EXT_SUFFIX")
    include = sysconfig.get_paths()["include"]
    subprocess.run(["gcc", "-shared", "-fPIC", f"-I{include}", "crunch/_crunch.c", "-o", library], check=True)
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path in ("crunch/__init__.py", library):
            wheel.writestr(path, open(path, "rb").read())
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.2\\nName: crunch\\nVersion: 1.0\\n")
        wheel.writestr(f"{INFO}/WHEEL", f"Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: {tag}-{tag}-{platform}\\n")
        wheel.writestr(f"{INFO}/RECORD", "")
    return name
"""


def sources(before: str = "pass", *, setuptools: bool = False) -> dict[str, str]:
    """Return the files of the package; `before` is a line of Python that runs in the build."""
    files = {
        "crunch/__init__.py": "from crunch._crunch import answer\n",
        "crunch/_crunch.c": EXTENSION,
        "PKG-INFO": METADATA,
        "pyproject.toml": SETUPTOOLS if setuptools else IN_TREE,
    }
    return files if setuptools else {**files, "backend.py": BACKEND.replace("BEFORE", f"    {before}")}


def write_tree(root: Path, before: str = "pass") -> Path:
    for name, text in sources(before).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def sdist(before: str = "pass", *, setuptools: bool = False) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in sources(before, setuptools=setuptools).items():
            info = tarfile.TarInfo(f"crunch-1.0/{name}")
            info.size = len(text)
            info.mtime = 1_600_000_000
            archive.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(buffer.getvalue(), mtime=0)


def native_project(root: Path, before: str = "pass", *, setuptools: bool = False, wheels: str = "") -> Path:
    """Make a project that is locked to the source distribution, and with `wheels` to wheels for other platforms."""
    content = sdist(before, setuptools=setuptools)
    root.mkdir(parents=True, exist_ok=True)
    (root / "crunch-1.0.tar.gz").write_bytes(content)
    (root / "pyproject.toml").write_text(
        '[project]\nname = "mill"\nversion = "1"\ndependencies = ["crunch"]\n'
    )
    sha256 = hashlib.sha256(content).hexdigest()
    lines = [
        'lock-version = "1.0"',
        'created-by = "a test"',
        "[[packages]]",
        'name = "crunch"',
        'version = "1.0"',
        f'sdist = {{ path = "crunch-1.0.tar.gz", hashes = {{ sha256 = "{sha256}" }} }}',
    ]
    if wheels:
        lines.append(f'wheels = [{{ path = "{wheels}", hashes = {{ sha256 = "{"0" * 64}" }} }}]')
    (root / "pylock.toml").write_text("\n".join(lines) + "\n")
    return root


def build(
    project: Path,
    folder: Path,
    container: Container | bool | str | None = True,
    said: io.StringIO | None = None,
    target: Target = PYTHON_3_11,
) -> LayerArtifact:
    return build_layer(
        project,
        folder / "layer.zip",
        target,
        LayerOptions(container=container),
        store=WheelStore(folder / "store"),
        progress=Progress(stream=said or io.StringIO()),
    )


def answer(layer: Path, python: str, folder: Path) -> str:
    """Call a function of the layer; return its result."""
    with zipfile.ZipFile(layer) as archive:
        archive.extractall(folder)  # noqa: S202 - made by this test
    code = "import crunch; print(crunch.answer())"
    command = [
        python,
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, sys.argv[1]); {code}",
        str(folder / "python"),
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
