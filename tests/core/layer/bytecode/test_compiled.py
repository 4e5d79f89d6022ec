"""Bytecode among the entries of a layer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from constructs_lib.core.layer.bytecode.compiled import bytecode_name, with_bytecode
from constructs_lib.core.layer.layer_options import LayerOptions
from constructs_lib.core.target import Target
from constructs_lib.core.wheels.contents import wheel_entries
from tests.support.files.wheels import wheel_bytes, wheel_of

if TYPE_CHECKING:
    from constructs_lib.core.store.wheel_store import WheelStore

TAG = sys.implementation.cache_tag or ""
HERE = Target(f"3.{sys.version_info.minor}")


def test_the_name_is_the_one_that_an_import_looks_for() -> None:
    """PEP 3147."""
    assert bytecode_name("python/a/b.py", "cpython-313") == "python/a/__pycache__/b.cpython-313.pyc"


def test_each_module_is_followed_by_its_bytecode(store: WheelStore) -> None:
    """But not a test suite's modules, nor one that does not compile."""
    files = {"a.py": b"A = 1\n", "bad.py": b"def (\n", "a/tests/test_a.py": b"", "data.txt": b"text"}
    wheel = wheel_of(wheel_bytes(files=files))
    entries = wheel_entries(wheel, "python/")
    for _ in range(2):  # compiled, then read from the store
        names = [
            entry.name for entry in with_bytecode({wheel: entries}, entries, HERE, LayerOptions(), store)
        ]
        added = [name for name in names if name.endswith(".pyc")]
        assert added == [bytecode_name("python/a.py", TAG)]
        assert names.index(added[0]) == names.index("python/a.py") + 1
