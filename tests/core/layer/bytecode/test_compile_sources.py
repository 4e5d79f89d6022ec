"""The script that the target's Python runs."""

from __future__ import annotations

import importlib.util
import marshal
from types import CodeType

import pytest

from constructs_lib.core.layer.bytecode.compile_sources import bytecode

NAME = "opt/python/demo/one.py"


def test_bytecode_is_of_the_unchecked_kind_and_knows_no_folder_of_this_machine() -> None:
    """PEP 552: magic number, flags 1, the source's hash, the code, whose file is where Lambda has it."""
    made = bytecode(NAME, b"x = 1\n")
    assert made is not None
    assert made[:4] == importlib.util.MAGIC_NUMBER
    assert made[4:8] == b"\x01\0\0\0"
    assert made[8:16] == importlib.util.source_hash(b"x = 1\n")
    code = marshal.loads(made[16:])  # noqa: S302 - what this test has made
    assert isinstance(code, CodeType)
    assert code.co_filename == "/opt/python/demo/one.py"


def test_assertions_and_docstrings_stay() -> None:
    """Lambda runs Python without -O."""
    made = bytecode(NAME, b'"""Said."""\nassert False, "kept"\n')
    assert made is not None
    assert b"Said." in made
    assert b"kept" in made


@pytest.mark.parametrize(
    "source",
    [b"print 'x'\n", b"\0", b"x = '\xff'\n", b"# coding: nonsense\n", b"(" * 300, b"{{ template }}\n:"],
)
def test_what_does_not_compile_has_no_bytecode(source: bytes) -> None:
    """Of an older Python, a template, damaged."""
    assert bytecode(NAME, source) is None


def test_a_source_says_its_own_encoding() -> None:
    made = bytecode(NAME, b"# coding: latin-1\nx = '\xe9'\n")
    assert made is not None
    assert "é".encode() in made
