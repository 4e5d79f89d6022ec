"""A build leaves the work tree as it was: interrupted, beside another one, and where nothing may be written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.files.backends import BACKENDS, DYNAMIC, PACKAGE, git, setuptools, write_repository
from tests.support.files.wheels import unpacked
from tests.support.nobody import without_rights_over_modes
from tests.support.patience import PATIENCE, wait_until

pytestmark = pytest.mark.integration

WAIT = f"""
    import os, pathlib, time
    def meet():
        marks = pathlib.Path(os.environ["MARKS"])
        (marks / os.environ["MARK"]).write_text(str(os.getpid()))
        end = time.monotonic() + {PATIENCE}
        while len(list(marks.iterdir())) < 2 and time.monotonic() < end:
            time.sleep(0.01)
""".replace("\n    ", "\n")
HOOK = f"""{WAIT}
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        made = pathlib.Path(self.root, "src/pkg/made.txt")
        made.write_text(os.environ["MARK"])
        meet()
        assert made.read_text() == os.environ["MARK"]
        build_data["artifacts"].append("src/pkg/made.txt")
"""
PROJECTS = {
    "in a copy": {**BACKENDS["hatchling-hook"], "hatch_build.py": HOOK},
    # setuptools runs a module whose version is no literal, after it has begun to write.
    "in place": {
        "pyproject.toml": setuptools(
            '[tool.setuptools.dynamic]\nversion = { attr = "pkg.version.text" }\n', version=DYNAMIC
        ),
        **PACKAGE,
        "src/pkg/version.py": f"{WAIT}\nmeet()\ntext = str(1)\n",
    },
}


def start(project: Path, folder: Path, mark: str) -> subprocess.Popen[str]:
    """Start the command line's build of a source zip; `folder` holds its temporary files, and its result."""
    (folder / "tmp" / mark).mkdir(parents=True)
    (folder / "marks").mkdir(exist_ok=True)
    own = {"MARKS": str(folder / "marks"), "MARK": mark, "TMPDIR": str(folder / "tmp" / mark)}
    command = ["build", "--source", f"--out={folder / mark}", str(project)]
    return subprocess.Popen(
        [sys.executable, "-m", "constructs_lib", *command],
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=without_rights_over_modes,  # noqa: PLW1509 - no thread runs here
    )


def wait_for(path: Path) -> str:
    wait_until(lambda: path.exists() and path.read_text(), f"{path} is written")
    return path.read_text()


def has_ended(pid: int) -> bool:
    """Return whether a process is gone, or a zombie that nobody here can collect."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", PROJECTS)
def test_an_interrupted_build(name: str, number: signal.Signals, tmp_path: Path) -> None:
    """Neither a file in the work tree, nor a temporary one, nor a backend that works on."""
    project = write_repository(tmp_path / "repo", PROJECTS[name])
    before = git(project, "status", "--porcelain", "--ignored")
    build = start(project, tmp_path, "one")
    backend = int(wait_for(tmp_path / "marks" / "one"))
    build.send_signal(number)
    _, errors = build.communicate(timeout=PATIENCE)
    assert build.returncode not in (0, None), errors
    assert "Traceback" not in errors
    wait_until(lambda: has_ended(backend), "the backend has ended")
    assert git(project, "status", "--porcelain", "--ignored") == before
    assert list((tmp_path / "tmp" / "one").iterdir()) == []
    assert not (tmp_path / "one").exists() or list((tmp_path / "one").iterdir()) == []


@pytest.mark.parametrize("name", PROJECTS)
def test_two_builds_at_once(name: str, tmp_path: Path) -> None:
    """Each waits for the other in the middle of its work, and finds what it wrote itself."""
    project = write_repository(tmp_path / "repo", PROJECTS[name])
    before = git(project, "status", "--porcelain", "--ignored")
    builds = [start(project, tmp_path, mark) for mark in ("one", "two")]
    for build, mark in zip(builds, ("one", "two"), strict=True):
        _, errors = build.communicate(timeout=PATIENCE)
        assert build.returncode == 0, errors
        [archive] = (tmp_path / mark).glob("*.zip")
        files = unpacked(archive)
        assert files["pkg/mod.py"][0] == b"y = 2\n"
        assert name == "in place" or files["pkg/made.txt"][0] == mark.encode()
    assert git(project, "status", "--porcelain", "--ignored") == before


@pytest.mark.parametrize(
    "name", ["setuptools", "setup-py", "hatch-vcs", "pdm-scm", "poetry-dynamic-versioning"]
)
def test_a_read_only_tree(name: str, tmp_path: Path) -> None:
    """Built in place and in a copy, by somebody who may not write there; the copy may be written."""
    project = write_repository(tmp_path / "repo", BACKENDS[name])
    paths = [path for path in (tmp_path / "repo", *(tmp_path / "repo").rglob("*")) if not path.is_symlink()]
    modes = {path: path.stat().st_mode for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    before = {path: path.stat().st_mtime_ns for path in paths}
    try:
        build = start(project, tmp_path, "one")
        _, errors = build.communicate(timeout=PATIENCE)
        assert build.returncode == 0, errors
        assert {
            path: path.stat().st_mtime_ns for path in (tmp_path / "repo", *(tmp_path / "repo").rglob("*"))
        } == before
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert {"pkg/__init__.py", "pkg/mod.py"} <= unpacked(tmp_path / "one" / "source.zip").keys()
    assert list((tmp_path / "tmp" / "one").iterdir()) == []
