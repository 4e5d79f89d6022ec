"""The memory of a family of processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from constructs_lib.core.invoke import memory
from constructs_lib.core.invoke.memory import memory_of

MB = 1024 * 1024
pytestmark = pytest.mark.skipif(not memory_of(os.getpid()), reason="no /proc")
GROW = "import sys; x = bytearray({} * 1024 * 1024); {}; print('ready', flush=True); sys.stdin.read()"


def test_memory_of_children_counts() -> None:
    """Each process has its share of shared pages."""
    child = f"import subprocess; p = subprocess.Popen([sys.executable, '-c', {GROW.format(50, 'pass')!r}], stdin=0)"
    code = GROW.format(50, child)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline() for _ in range(2)]
        used = memory_of(parent.pid)
        parent.communicate()
    assert lines == [b"ready\n"] * 2
    assert 100 * MB < used < 200 * MB


def test_a_process_that_is_gone_has_none() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert memory_of(done.pid) == 0


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Then there is no limit of memory."""
    monkeypatch.setattr(memory, "_PROC", tmp_path)
    assert memory_of(os.getpid()) == 0
    assert memory._proportional(os.getpid()) == 0
