"""Modules that come as bytecode without a source, and how interpreters treat them."""

from __future__ import annotations

import importlib.util
import py_compile
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.aws_facts import RUNTIMES
from constructs_lib.core.inspect.pyc import Bytecode, find_bytecode
from tests.support.builders.hosts import OWN, interpreters

if TYPE_CHECKING:
    from pathlib import Path

HEAD_312 = (3531).to_bytes(2, "little") + b"\r\n"
HEAD_311 = (3495).to_bytes(2, "little") + b"\r\n"


def found(*names: str, head: bytes = HEAD_312) -> tuple[Bytecode, ...]:
    return find_bytecode({name: head for name in names if name.endswith(".pyc")}, set(names))


def test_bytecode_beside_its_source_does_not_count() -> None:
    """An import takes the source."""
    assert found("a.py", "a.pyc", "b.pyc") == (Bytecode("b.pyc", 3531),)


def test_only_what_an_import_would_find_counts() -> None:
    """The top level, and packages whether their own bytecode has a source or not; other folders hold data."""
    assert found("demo/__init__.py", "demo/a.pyc") == (Bytecode("demo/a.pyc", 3531),)
    assert found("demo/__init__.pyc") == (Bytecode("demo/__init__.pyc", 3531),)
    assert found("demo/__init__.py", "demo/data/a.pyc") == ()


def test_one_row_for_each_number() -> None:
    """With the first path of each; what is no bytecode at all has the number 0."""
    heads = {"c.pyc": HEAD_312, "b.pyc": HEAD_312, "a.pyc": HEAD_311, "d.pyc": b"text", "e.pyc": b""}
    rows = find_bytecode(heads, set(heads))
    assert rows == (Bytecode("d.pyc", 0), Bytecode("a.pyc", 3495), Bytecode("b.pyc", 3531))


@pytest.mark.parametrize(("version", "interpreter"), interpreters().items())
def test_the_table_has_the_number_that_the_interpreter_has(version: str, interpreter: Path) -> None:
    """Of every Python of this machine that Lambda runs."""
    code = "import importlib.util as u, sys; sys.stdout.write(u.MAGIC_NUMBER.hex())"
    head = bytes.fromhex(
        subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True).stdout
    )
    assert head == RUNTIMES[version].magic.to_bytes(2, "little") + b"\r\n"


def test_the_numbers_only_grow() -> None:
    """CPython counts up, so a number in the table cannot be one of another row."""
    numbers = [runtime.magic for runtime in RUNTIMES.values()]
    assert numbers == sorted(set(numbers))


def test_what_the_interpreter_does_with_it(tmp_path: Path) -> None:
    """The rule's reason: foreign bytecode alone cannot be imported, its own can, and a source comes first."""
    for name in ("own", "foreign", "both"):
        source = tmp_path / f"{name}.py"
        source.write_text("VALUE = 'source'\n")
        py_compile.compile(
            str(source), cfile=f"{source}c", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
        if name != "both":
            source.unlink()
    for name in ("foreign", "both"):
        compiled = tmp_path / f"{name}.pyc"
        other = next(runtime.magic for version, runtime in RUNTIMES.items() if version != OWN)
        compiled.write_bytes(other.to_bytes(2, "little") + compiled.read_bytes()[2:])
    assert (tmp_path / "own.pyc").read_bytes()[:4] == importlib.util.MAGIC_NUMBER

    def imported(name: str) -> subprocess.CompletedProcess[str]:
        code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {name}"
        return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)

    assert imported("own").returncode == 0
    assert imported("both").returncode == 0
    assert "ImportError: bad magic number in 'foreign'" in imported("foreign").stderr
