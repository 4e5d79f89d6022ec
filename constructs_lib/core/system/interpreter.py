"""Interpreters of this machine: for compiling bytecode and for importing a layer."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_lib.core.errors import ToolError
from constructs_lib.core.system.process import find_tool, run
from constructs_lib.core.system.user_folders import home_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIME_LIMIT = 60
_FINAL = 0xF0  # the last byte of `sys.hexversion` of a final release
_ASK = (
    "import sys; from importlib.machinery import EXTENSION_SUFFIXES as suffixes; "
    "print(sys.implementation.cache_tag, sys.hexversion, *suffixes[:1], sys.executable, sep='\\n')"
)
_OPTIONS = ("--no-project", "--no-config", "--no-python-downloads", "--system")


@dataclass(frozen=True)
class Interpreter:
    """A Python of this machine."""

    path: str
    tag: str
    """As in the names of bytecode files: `cpython-312`."""
    hexversion: int
    extension: str
    """The suffix of extension modules for it alone, which names CPU and C library too:
    `.cpython-312-x86_64-linux-gnu.so`."""


def find_interpreters(version: str) -> Iterator[Interpreter]:
    """Yield the final releases of CPython `version` (`3.12`): the running one, on PATH, of pyenv, and found by uv.

    One at a time, so that those after a suitable one are not started; nothing is downloaded. A preview release is
    skipped, since the final one does not read its bytecode.
    """
    tag = f"cpython-{version.replace('.', '')}"
    for interpreter in _candidates(version):
        if interpreter is not None and interpreter.tag == tag and interpreter.hexversion & _FINAL == _FINAL:
            yield interpreter


def _candidates(version: str) -> Iterator[Interpreter | None]:
    yield Interpreter(
        sys.executable, sys.implementation.cache_tag, sys.hexversion, next(iter(EXTENSION_SUFFIXES), "")
    )
    for folder in os.get_exec_path():
        if path := shutil.which(f"python{version}", path=folder):
            yield _asked(path)
    yield from map(_asked, _of_pyenv(version))
    with suppress(ToolError):
        yield _asked(_quick(find_tool("uv"), "python", "find", *_OPTIONS, f"cpython@{version}").strip())


def _of_pyenv(version: str) -> list[str]:
    """Return also the versions that are not activated, whose shims on PATH only print an error."""
    home = home_folder()
    root = os.environ.get("PYENV_ROOT") or (home and home / ".pyenv")
    return sorted(map(str, Path(root, "versions").glob(f"{version}.*/bin/python{version}"))) if root else []


@cache
def _asked(path: str) -> Interpreter | None:
    """Ask the interpreter at `path`; None where it does not start, as a version manager's shim may."""
    try:
        tag, number, extension, executable = _quick(path, "-I", "-S", "-c", _ASK).splitlines()
        return Interpreter(executable, tag, int(number), extension)
    except (ToolError, ValueError):
        return None


def _quick(*command: str) -> str:
    return run(command, cwd=Path(tempfile.gettempdir()), timeout=_TIME_LIMIT)
