"""The documentation's examples run, and its commands exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.files.projects import make_project

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _examples() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for number, block in enumerate(_BLOCK.findall(page.read_text()), 1):
            found.append((f"{page.relative_to(ROOT)} {number}", block))
    return found


EXAMPLES = _examples()


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the examples assume it: with a locked project `greeter`."""
    folder = tmp_path_factory.mktemp("examples")
    make_project(folder / "greeter")
    return folder


@pytest.mark.parametrize("code", [code for _, code in EXAMPLES], ids=[name for name, _ in EXAMPLES])
def test_every_python_example_runs(code: str, workplace: Path) -> None:
    """Each example works as it is printed, in a program of its own."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(
        program, cwd=workplace, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_there_are_examples() -> None:
    """The pattern above finds them: README, guide and reference each have some."""
    assert len(EXAMPLES) >= 6


def test_every_make_target_that_is_named_exists() -> None:
    """No page tells people to run a target that the Makefile does not have."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word for page in PAGES for word in re.findall(r"\bmake ([a-z]+)\b(?= *[`#\n])", page.read_text())
    }
    assert named
    assert named <= targets, named - targets
