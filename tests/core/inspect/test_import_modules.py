"""The script that imports modules: one line of JSON for each, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from constructs_lib.core.inspect import import_modules

if TYPE_CHECKING:
    from pathlib import Path


def lines_of(folder: Path, log: Path, *modules: str) -> list[list[object]]:
    names = folder / "names"
    names.write_text("\n".join(modules))
    command = [sys.executable, "-I", "-S", import_modules.__file__, str(folder), str(log), str(names)]
    subprocess.run(command, check=True)
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize(
    ("code", "error", "missing"),
    [
        ("x = 1", "", []),
        ("import absent_one.part", "ModuleNotFoundError: No module named 'absent_one'", ["absent_one"]),
        (
            "try:\n    import absent_one\nexcept ImportError as error:\n    raise RuntimeError('no') from error",
            "RuntimeError: no",
            ["absent_one"],
        ),
        ("raise SystemExit(3)", "SystemExit: 3", []),
        ("1 / 0", "ZeroDivisionError: division by zero", []),
    ],
    ids=["fine", "missing", "missing below another error", "exit", "error"],
)
def test_an_import_has_its_error_and_the_modules_it_missed(
    tmp_path: Path, code: str, error: str, missing: list[str]
) -> None:
    """Also a module that ends the interpreter has its line, and the next one is imported."""
    (tmp_path / "first.py").write_text(code)
    (tmp_path / "second.py").write_text("")
    lines = lines_of(tmp_path, tmp_path / "log", "first", "second")
    assert lines == [["first", error, missing], ["second", "", []]]


def test_a_thread_of_a_module_does_not_keep_the_process_alive(tmp_path: Path) -> None:
    """Nor does an exit hook run."""
    (tmp_path / "busy.py").write_text(
        "import atexit, threading\n"
        "atexit.register(lambda: open('hook', 'w'))\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
    )
    assert lines_of(tmp_path, tmp_path / "log", "busy") == [["busy", "", []]]
    assert not (tmp_path / "hook").exists()
