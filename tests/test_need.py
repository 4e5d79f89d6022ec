"""What a machine cannot run is never left out in silence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = """\
import pytest

@pytest.mark.browser
def test_that_needs_one(): pass

def test_that_needs_nothing(): pass
"""


def run(folder: Path, *options: str, **environment: str) -> str:
    """Run pytest as on a machine without a browser; return its output."""
    (folder / "test_page.py").write_text(TESTS)
    plugins = "-p xdist -p tests.support.browser -p no:cacheprovider"
    (folder / "pytest.ini").write_text(f"[pytest]\naddopts = {plugins}\n")
    known = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "HOME": str(folder),
        "PATH": str(folder),
        "PYTHONPATH": str(ROOT),
        **environment,
    }
    command = [sys.executable, "-m", "pytest", *options]
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("processes", [0, 2])
def test_the_summary_says_what_was_left_out(tmp_path: Path, processes: int) -> None:
    """In one process and in several, of which only the first has a summary."""
    said = run(tmp_path, f"--numprocesses={processes}")
    assert "browser tests did NOT run" in said
    assert "1 tests that need a browser were deselected: there is no chromium on PATH" in said


@pytest.mark.parametrize("variable", ["CI", "BROWSER_TESTS"])
def test_where_they_are_required_they_run(tmp_path: Path, variable: str) -> None:
    """In CI a browser that is missing is a failure of the tests that open one."""
    assert "2 passed" in run(tmp_path, **{variable: "required"})
